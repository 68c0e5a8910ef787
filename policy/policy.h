/* policy.h - the retry policy: what the CURLRETRY_ variables say.
 *
 * Pure C: no libcurl handle, no I/O, no clock, no global state. One struct
 * holds the parsed policy; it is constant once policy_parse() filled it, so
 * any number of threads may read it.
 */
#ifndef CURLRETRY_POLICY_H
#define CURLRETRY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kind of failure (design: "class"). CLASS_FINAL is never retried. */
enum retry_class {
  CLASS_FINAL,
  CLASS_DNS,
  CLASS_CONNECT,
  CLASS_TLS,
  CLASS_TIMEOUT,
  CLASS_RESET,
  CLASS_PARTIAL,
  CLASS_STATUS,
  CLASS_COUNT
};

enum backoff_shape { BACKOFF_EXPONENTIAL, BACKOFF_LINEAR, BACKOFF_CONSTANT };
enum jitter_kind { JITTER_EQUAL, JITTER_FULL, JITTER_NONE };
enum timeout_scope { SCOPE_CALL, SCOPE_ATTEMPT };
enum budget_scope { BUDGET_OF_PROCESS, BUDGET_OF_USER };
enum fresh_connect { FRESH_AUTO, FRESH_ALWAYS, FRESH_NEVER };
enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_NOWHERE, LOG_TO_FILE };
enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };
enum log_format { FORMAT_TEXT, FORMAT_JSON };

/* A time or an amount without a bound. */
#define POLICY_UNLIMITED INT64_MAX

#define POLICY_STATUS_MIN 400
#define POLICY_STATUS_MAX 999
#define POLICY_CODE_COUNT 128 /* CURLcodes a policy can name: 1 to 127 */
#define POLICY_LIST_SIZE 1024 /* longest METHODS, HOSTS, PROGRAMS text + 1 */
#define POLICY_PATH_SIZE 1024 /* longest LOG or TRACE path + 1 */
#define POLICY_NAME_SIZE 128  /* longest ATTEMPT_HEADER + 1 */

/* What ON selects: one bit a CURLcode, one bit a status. */
struct retry_set {
  uint8_t codes[POLICY_CODE_COUNT / 8];
  uint8_t statuses[(POLICY_STATUS_MAX + 8) / 8];
  bool ftp_permanent; /* FTP 5yz replies too: only ON=all asks for that */
};

/* A failure on purpose (design: "Faults"). */
enum fault_kind {
  FAULT_NONE,
  FAULT_STATUS, /* an answer of that status */
  FAULT_DNS,
  FAULT_CONNECT,
  FAULT_TLS,
  FAULT_TIMEOUT,
  FAULT_RESET,
  FAULT_PARTIAL,
  FAULT_DELAY /* a wait, no failure */
};

#define POLICY_FAULTS_MAX 16
#define POLICY_SHARE_ALL 1000000 /* a share of all attempts, per million */

/* One entry of FAULTS. */
struct fault_rule {
  enum fault_kind kind;
  int status;
  unsigned first;   /* attempts of each call; 0: all */
  unsigned share;   /* per million */
  int64_t after;    /* body bytes before it; -1: nothing is sent */
  int64_t delay_ms; /* of FAULT_DELAY */
};

/* What FAULTS and FAULTS_SEED say. */
struct faults {
  unsigned count; /* 0: none */
  struct fault_rule rules[POLICY_FAULTS_MAX];
};

struct policy {
  unsigned max_retries; /* attempts after the first; 0: pass through, unless
                           there are faults */
  struct retry_set on;
  char methods[POLICY_LIST_SIZE]; /* the validated list */
  enum backoff_shape backoff;
  int64_t base_delay_ms;
  int64_t max_delay_ms; /* POLICY_UNLIMITED: none */
  enum jitter_kind jitter;
  int64_t retry_after_ms; /* 0: the header is ignored */
  int64_t max_time_ms;    /* POLICY_UNLIMITED: none */
  enum timeout_scope timeout_scope;
  int64_t stall_timeout_ms;       /* POLICY_UNLIMITED: none */
  int budget;                     /* tokens per origin; 0: no budget is kept */
  enum budget_scope budget_scope; /* whose they are */
  int64_t hold_bytes;             /* 0: nothing is held */
  int64_t hold_time_ms;           /* POLICY_UNLIMITED: no time limit */
  bool resume;
  int64_t snapshot_memory; /* bytes; 0: none is kept */
  int64_t snapshot_disk;   /* bytes; 0: none is kept */
  int64_t drain_bytes;     /* 0: a discarded body is not read */
  enum fresh_connect fresh_connect;
  bool close_idle;
  char attempt_header[POLICY_NAME_SIZE]; /* "": none */
  char hosts[POLICY_LIST_SIZE];          /* globs, lower case */
  char programs[POLICY_LIST_SIZE];       /* globs */
  bool multi; /* transfers of the multi interface are retried too */
  struct faults faults;
  int64_t faults_seed; /* -1: none */
  bool keep_deepbind;
  bool disable;
  bool dry_run;
  enum log_target log_target;
  char log_path[POLICY_PATH_SIZE]; /* for LOG_TO_FILE */
  enum log_level log_level;
  enum log_format log_format;
  char trace_path[POLICY_PATH_SIZE]; /* "": none */
};

/* The longest message policy_parse() writes, its final zero included. */
#define POLICY_MESSAGE_SIZE 512

/* Fill `policy` with the contract's defaults. */
void policy_defaults(struct policy *policy);

/* Parse the variables of the contract.
 *
 * `entries` are `count` environment entries, "CURLRETRY_NAME=value" each;
 * a name given twice: the first counts, as in getenv(3). An empty value
 * means the default.
 *
 * Returns true and fills `policy`; or false, with one line in `message`
 * (no newline, at most POLICY_MESSAGE_SIZE bytes) that names the variable,
 * the value and what is accepted. `policy` then holds the defaults.
 * Source: design.md, "Contract: environment variables". */
bool policy_parse(struct policy *policy, const char *const *entries,
                  size_t count, char *message);

/* Whether the glob list `list` (PROGRAMS) selects `name`; comma
 * separated, `!` negates, later entries win; a list that begins with a
 * negation starts from "everything". `*` and `?` are the wildcards.
 * `name` is compared as it is. */
bool policy_glob(const char *list, const char *name);

/* The same for HOSTS: an entry matches the host, in lower case and without
 * brackets, or host and port: `a.test`, `a.test:8080`, `[::1]:8080`. */
bool policy_glob_host(const char *list, const char *host, const char *port);

/* One line for every variable: "NAME", its default, what is accepted.
 * For --help and README checks: it stands in variables.c, which only tools
 * link. `name` is NULL at the end of the table; `count` may be NULL. */
struct policy_variable {
  const char *name;    /* without the prefix */
  const char *initial; /* default, as text; "" for none */
  const char *accepts; /* one phrase */
  const char *meaning; /* one phrase */
};
const struct policy_variable *policy_variables(size_t *count);

#endif

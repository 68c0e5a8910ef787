/* setup.h - what the shim's test programs share: the environment they need,
 * the proof that the shim is live, the faulty server and its log.
 *
 * The shim reads its environment when it is loaded, so each program runs
 * itself again with its policy set, in a folder of its own. The runner sets
 * LD_PRELOAD (absolute paths) and, for valgrind, --trace-children=yes.
 */
#ifndef CURLRETRY_SHIM_SETUP_H
#define CURLRETRY_SHIM_SETUP_H

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>

/* No type checks: tests pass what programs without them pass. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct setup {
  const char *const *policy; /* "CURLRETRY_BASE_DELAY=5ms", ..., NULL */
  int (*tests)(void);        /* the cmocka groups; returns failures */
  void (*child)(const char *name, FILE *out); /* see run_child(); or NULL */
};

/* main() of every test program. The exit status; not zero when the shim is
 * not live or the server did not start. */
int setup_main(int argc, char **argv, const struct setup *setup);

/* A child's environment. */
enum child_kind {
  CHILD_SHIMMED,
  CHILD_UNSHIMMED /* without libcurlretry.so in LD_PRELOAD */
};

/* Runs this program again and there setup->child(name, stdout). The policy is
 * `policy` (NULL-terminated) alone. Returns what it printed, owned by the
 * caller; `*errors` (may be NULL) gets its stderr, owned by the caller too.
 * The test fails when the child doesn't exit with 0. Its server is the same,
 * its keys are its own. */
char *run_child(enum child_kind kind, const char *name,
                const char *const *policy, char **errors);

/* The same for many, `at_once` of them at a time (at most CHILDREN_MAX); how
 * they ended is theirs to say. */
#define CHILDREN_MAX 16

struct child {
  enum child_kind kind;
  const char *name;
  const char *const *policy;
  char *printed, *errors; /* owned by the caller afterwards */
  int status;             /* waitpid()'s */

  /* run_children()'s own */
  int pid;      /* 0: it doesn't run */
  int files[2]; /* its stdout and stderr; -1: closed */
};
void run_children(struct child *children, size_t count, size_t at_once);

/* Children with and without the shim print the same. */
void assert_as_unshimmed(const char *name);

/* "http://127.0.0.1:PORT/KEY/PLAN". Keys are made unique per process. */
struct url {
  char text[1024];
};
struct url url_of(const char *key, const char *plan);

/* The same for a port nobody listens on. */
struct url url_refused(void);

/* A request as the server saw it. */
struct seen {
  char method[16];
  unsigned connection; /* from 1 */
  unsigned request;    /* on that connection, from 1 */
  long long length;    /* of the body */
  char hash[80];       /* its SHA-256 */
  bool is_whole;       /* the body came whole */
  int status;          /* of the answer; 0: none */
  long long sent;      /* body bytes of the answer */
  long long time_ms;   /* monotonic, when the headers had come */
};

/* The first `max` requests for a key; returns how many there were. */
size_t server_saw(const char *key, struct seen *seen, size_t max);

/* How many requests came for a key. */
size_t server_count(const char *key);

/* The value of a header in request `index` (from 0) for a key; "" when it is
 * absent. `value` has room for `size` bytes. */
void server_header(const char *key, size_t index, const char *name,
                   char *value, size_t size);

/* SHA-256 of bytes, by the server: sent to it over a plain socket. */
struct hash {
  char text[80];
};
struct hash hash_of(const void *bytes, size_t length);

/* How many of the shim's log lines since log_forget() contain `text`. */
size_t log_count(const char *text);
void log_forget(void);

/* Milliseconds of the monotonic clock. */
long long now_ms(void);

/* How much longer things may take under valgrind and the sanitizers; 1:
 * neither is at work. */
int patience(void);

/* Open descriptors, the one that counts them too. */
int count_descriptors(void);
bool is_under_valgrind(void);

/* Whether libcurl is of that version (0x075801) or later, and before another
 * one. */
bool is_libcurl(unsigned from, unsigned before);

/* Stores a plan at the server, for a key as it is in URLs. */
void server_plan(const char *whole_key, const char *plan);

/* A handle for a planned URL; the body goes to nowhere. */
CURL *handle_for(const char *key, const char *plan);

/* A write or header callback that takes everything. */
size_t take_all(char *bytes, size_t size, size_t count, void *data);

#endif

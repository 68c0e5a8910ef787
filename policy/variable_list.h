/* variable_list.h - the contract's variables, one VARIABLE() each.
 *
 * No include guard: an includer defines VARIABLE and includes this once for
 * every table it makes of it. The one place of every default and of every
 * "accepted" phrase (design.md, "Contract: environment variables").
 *
 * VARIABLE(name, kind, member of struct policy, words, default, accepted,
 *          meaning)
 *
 * `words` of a FIELD_WORD are in the order of its enum; those of a FIELD_FLAG
 * alternate between no and yes.
 */
#define FLAG_WORDS "0|1|off|on|no|yes|false|true"
#define ACCEPTS_FLAG "0 or 1 (or off/on, no/yes, false/true)"
#define ACCEPTS_DURATION                                                      \
  "a duration up to 365 days such as 250ms, 1.5s, 2m, 1h, 1m30s or 30 "       \
  "(seconds), or off"
#define ACCEPTS_SIZE                                                          \
  "a size up to 1048576G such as 65536 (bytes), 64K, 1.5M or 2G, or off"

VARIABLE(MAX_RETRIES, FIELD_RETRIES, max_retries, "", "3",
         "a whole number from 0 to 1000, or off", "attempts after the first")
VARIABLE(ON, FIELD_ON, on, "", "default",
         "dns, connect, tls, timeout, reset, partial, status, a status from "
         "400 to 999 (503, 520-527, 5xx), a CURLcode (curl:56) but those that "
         "are never retried (curl:60), default, all, none; ! negates",
         "which failures are retried")
VARIABLE(METHODS, FIELD_METHODS, methods, "", "idempotent",
         "idempotent, all or request methods such as GET,POST, each also for "
         "statuses (POST:429+503), for URLs without query "
         "(POST@https://host/path*) or both (POST:503@GLOB); ! negates",
         "which requests may be sent again")
VARIABLE(BACKOFF, FIELD_WORD, backoff, "exponential|linear|constant",
         "exponential", "exponential, linear or constant",
         "how the delays grow")
VARIABLE(BASE_DELAY, FIELD_AMOUNT_MS, base_delay_ms, "", "1s",
         ACCEPTS_DURATION, "the first delay")
VARIABLE(MAX_DELAY, FIELD_BOUND_MS, max_delay_ms, "", "30s", ACCEPTS_DURATION,
         "the longest delay")
VARIABLE(JITTER, FIELD_WORD, jitter, "equal|full|none", "equal",
         "equal, full or none",
         "how much of a delay d is random: equal d/2..d, full 0..d")
VARIABLE(RETRY_AFTER, FIELD_AMOUNT_MS, retry_after_ms, "", "60s",
         ACCEPTS_DURATION,
         "the longest Retry-After that is waited out; off ignores the header")
VARIABLE(MAX_TIME, FIELD_BOUND_MS, max_time_ms, "", "2m", ACCEPTS_DURATION,
         "no retry later than this after the call began or last moved a byte")
VARIABLE(TIMEOUT_SCOPE, FIELD_WORD, timeout_scope, "call|attempt", "call",
         "call or attempt",
         "what the program's own CURLOPT_TIMEOUT is a promise about")
VARIABLE(STALL_TIMEOUT, FIELD_BOUND_MS, stall_timeout_ms, "", "off",
         ACCEPTS_DURATION,
         "an attempt without a byte sent or received for so long is ended")
VARIABLE(BUDGET, FIELD_BUDGET, budget, "", "100",
         "a whole number from 0 to 1000000, or off",
         "retry tokens for each origin; a retry costs 5, after a timeout 10")
VARIABLE(BUDGET_SCOPE, FIELD_WORD, budget_scope, "process|user", "process",
         "process or user",
         "whose tokens: each process's own, or all processes' of the user")
VARIABLE(HOLD_BYTES, FIELD_SIZE, hold_bytes, "", "1M", ACCEPTS_SIZE,
         "how much of a response's body is held back")
VARIABLE(HOLD_TIME, FIELD_BOUND_MS, hold_time_ms, "", "1s", ACCEPTS_DURATION,
         "how long a response is held back after its headers")
VARIABLE(RESUME, FIELD_FLAG, resume, "off|auto|0|auto", "auto", "auto or off",
         "whether a broken body is continued by a later attempt")
VARIABLE(SNAPSHOT_MEMORY, FIELD_SIZE, snapshot_memory, "", "1M", ACCEPTS_SIZE,
         "how much of an upload is kept in memory")
VARIABLE(SNAPSHOT_DISK, FIELD_SIZE, snapshot_disk, "", "256M", ACCEPTS_SIZE,
         "how much more of an upload is kept in a temporary file")
VARIABLE(DRAIN_BYTES, FIELD_SIZE, drain_bytes, "", "64K", ACCEPTS_SIZE,
         "how much of a discarded response is read to keep its connection")
VARIABLE(FRESH_CONNECT, FIELD_WORD, fresh_connect, "auto|always|never", "auto",
         "auto, always or never", "whether a retry makes a new connection")
VARIABLE(CLOSE_IDLE, FIELD_FLAG, close_idle, FLAG_WORDS, "0", ACCEPTS_FLAG,
         "whether connections made by retries are closed afterwards")
VARIABLE(ATTEMPT_HEADER, FIELD_HEADER, attempt_header, "", "",
         "the name of a request header nobody else sets, up to 127 "
         "characters, or off",
         "the request header that carries the attempt's number on retries")
VARIABLE(HOSTS, FIELD_HOSTS, hosts, "", "*",
         "host names, also with a port (a.test:8080, [::1]:8080), * and ? are "
         "wildcards; ! negates",
         "the hosts whose requests are retried")
VARIABLE(PROGRAMS, FIELD_PROGRAMS, programs, "", "*",
         "programs' file names without directory, * and ? are wildcards; "
         "! negates",
         "the programs whose requests are retried")
VARIABLE(MULTI, FIELD_FLAG, multi, FLAG_WORDS, "1", ACCEPTS_FLAG,
         "whether transfers of the multi interface are retried too")
VARIABLE(
    FAULTS, FIELD_FAULTS, faults, "", "",
    "up to 16 of 400-599, dns, connect, tls, timeout, reset, partial, "
    "reset@20K (after so much of the body) or delay=2s, each with a share "
    "(503:0.5%) or for the first attempts (503:first=2); ! negates",
    "failures to inject, for testing a program")
VARIABLE(FAULTS_SEED, FIELD_SEED, faults_seed, "none|off", "none",
         "a whole number below 2^60, or none",
         "the faults are the same in each run with the same number")
VARIABLE(KEEP_DEEPBIND, FIELD_FLAG, keep_deepbind, FLAG_WORDS, "0",
         ACCEPTS_FLAG, "whether dlopen's RTLD_DEEPBIND is left alone")
VARIABLE(DISABLE, FIELD_FLAG, disable, FLAG_WORDS, "0", ACCEPTS_FLAG,
         "pass everything through")
VARIABLE(DRY_RUN, FIELD_FLAG, dry_run, FLAG_WORDS, "0", ACCEPTS_FLAG,
         "hold, judge and log as usual, but retry nothing")
VARIABLE(LOG, FIELD_LOG, log_target, "", "stderr",
         "off, stderr, syslog or a file's path with a / in it, up to 1023 "
         "characters",
         "where the log goes")
VARIABLE(LOG_LEVEL, FIELD_WORD, log_level, "error|warn|info|debug", "warn",
         "error, warn, info or debug", "how much is logged")
VARIABLE(LOG_FORMAT, FIELD_WORD, log_format, "text|json", "text",
         "text or json", "how a log line looks")
VARIABLE(TRACE, FIELD_TRACE, trace_path, "", "off",
         "off or a file's path with a / in it, up to 1023 characters",
         "the file every call and attempt is written to, for curlretry "
         "--report")

#undef FLAG_WORDS
#undef ACCEPTS_FLAG
#undef ACCEPTS_DURATION
#undef ACCEPTS_SIZE

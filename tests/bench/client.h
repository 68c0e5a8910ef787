/* What the bench client's files share. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/* What one run measured; printed as one JSON object. */
struct result {
  int64_t wall_ns;       /* of the measured requests, warm-up left out */
  int64_t cpu_ns;        /* user and system time of the same */
  int64_t first_byte_ns; /* of the last request: perform to write callback */
  int64_t bytes;         /* body bytes received */
  int64_t header_lines;  /* those the header callback got, where it's set */
  int64_t drives;        /* of a multi handle: calls that drove it */
  long idle_kib;         /* `memory`: growth by handles that only exist */
  long used_kib;         /* `memory`: growth by handles that made a call */
};

struct clock {
  int64_t wall, cpu;
};

struct clock clock_now(void);
void clock_since(struct clock start, struct result *result);
long memory_kib(const char *name); /* VmRSS or VmHWM */

/* A handle for GETs whose bytes are only counted into `result`. */
CURL *new_handle(const char *url, struct result *result);
/* As most programs do: each call brings its URL and its two callbacks. */
void set_anew(CURL *curl, const char *url, struct result *result);
void perform(CURL *curl); /* ends the program unless it gets a 2xx */
void check(CURL *curl, CURLcode code); /* the same, performed elsewhere */

void run_threads(const char *url, int count, int threads);
void run_handles(const char *url, int count, int handles,
                 struct result *result);
void run_memory(const char *url, int handles, struct result *result);
bool run_setopt(const char *url, int count, const char *name,
                struct result *result); /* false: no such option */
bool run_multi(const char *loop, const char *url, int count, int handles,
               struct result *result); /* false: no such loop */

#endif

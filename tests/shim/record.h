/* record.h - what a program's callbacks get, as text that two runs can be
 * compared by: the events in order, each with what getinfo said then. */
#ifndef CURLRETRY_SHIM_RECORD_H
#define CURLRETRY_SHIM_RECORD_H

#include "setup.h"

struct record {
  CURL *curl;
  FILE *out;
  char error[CURL_ERROR_SIZE];
  /* the body run at hand: pieces may be cut elsewhere in another run */
  long long run;       /* bytes of it */
  long long delivered; /* body bytes of this response */
  unsigned hash;       /* FNV-1a */
  long status;
  char url[256];
  bool is_open;
};

/* A handle whose header and write callbacks write into `out`. */
void record_begin(struct record *record, const char *key, const char *plan,
                  FILE *out);

/* Perform, write the result, clean up. */
void record_end(struct record *record);

/* Write the result of a transfer that was performed otherwise. */
void record_result(struct record *record, CURLcode code);

/* A section "== name" of a trace; "" when it is absent. Caller frees. */
char *record_section(const char *trace, const char *name);

/* The test fails at the first line that differs, and says which. */
void record_assert_same(const char *shimmed, const char *unshimmed);

#endif

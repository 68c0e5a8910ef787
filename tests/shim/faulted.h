/* faulted.h - what a program sees of a transfer that fails on purpose, or
 * really: as text that can be compared.
 */
#ifndef CURLRETRY_SHIM_FAULTED_H
#define CURLRETRY_SHIM_FAULTED_H

#include "setup.h"

#define GOOD "200:size=1000:seed=s"

struct faulted {
  CURL *curl;
  FILE *out;
  long long body;
  char error[CURL_ERROR_SIZE];
};

/* Its callbacks write into `out`: status lines and ends of blocks, with what
 * getinfo says then. */
void faulted_begin(struct faulted *faulted, CURL *curl, FILE *out);

/* CURLINFO_SCHEME in capitals, as up to 8.6; "-": another one. */
const char *faulted_scheme(const char *scheme);

/* Perform, and write what came of it. */
CURLcode faulted_end(struct faulted *faulted);

/* What the child `name` prints under these FAULTS and, if not NULL, another
 * variable; run_child() otherwise. */
char *faulted_run(const char *faults, const char *more, const char *name,
                  char **errors);

/* An upload of 3,000,000 bytes that can't be rewound; a POST. */
void faulted_put(CURL *curl);
void faulted_post(CURL *curl);

#endif

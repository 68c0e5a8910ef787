/* info.h - what curl_easy_getinfo() must answer when libcurl's own answer is
 * of another moment: an earlier hop while its headers are delivered, or the
 * kept outcome after a later attempt failed to begin.
 */
#ifndef CURLRETRY_INFO_H
#define CURLRETRY_INFO_H

#include "libcurl/headers.h"
#include "libcurl/library.h"

#include <stddef.h>
#include <stdint.h>

#define INFO_MAX 96 /* values captured */
#define INFO_ERROR_SIZE CURL_ERROR_SIZE

struct info_value {
  CURLINFO id;
  union {
    long number;
    double real;
    curl_off_t offset;
    const char *text; /* into `text`; NULL: none */
  } as;
};

/* A captured set of values. */
struct info {
  size_t count;
  struct info_value values[INFO_MAX];
  size_t text_used;
  size_t text_size;
  char *text; /* owned */
  char error[INFO_ERROR_SIZE];
  struct headers headers;
};

/* Capture what `curl` answers now, and `error_buffer` (may be NULL). False:
 * not all of it, for lack of memory. */
bool info_capture(struct info *info, const struct library *library, CURL *curl,
                  const char *error_buffer);

/* The same on the way to the answer, as long as the transfer goes on; see
 * headers_pin(). */
int info_capture_way(struct info *info, const struct library *library,
                     CURL *curl, int requests);

/* Free a captured set made by calloc(); NULL is allowed. */
void info_free(struct info *info);

/* Answer `id` from a captured set into `answer` (curl_easy_getinfo's third
 * argument). False: not captured; ask libcurl. */
bool info_answer(const struct info *info, CURLINFO id, void *answer);

/* From now on the captured status is this one. */
void info_set_status(struct info *info, long status);

/* Put right what libcurl answered to `id`, or all that was captured: the
 * transfer was of `url`, which is https and must outlive it, and plain HTTP to
 * libcurl. */
void info_correct(const char *url, CURLINFO id, void *answer);
void info_correct_all(struct info *info, const char *url);

/* Answer `id` after a resume: what belongs to the response the program saw.
 * False: ask libcurl. `delivered`: the body bytes the program has; -1: libcurl
 * knows. */
bool info_first_answer(const struct info *first, CURLINFO id,
                       int64_t delivered, void *answer);

/* The getinfo view of an earlier hop: what differs from now. */
struct info_view {
  long status;
  const char *url;    /* owned by the response; NULL: as now */
  const char *scheme; /* static text of libcurl's; NULL: as now */
  bool has_status;
  bool is_header; /* sizes and speeds are 0 while headers are delivered */
};

/* Answer `id` from a view. False: ask libcurl. */
bool info_view_answer(const struct info_view *view, CURLINFO id, void *answer);

#endif

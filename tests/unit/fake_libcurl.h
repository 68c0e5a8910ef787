/* fake_libcurl.h - a libcurl without network for the engine's tests: it keeps
 * the options, answers getinfo as it is told, and calls the callbacks that are
 * on its handle when a test plays a transfer. The handle may be copied once.
 */
#ifndef CURLRETRY_FAKE_LIBCURL_H
#define CURLRETRY_FAKE_LIBCURL_H

#include "unit_test.h"

#include "libcurl/library.h"

/* Options of a handle; an option without an entry has libcurl's default. */
struct options {
  size_t count;
  struct option {
    CURLoption id;
    void *word; /* numbers too */
    char range[64];
  } list[64];
};

void options_put(struct options *options, CURLoption option, void *word);

/* What is set: a number, a pointer; of RANGE its text, "" for none. */
long options_number(const struct options *options, CURLoption option);
void *options_pointer(const struct options *options, CURLoption option);
const char *options_range(const struct options *options);

/* Whether libcurl's own progress meter would be drawn to its end. */
bool options_has_meter(const struct options *options);

/* The first option that is another one in `b`; 0: they are the same. */
CURLoption options_difference(const struct options *a,
                              const struct options *b);

struct fake_libcurl {
  struct library library; /* what the engine gets */
  char handle;            /* its address is the CURL's */
  char copy;              /* the same of curl_easy_duphandle()'s */
  struct options options;
  struct options options_of_copy;
  struct answer_now { /* of getinfo */
    CURLINFO id;
    int64_t word;
  } answers[32];
  size_t answer_count;
  CURLcode refused; /* a callback ended the transfer: what it comes to */
  unsigned pauses;  /* curl_easy_pause() */
  int pause_action; /* of the last */
  char sent[512];   /* what the read callback gave in this transfer */
};

extern struct fake_libcurl libcurl;

/* A new handle of that version. */
void libcurl_begin(unsigned version);

/* From now on getinfo says so. */
void libcurl_says(CURLINFO id, int64_t number);
void libcurl_says_text(CURLINFO id, const char *text);

/* The real transfer, step by step. Those that call a callback return what it
 * did. */
void libcurl_performs(void);
int libcurl_prerequest(void);
size_t libcurl_header(const char *line); /* its line end is added */
size_t libcurl_body(const char *bytes, size_t length);
size_t libcurl_read(size_t most);
int libcurl_seek(curl_off_t offset);

/* The progress callback, if there is one and it is asked for. */
int libcurl_progress(curl_off_t total, curl_off_t now);

#endif

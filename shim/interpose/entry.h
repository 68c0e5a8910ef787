/* entry.h - what each interposed function does, whoever called it how.
 *
 * Every function takes where it was entered, then what the libcurl function
 * of its name takes, and returns what that returns.
 */
#ifndef CURLRETRY_ENTRY_H
#define CURLRETRY_ENTRY_H

#include "libcurl/library.h"

/* `library` when our stub for one libcurl was called (dlsym gave it out),
 * else NULL: then the return address leads to the libcurl that the caller
 * would reach without us. */
struct entrance {
  const struct library *library;
  const void *caller;
  const void *frame; /* of the interposed function: where on the stack */
};

CURL *entry_easy_init(struct entrance from);
void entry_easy_cleanup(struct entrance from, CURL *curl);
void entry_easy_reset(struct entrance from, CURL *curl);
CURL *entry_easy_duphandle(struct entrance from, CURL *curl);
CURLcode entry_easy_setopt(struct entrance from, CURL *curl, CURLoption option,
                           void *argument);
CURLcode entry_easy_getinfo(struct entrance from, CURL *curl, CURLINFO id,
                            void *answer);
CURLHcode entry_easy_header(struct entrance from, CURL *curl, const char *name,
                            size_t index, unsigned origin, int request,
                            struct curl_header **found);
struct curl_header *entry_easy_nextheader(struct entrance from, CURL *curl,
                                          unsigned origin, int request,
                                          struct curl_header *previous);
CURLcode entry_easy_pause(struct entrance from, CURL *curl, int action);
CURLcode entry_easy_perform(struct entrance from, CURL *curl);
CURLMcode entry_multi_add_handle(struct entrance from, CURLM *multi,
                                 CURL *curl);

#endif

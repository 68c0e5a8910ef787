/* entry.h - what each interposed function does, whoever called it how.
 *
 * Every function takes where it was entered: `library` when our stub for
 * one libcurl was called (dlsym gave it out), else NULL and the `caller`'s
 * return address, which leads to the libcurl it would reach without us.
 */
#ifndef CURLRETRY_ENTRY_H
#define CURLRETRY_ENTRY_H

#include "program/shadow.h"

struct entrance {
  const struct library *library;
  const void *caller;
};

CURL *entry_init(struct entrance from);
void entry_cleanup(struct entrance from, CURL *curl);
void entry_reset(struct entrance from, CURL *curl);
CURL *entry_duphandle(struct entrance from, CURL *curl);
CURLcode entry_setopt(struct entrance from, CURL *curl, CURLoption option,
                      union option_value value);
CURLcode entry_getinfo(struct entrance from, CURL *curl, CURLINFO id,
                       void *answer);
CURLHcode entry_header(struct entrance from, CURL *curl, const char *name,
                       size_t index, unsigned origin, int request,
                       struct curl_header **found);
struct curl_header *entry_nextheader(struct entrance from, CURL *curl,
                                     unsigned origin, int request,
                                     struct curl_header *previous);
CURLcode entry_pause(struct entrance from, CURL *curl, int action);

/* `frame`: the exported function's frame address. */
CURLcode entry_perform(struct entrance from, CURL *curl, const void *frame);

CURLMcode entry_multi_add_handle(struct entrance from, CURLM *multi,
                                 CURL *curl, const void *frame);

#endif

/* entry.h - what each interposed function does, whoever called it how.
 *
 * Every function takes where it was entered, then what the libcurl function
 * of its name takes, and returns what that returns.
 */
#ifndef CURLRETRY_ENTRY_H
#define CURLRETRY_ENTRY_H

#include "drive/table.h"
#include "interpose/entrance.h"

CURL *entry_easy_init(struct entrance from);
void entry_easy_cleanup(struct entrance from, CURL *curl);
void entry_easy_reset(struct entrance from, CURL *curl);
CURL *entry_easy_duphandle(struct entrance from, CURL *curl);
CURLHcode entry_easy_header(struct entrance from, CURL *curl, const char *name,
                            size_t index, unsigned origin, int request,
                            struct curl_header **found);
struct curl_header *entry_easy_nextheader(struct entrance from, CURL *curl,
                                          unsigned origin, int request,
                                          struct curl_header *previous);
CURLcode entry_easy_pause(struct entrance from, CURL *curl, int action);
CURLcode entry_easy_perform(struct entrance from, CURL *curl);

CURLM *entry_multi_init(struct entrance from);
CURLMcode entry_multi_cleanup(struct entrance from, CURLM *real);
CURLMcode entry_multi_add_handle(struct entrance from, CURLM *real,
                                 CURL *curl);
CURLMcode entry_multi_remove_handle(struct entrance from, CURLM *real,
                                    CURL *curl);
CURLMcode entry_multi_perform(struct entrance from, CURLM *real, int *running);
CURLMcode entry_multi_socket_action(struct entrance from, CURLM *real,
                                    curl_socket_t socket, int events,
                                    int *running);
CURLMcode entry_multi_socket_all(struct entrance from, CURLM *real,
                                 int *running);
CURLMcode entry_multi_socket(struct entrance from, CURLM *real,
                             curl_socket_t socket, int *running);
CURLMsg *entry_multi_info_read(struct entrance from, CURLM *real, int *left);
CURLMcode entry_multi_timeout(struct entrance from, CURLM *real,
                              long *timeout);
CURLMcode entry_multi_wait(struct entrance from, CURLM *real,
                           struct curl_waitfd *extra, unsigned count,
                           int timeout, int *ready);
CURLMcode entry_multi_poll(struct entrance from, CURLM *real,
                           struct curl_waitfd *extra, unsigned count,
                           int timeout, int *ready);
CURLMcode entry_multi_fdset(struct entrance from, CURLM *real, fd_set *reading,
                            fd_set *writing, fd_set *exceptional,
                            int *highest);
CURLMcode entry_multi_waitfds(struct entrance from, CURLM *real,
                              struct curl_waitfd *fds, unsigned size,
                              unsigned *count);
CURLMcode entry_multi_setopt(struct entrance from, CURLM *real,
                             CURLMoption option, void *argument);
CURLMcode entry_multi_notify_enable(struct entrance from, CURLM *real,
                                    unsigned notification);
CURLMcode entry_multi_notify_disable(struct entrance from, CURLM *real,
                                     unsigned notification);
CURLMcode entry_multi_get_offt(struct entrance from, CURLM *real,
                               CURLMinfo_offt info, curl_off_t *value);

/* --- what is called most of all --------------------------------------------
 * Inline up to where a row is found: an entrance is three words.
 */

/* The row of `curl`; none for a wrapper that wants the real function. */
static inline struct handle *entry_row(CURL *curl, struct entrance from) {
  struct handle *handle = table_find(curl);

  return handle && entrance_is_forward(from, handle->library) ? NULL : handle;
}

/* Without a row, and with one. */
CURLcode entry_setopt_elsewhere(struct entrance from, CURL *curl,
                                CURLoption option, void *argument);
CURLcode entry_setopt_row(struct handle *handle, CURLoption option,
                          void *argument);
CURLcode entry_getinfo_elsewhere(struct entrance from, CURL *curl, CURLINFO id,
                                 void *answer);
CURLcode entry_getinfo_row(struct handle *handle, CURLINFO id, void *answer);

static inline CURLcode entry_easy_setopt(struct entrance from, CURL *curl,
                                         CURLoption option, void *argument) {
  struct handle *handle = entry_row(curl, from);

  return handle ? entry_setopt_row(handle, option, argument)
                : entry_setopt_elsewhere(from, curl, option, argument);
}

static inline CURLcode entry_easy_getinfo(struct entrance from, CURL *curl,
                                          CURLINFO id, void *answer) {
  struct handle *handle = entry_row(curl, from);

  return handle ? entry_getinfo_row(handle, id, answer)
                : entry_getinfo_elsewhere(from, curl, id, answer);
}

#endif

/* functions.h - libcurl's functions as far as we need them: one row each.
 *
 * From these rows come the members of struct library and their look-ups
 * (library.c), the exported functions, the stubs that dlsym() hands out and
 * their names (exports.c). exports.map and the entry_*() functions are checked
 * against them. How to add one: README.md.
 *
 * ROW(CONTEXT, KIND, NEED, RESULT, NAME, PARAMETERS, ARGUMENTS)
 *   KIND       VALUE, NOTHING (a void function), VARIADIC (with ANY_ARGUMENT
 *              behind the named ones, handed on as `argument`)
 *   NEED       NEEDED: without it a libcurl can't be taken over; LATER: some,
 *              older ones most of all, lack it
 *   NAME       without "curl_"
 *   ARGUMENTS  of entry_NAME(), behind `from`
 */
#ifndef CURLRETRY_FUNCTIONS_H
#define CURLRETRY_FUNCTIONS_H

/* One argument of any type. */
#define ANY_ARGUMENT ...

/* Those that we stand in for. */
#define INTERPOSED(ROW, CONTEXT)                                              \
  INTERPOSED_EASY(ROW, CONTEXT) INTERPOSED_MULTI(ROW, CONTEXT)

#define INTERPOSED_EASY(ROW, CONTEXT)                                         \
  ROW(CONTEXT, VALUE, NEEDED, CURL *, easy_init, (void), (from))              \
  ROW(CONTEXT, NOTHING, NEEDED, void, easy_cleanup, (CURL * curl),            \
      (from, curl))                                                           \
  ROW(CONTEXT, NOTHING, NEEDED, void, easy_reset, (CURL * curl),              \
      (from, curl))                                                           \
  ROW(CONTEXT, VALUE, NEEDED, CURL *, easy_duphandle, (CURL * curl),          \
      (from, curl))                                                           \
  ROW(CONTEXT, VARIADIC, NEEDED, CURLcode, easy_setopt,                       \
      (CURL * curl, CURLoption last, ANY_ARGUMENT),                           \
      (from, curl, last, argument))                                           \
  ROW(CONTEXT, VARIADIC, NEEDED, CURLcode, easy_getinfo,                      \
      (CURL * curl, CURLINFO last, ANY_ARGUMENT),                             \
      (from, curl, last, argument))                                           \
  ROW(CONTEXT, VALUE, LATER, CURLHcode, easy_header,                          \
      (CURL * curl, const char *name, size_t index, unsigned origin,          \
       int request, struct curl_header **found),                              \
      (from, curl, name, index, origin, request, found))                      \
  ROW(CONTEXT, VALUE, LATER, struct curl_header *, easy_nextheader,           \
      (CURL * curl, unsigned origin, int request,                             \
       struct curl_header *previous),                                         \
      (from, curl, origin, request, previous))                                \
  ROW(CONTEXT, VALUE, NEEDED, CURLcode, easy_pause,                           \
      (CURL * curl, int action), (from, curl, action))                        \
  ROW(CONTEXT, VALUE, NEEDED, CURLcode, easy_perform, (CURL * curl),          \
      (from, curl))                                                           \
  ROW(CONTEXT, VALUE, LATER, CURLM *, multi_init, (void), (from))

/* libcurl calls most of these itself, in each curl_easy_perform(). */
#define INTERPOSED_MULTI(ROW, CONTEXT)                                        \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_cleanup, (CURLM * multi),       \
      (from, multi))                                                          \
  ROW(CONTEXT, VALUE, NEEDED, CURLMcode, multi_add_handle,                    \
      (CURLM * multi, CURL * curl), (from, multi, curl))                      \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_remove_handle,                  \
      (CURLM * multi, CURL * curl), (from, multi, curl))                      \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_perform,                        \
      (CURLM * multi, int *running), (from, multi, running))                  \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_socket_action,                  \
      (CURLM * multi, curl_socket_t socket, int events, int *running),        \
      (from, multi, socket, events, running))                                 \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_socket_all,                     \
      (CURLM * multi, int *running), (from, multi, running))                  \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_socket,                         \
      (CURLM * multi, curl_socket_t socket, int *running),                    \
      (from, multi, socket, running))                                         \
  ROW(CONTEXT, VALUE, LATER, CURLMsg *, multi_info_read,                      \
      (CURLM * multi, int *left), (from, multi, left))                        \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_timeout,                        \
      (CURLM * multi, long *timeout), (from, multi, timeout))                 \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_wait,                           \
      (CURLM * multi, struct curl_waitfd * extra, unsigned count,             \
       int timeout, int *ready),                                              \
      (from, multi, extra, count, timeout, ready))                            \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_poll,                           \
      (CURLM * multi, struct curl_waitfd * extra, unsigned count,             \
       int timeout, int *ready),                                              \
      (from, multi, extra, count, timeout, ready))                            \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_fdset,                          \
      (CURLM * multi, fd_set * reading, fd_set * writing,                     \
       fd_set * exceptional, int *highest),                                   \
      (from, multi, reading, writing, exceptional, highest))                  \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_waitfds,                        \
      (CURLM * multi, struct curl_waitfd * fds, unsigned size,                \
       unsigned *count),                                                      \
      (from, multi, fds, size, count))                                        \
  ROW(CONTEXT, VARIADIC, LATER, CURLMcode, multi_setopt,                      \
      (CURLM * multi, CURLMoption last, ANY_ARGUMENT),                        \
      (from, multi, last, argument))                                          \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_notify_enable,                  \
      (CURLM * multi, unsigned notification), (from, multi, notification))    \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_notify_disable,                 \
      (CURLM * multi, unsigned notification), (from, multi, notification))    \
  ROW(CONTEXT, VALUE, LATER, CURLMcode, multi_get_offt,                       \
      (CURLM * multi, CURLMinfo_offt info, curl_off_t * value),               \
      (from, multi, info, value))

/* Those that we only call. */
#define CALLED(ROW, CONTEXT)                                                  \
  ROW(CONTEXT, VALUE, LATER, CURLUcode, url_get,                              \
      (const CURLU *url, CURLUPart part, char **text, unsigned flags), ())    \
  ROW(CONTEXT, NOTHING, NEEDED, void, free, (void *memory), ())               \
  ROW(CONTEXT, VALUE, LATER, time_t, getdate,                                 \
      (const char *text, const time_t *unused), ())                           \
  ROW(CONTEXT, VALUE, LATER, const char *, easy_strerror, (CURLcode code),    \
      ())                                                                     \
  ROW(CONTEXT, VALUE, NEEDED, curl_version_info_data *, version_info,         \
      (CURLversion age), ())

#endif

/* Take the row or the library, decide, forward. Entered from foreign code, so
 * nothing is assumed: an unknown handle is passed through. errno is left as
 * the real function left it. */
#include "interpose/entry.h"

#include "drive/blocking.h"
#include "drive/drive.h"
#include "drive/table.h"
#include "engine/engine.h"
#include "engine/options.h"

#include <errno.h>

/* The row of `curl`; none for a wrapper that wants the real function. */
static inline struct handle *row_of(CURL *curl, struct entrance from) {
  struct handle *handle = table_find(curl);

  return handle && entrance_is_forward(from, handle->library) ? NULL : handle;
}

/* The libcurl to forward to: the handle's, the stub's, the caller's; or what
 * the caller's scope has, put together in `borrowed`. */
static inline const struct library *library_for(const struct handle *handle,
                                                struct entrance from,
                                                struct library *borrowed) {
  return handle ? handle->library : entrance_library(from, borrowed);
}

CURL *entry_easy_init(struct entrance from) {
  struct library borrowed;
  const struct library *library = library_for(NULL, from, &borrowed);
  CURL *curl = library && library->easy_init ? library->easy_init() : NULL;
  int saved = errno;

  if (curl && library != &borrowed && !entrance_is_libcurl(from, library) &&
      !caller_has_rival())
    (void)table_add(curl, library);
  errno = saved;
  return curl;
}

/* Whether a call runs on the handle, and this is its own callback. */
static bool is_nested(const struct handle *handle, struct entrance from) {
  return handle && blocking_is_nested(handle, from.frame);
}

/* Between attempts and while we hand over no callback of libcurl's runs, so
 * it would not refuse what 8.22 refuses in one: we do. */
static bool reset_in_call(const struct handle *handle) {
  const struct library *library = handle->library;

  if (handle->call->phase != PHASE_TRANSFER &&
      library->version >= LIBRARY_GUARDED)
    return false;
  return options_reset(library, handle->curl);
}

/* Out of a callback. libcurl's own answer where it is on the stack: 8.22
 * refuses, older ones free the handle under their feet, and its address may
 * come back as another one. Else it would be freed under ours. */
static void cleanup_in_call(struct handle *handle,
                            const struct library *library) {
  if (handle->call->phase != PHASE_TRANSFER)
    return;
  if (library->version < LIBRARY_GUARDED) {
    if (handle->member)
      multi_leave_running(handle->member);
    table_forget(handle->curl);
  }
  library->easy_cleanup(handle->curl);
}

void entry_easy_cleanup(struct entrance from, CURL *curl) {
  struct handle *handle = table_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_cleanup)
    return;
  if (handle && !blocking_release(handle, from.frame)) {
    cleanup_in_call(handle, library);
    return;
  }
  /* before it is freed: another thread may get the address at once */
  if (handle)
    table_remove(curl);
  library->easy_cleanup(curl);
}

void entry_easy_reset(struct entrance from, CURL *curl) {
  struct handle *handle = row_of(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_reset)
    return;
  if (is_nested(handle, from)) {
    if (!reset_in_call(handle))
      return;
  } else {
    library->easy_reset(curl);
  }
  if (!handle)
    return;
  shadow_reset(&handle->shadow);
  answers_forget(&handle->answers);
  if (call_of(handle))
    engine_reset(handle->call);
}

CURL *entry_easy_duphandle(struct entrance from, CURL *curl) {
  struct handle *handle = row_of(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);
  CURL *copy = library && library->easy_duphandle
                   ? library->easy_duphandle(curl)
                   : NULL;
  int saved = errno;

  if (handle && copy && !entrance_is_libcurl(from, library))
    (void)table_add_copy(copy, handle);
  errno = saved;
  return copy;
}

/* A handle we never saw being made. */
__attribute__((noinline)) static CURLcode
setopt_elsewhere(struct entrance from, CURL *curl, CURLoption option,
                 void *argument) {
  struct library borrowed;
  const struct library *library = library_for(NULL, from, &borrowed);

  if (!library || !library->easy_setopt)
    return CURLE_FAILED_INIT;
  return library->easy_setopt(curl, option, argument);
}

CURLcode entry_easy_setopt(struct entrance from, CURL *curl, CURLoption option,
                           void *argument) {
  const union option_value value = {.pointer = argument};
  struct handle *handle = row_of(curl, from);
  struct call *call;
  CURLcode code;

  if (!handle)
    return setopt_elsewhere(from, curl, option, argument);
  call = call_of(handle);
  if (call)
    options_seen(call, option);
  if (call && options_hold(call, option)) {
    shadow_set(&handle->shadow, option, &value);
    options_changed(call, option);
    return CURLE_OK;
  }
  code = handle->library->easy_setopt(curl, option, argument);
  if (code == CURLE_OK)
    shadow_set(&handle->shadow, option, &value);
  return code;
}

CURLcode entry_easy_getinfo(struct entrance from, CURL *curl, CURLINFO id,
                            void *answer) {
  struct handle *handle = row_of(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_getinfo)
    return CURLE_FAILED_INIT;
  if (handle && answer && answers_info(&handle->answers, id, answer))
    return CURLE_OK;
  return library->easy_getinfo(curl, id, answer);
}

CURLHcode entry_easy_header(struct entrance from, CURL *curl, const char *name,
                            size_t index, unsigned origin, int request,
                            struct curl_header **found) {
  struct handle *handle = row_of(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);
  struct headers *captured = handle ? answers_headers(&handle->answers) : NULL;

  if (!library || !library->easy_header)
    return CURLHE_NOT_BUILT_IN;
  if (captured && captured->is_live)
    request = headers_request(captured, request);
  else if (captured)
    return (CURLHcode)headers_find(captured, name, index, origin, request,
                                   found);
  return library->easy_header(curl, name, index, origin, request, found);
}

struct curl_header *entry_easy_nextheader(struct entrance from, CURL *curl,
                                          unsigned origin, int request,
                                          struct curl_header *previous) {
  struct handle *handle = row_of(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);
  struct headers *captured = handle ? answers_headers(&handle->answers) : NULL;

  if (!library || !library->easy_nextheader)
    return NULL;
  if (captured && captured->is_live)
    request = headers_request(captured, request);
  else if (captured)
    return headers_next(captured, origin, request, previous);
  return library->easy_nextheader(curl, origin, request, previous);
}

CURLcode entry_easy_pause(struct entrance from, CURL *curl, int action) {
  struct handle *handle = row_of(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_pause)
    return CURLE_FAILED_INIT;
  if (handle && call_of(handle))
    return handle->member ? drive_pause(handle->member, action, from.frame)
                          : engine_pause(handle->call, action);
  return library->easy_pause(curl, action);
}

CURLcode entry_easy_perform(struct entrance from, CURL *curl) {
  struct handle *handle = row_of(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_perform)
    return CURLE_FAILED_INIT;
  /* libcurl itself refuses what is in a multi handle */
  return handle && !handle->member ? blocking_perform(handle, from.frame)
                                   : library->easy_perform(curl);
}

/* Take the row or the library, decide, forward. Entered from foreign code, so
 * nothing is assumed: an unknown handle is passed through. errno is left as
 * the real function left it. */
#include "interpose/entry.h"

#include "drive/blocking.h"
#include "drive/drive.h"
#include "engine/engine.h"
#include "engine/meanwhile.h"
#include "engine/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

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

/* A use of the handle in a callback, its own or another's of its multi handle.
 */
static bool is_in_callback(const struct handle *handle, const void *frame) {
  return handle->member ? multi_is_nested(handle->member->multi, frame)
                        : blocking_is_nested(handle, frame);
}

/* Whether libcurl is on the stack, to refuse by itself what it refuses in a
 * callback: not between attempts, and while we hand over. */
static bool is_libcurls(const struct handle *handle) {
  return handle->member ? handle->member->multi->guard == GUARD_LIBCURL
                        : handle->call->phase == PHASE_TRANSFER;
}

/* What 8.22 refuses in callbacks, where it can't. */
static bool is_refused(const struct handle *handle, const void *frame) {
  return handle->library->version >= LIBRARY_GUARDED &&
         is_in_callback(handle, frame) && !is_libcurls(handle);
}

/* A multi handle may have a message of it, which goes with it. */
static void forget_message(const CURL *curl) {
  struct multi *multi = table_take_stranger(curl);

  if (multi)
    multi_forget_stranger(multi, curl);
}

/* The end of a handle that is in no callback. Its message is there as long as
 * libcurl's: some programs remove message->easy_handle behind this. */
static void cleanup(struct handle *handle, const void *frame) {
  const struct library *library = handle->library;
  struct multi *multi = handle->member ? handle->member->multi : NULL;
  struct stand before = {.guard = GUARD_LIBCURL};
  CURL *curl = handle->curl;

  /* before it is freed: another thread may get the address at once */
  (void)table_forget(curl);
  table_empty(handle);
  if (multi)
    before = multi_enter(multi, GUARD_LIBCURL, frame);
  library->easy_cleanup(curl);
  if (multi)
    multi_return(multi, before);
  free(handle);
}

/* Out of a callback. libcurl's own answer where it is on the stack: 8.22
 * refuses, older ones free the handle under their feet, and its address may
 * come back as another one. Else it would be freed under ours. */
static void cleanup_in_callback(struct handle *handle, const void *frame) {
  bool is_guarded = handle->library->version >= LIBRARY_GUARDED;
  const struct library *library = handle->library;
  struct member *member = handle->member;
  CURL *curl = handle->curl;

  if (!is_libcurls(handle)) {
    if (!is_guarded && member && member->multi->stepping != member)
      cleanup(handle, frame); /* another one's callback */
    return;
  }
  if (!is_guarded) {
    if (member)
      multi_leave_running(member);
    table_forget(curl);
  }
  library->easy_cleanup(curl);
}

void entry_easy_cleanup(struct entrance from, CURL *curl) {
  struct handle *handle = table_find(curl);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_cleanup)
    return;
  if (!handle) {
    forget_message(curl);
    library->easy_cleanup(curl);
  } else if (is_in_callback(handle, from.frame)) {
    cleanup_in_callback(handle, from.frame);
  } else {
    (void)blocking_release(handle, from.frame);
    forget_message(curl);
    cleanup(handle, from.frame);
  }
}

void entry_easy_reset(struct entrance from, CURL *curl) {
  struct handle *handle = entry_row(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_reset)
    return;
  if (!handle) {
    library->easy_reset(curl);
    return;
  }
  if (is_refused(handle, from.frame))
    return;
  if (!is_in_callback(handle, from.frame))
    library->easy_reset(curl);
  else if (!options_reset(library, curl))
    return;
  shadow_reset(&handle->shadow);
  answers_forget(&handle->answers);
  if (call_of(handle))
    meanwhile_reset(handle->call);
}

CURL *entry_easy_duphandle(struct entrance from, CURL *curl) {
  struct handle *handle = entry_row(curl, from);
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
CURLcode entry_setopt_elsewhere(struct entrance from, CURL *curl,
                                CURLoption option, void *argument) {
  struct library borrowed;
  const struct library *library = library_for(NULL, from, &borrowed);

  if (!library || !library->easy_setopt)
    return CURLE_FAILED_INIT;
  return library->easy_setopt(curl, option, argument);
}

/* Only numbers are refused, and none of these. */
static bool is_taken(CURLoption option, const union option_value *value) {
  int type = (int)option / 10000 * 10000;

  return (type != CURLOPTTYPE_LONG && type != CURLOPTTYPE_OFF_T) ||
         (value->number >= 0 && value->number <= INT_MAX / 1000);
}

/* What libcurl answers to a value of an option that is held: it isn't asked on
 * the handle, which keeps ours. What it refuses differs by version. */
static CURLcode ask(const struct library *library, CURLoption option,
                    const union option_value *value) {
  CURLcode code = CURLE_OUT_OF_MEMORY;
  CURL *other;

  if (is_taken(option, value))
    return CURLE_OK;
  other = library->easy_init();
  if (other) {
    code = library->easy_setopt(other, option, value->pointer);
    library->easy_cleanup(other);
  }
  return code;
}

/* While a call runs. */
__attribute__((noinline)) static CURLcode
setopt_in_call(struct handle *handle, CURLoption option, void *argument) {
  const union option_value value = {.pointer = argument};
  struct call *call = handle->call;
  CURLcode code = CURLE_OK;

  meanwhile_set(call, option);
  if (options_hold(call, option)) {
    code = ask(handle->library, option, &value);
    if (code != CURLE_OK)
      return code;
    shadow_set(&handle->shadow, option, &value);
    if (handle->shadow.texts.lacks == (int)option) { /* the former one stays */
      handle->shadow.texts.lacks = 0;
      return CURLE_OUT_OF_MEMORY;
    }
    options_changed(call, option);
    return CURLE_OK;
  }
  code = handle->library->easy_setopt(handle->curl, option, argument);
  if (code == CURLE_OK)
    shadow_set(&handle->shadow, option, &value);
  return code;
}

CURLcode entry_setopt_row(struct handle *handle, CURLoption option,
                          void *argument) {
  const union option_value value = {.pointer = argument};
  CURLcode code;

  if (call_of(handle))
    return setopt_in_call(handle, option, argument);
  code = handle->library->easy_setopt(handle->curl, option, argument);
  if (code == CURLE_OK)
    shadow_set(&handle->shadow, option, &value);
  return code;
}

CURLcode entry_getinfo_elsewhere(struct entrance from, CURL *curl, CURLINFO id,
                                 void *answer) {
  struct library borrowed;
  const struct library *library = library_for(NULL, from, &borrowed);

  if (!library || !library->easy_getinfo)
    return CURLE_FAILED_INIT;
  return library->easy_getinfo(curl, id, answer);
}

CURLcode entry_getinfo_row(struct handle *handle, CURLINFO id, void *answer) {
  CURLcode code;

  if (answer && library_has_info(handle->library, id) &&
      answers_info(&handle->answers, id, answer))
    return CURLE_OK;
  code = handle->library->easy_getinfo(handle->curl, id, answer);
  if (!answer || code != CURLE_OK)
    return code;
  answers_correct(&handle->answers, id, answer);
  return answers_session(&handle->answers, handle->library, handle->curl, id,
                         answer, !handle->shadow.names.is_shared);
}

/* Of a body that was resumed the trailers came with its end: those of the last
 * request, which libcurl has. */
static bool has_late_trailers(const struct handle *handle,
                              const struct headers *captured, unsigned origin,
                              int request) {
  return handle->answers.is_resumed && !handle->answers.past &&
         (origin & CURLH_TRAILER) &&
         headers_request(captured, request) == captured->requests - 1;
}

CURLHcode entry_easy_header(struct entrance from, CURL *curl, const char *name,
                            size_t index, unsigned origin, int request,
                            struct curl_header **found) {
  struct handle *handle = entry_row(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);
  struct headers *captured = handle ? answers_headers(&handle->answers) : NULL;
  CURLHcode code;

  if (!library || !library->easy_header)
    return CURLHE_NOT_BUILT_IN;
  if (captured && captured->is_live) {
    request = headers_request(captured, request);
  } else if (captured) {
    code =
        (CURLHcode)headers_find(captured, name, index, origin, request, found);
    if (code != CURLHE_MISSING ||
        !has_late_trailers(handle, captured, origin, request))
      return code;
    origin = CURLH_TRAILER;
    request = -1;
  }
  return library->easy_header(curl, name, index, origin, request, found);
}

struct curl_header *entry_easy_nextheader(struct entrance from, CURL *curl,
                                          unsigned origin, int request,
                                          struct curl_header *previous) {
  struct handle *handle = entry_row(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);
  struct headers *captured = handle ? answers_headers(&handle->answers) : NULL;
  struct curl_header *next = NULL;

  if (!library || !library->easy_nextheader)
    return NULL;
  if (captured && captured->is_live) {
    request = headers_request(captured, request);
  } else if (captured) {
    if (!previous || headers_gave(captured, previous)) {
      next = headers_next(captured, origin, request, previous);
      previous = NULL;
    }
    if (next || !has_late_trailers(handle, captured, origin, request))
      return next;
    origin = CURLH_TRAILER;
    request = -1;
  }
  return library->easy_nextheader(curl, origin, request, previous);
}

CURLcode entry_easy_pause(struct entrance from, CURL *curl, int action) {
  struct handle *handle = entry_row(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_pause)
    return CURLE_FAILED_INIT;
  if (handle && handle->member &&
      handle->member->multi->guard == GUARD_EVENT &&
      is_refused(handle, from.frame))
    return CURLE_RECURSIVE_API_CALL;
  if (handle && call_of(handle))
    return handle->member ? drive_pause(handle->member, action, from.frame)
                          : meanwhile_pause(handle->call, action);
  return library->easy_pause(curl, action);
}

CURLcode entry_easy_perform(struct entrance from, CURL *curl) {
  struct handle *handle = entry_row(curl, from);
  struct library borrowed;
  const struct library *library = library_for(handle, from, &borrowed);

  if (!library || !library->easy_perform)
    return CURLE_FAILED_INIT;
  if (handle && handle->member && is_refused(handle, from.frame))
    return CURLE_RECURSIVE_API_CALL;
  /* libcurl itself refuses what is in a multi handle */
  return handle && !handle->member ? blocking_perform(handle, from.frame)
                                   : library->easy_perform(curl);
}

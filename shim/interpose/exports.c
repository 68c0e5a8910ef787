/* The exported functions, and for dlsym() a set of stubs for each libcurl:
 * one caller may hold the functions of two (ctypes), and one address for both
 * could not tell them apart. All thin: entry.c does the work. */
#define _GNU_SOURCE
#include "interpose/exports.h"

#include "host/runtime.h"
#include "interpose/entry.h"
#include "interpose/loader.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define HERE                                                                  \
  (struct entrance) { NULL, __builtin_return_address(0) }
#define FRAME __builtin_frame_address(0)

EXPORT CURL *curl_easy_init(void) { return entry_init(HERE); }

EXPORT void curl_easy_cleanup(CURL *curl) { entry_cleanup(HERE, curl); }

EXPORT void curl_easy_reset(CURL *curl) { entry_reset(HERE, curl); }

EXPORT CURL *curl_easy_duphandle(CURL *curl) {
  return entry_duphandle(HERE, curl);
}

/* The argument, read as libcurl will (lib/setopt.c): a long and a pointer are
 * alike, a curl_off_t is wider on 32 bits. A long where an int was passed
 * stays as garbled as it is without us. */
#define READ_ARGUMENT(value, option, list)                                    \
  do {                                                                        \
    if (sizeof((value).pointer) < sizeof((value).offset) &&                   \
        (int)(option) / 10000 == OPTION_OFFSET)                               \
      (value).offset = va_arg(list, curl_off_t);                              \
    else                                                                      \
      (value).pointer = va_arg(list, void *);                                 \
  } while (0)

EXPORT CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...) {
  union option_value value;
  va_list list;

  va_start(list, option);
  READ_ARGUMENT(value, option, list);
  va_end(list);
  return entry_setopt(HERE, curl, option, value);
}

EXPORT CURLcode curl_easy_getinfo(CURL *curl, CURLINFO id, ...) {
  void *answer;
  va_list list;

  va_start(list, id);
  answer = va_arg(list, void *);
  va_end(list);
  return entry_getinfo(HERE, curl, id, answer);
}

EXPORT CURLHcode curl_easy_header(CURL *curl, const char *name, size_t index,
                                  unsigned origin, int request,
                                  struct curl_header **found) {
  return entry_header(HERE, curl, name, index, origin, request, found);
}

EXPORT struct curl_header *curl_easy_nextheader(CURL *curl, unsigned origin,
                                                int request,
                                                struct curl_header *previous) {
  return entry_nextheader(HERE, curl, origin, request, previous);
}

EXPORT CURLcode curl_easy_pause(CURL *curl, int action) {
  return entry_pause(HERE, curl, action);
}

EXPORT CURLcode curl_easy_perform(CURL *curl) {
  return entry_perform(HERE, curl, FRAME);
}

EXPORT CURLMcode curl_multi_add_handle(CURLM *multi, CURL *curl) {
  return entry_multi_add_handle(HERE, multi, curl, FRAME);
}

int curlretry_active(void);

/* Whether the shim is at work here: 1, it retries; 0, it is loaded and passes
 * everything through. Not loaded: the symbol is absent. */
EXPORT int curlretry_active(void) { return runtime_policy() != NULL; }

/* --- stubs ----------------------------------------------------------------
 */

#define SLOT(n)                                                               \
  (struct entrance) { library_in_slot(n), NULL }

#define STUBS(n)                                                              \
  static CURL *init_##n(void) { return entry_init(SLOT(n)); }                 \
  static void cleanup_##n(CURL *curl) { entry_cleanup(SLOT(n), curl); }       \
  static void reset_##n(CURL *curl) { entry_reset(SLOT(n), curl); }           \
  static CURL *duphandle_##n(CURL *curl) {                                    \
    return entry_duphandle(SLOT(n), curl);                                    \
  }                                                                           \
  static CURLcode setopt_##n(CURL *curl, CURLoption option, ...) {            \
    union option_value value;                                                 \
    va_list list;                                                             \
    va_start(list, option);                                                   \
    READ_ARGUMENT(value, option, list);                                       \
    va_end(list);                                                             \
    return entry_setopt(SLOT(n), curl, option, value);                        \
  }                                                                           \
  static CURLcode getinfo_##n(CURL *curl, CURLINFO id, ...) {                 \
    void *answer;                                                             \
    va_list list;                                                             \
    va_start(list, id);                                                       \
    answer = va_arg(list, void *);                                            \
    va_end(list);                                                             \
    return entry_getinfo(SLOT(n), curl, id, answer);                          \
  }                                                                           \
  static CURLHcode header_##n(CURL *curl, const char *name, size_t index,     \
                              unsigned origin, int request,                   \
                              struct curl_header **found) {                   \
    return entry_header(SLOT(n), curl, name, index, origin, request, found);  \
  }                                                                           \
  static struct curl_header *nextheader_##n(CURL *curl, unsigned origin,      \
                                            int request,                      \
                                            struct curl_header *previous) {   \
    return entry_nextheader(SLOT(n), curl, origin, request, previous);        \
  }                                                                           \
  static CURLcode pause_##n(CURL *curl, int action) {                         \
    return entry_pause(SLOT(n), curl, action);                                \
  }                                                                           \
  static CURLMcode add_handle_##n(CURLM *multi, CURL *curl) {                 \
    return entry_multi_add_handle(SLOT(n), multi, curl, FRAME);               \
  }                                                                           \
  static CURLcode perform_##n(CURL *curl) {                                   \
    return entry_perform(SLOT(n), curl, FRAME);                               \
  }

STUBS(0)
STUBS(1)
STUBS(2)
STUBS(3)
STUBS(4)
STUBS(5)
STUBS(6)
STUBS(7)

enum function {
  FUNCTION_INIT,
  FUNCTION_CLEANUP,
  FUNCTION_RESET,
  FUNCTION_DUPHANDLE,
  FUNCTION_SETOPT,
  FUNCTION_GETINFO,
  FUNCTION_HEADER,
  FUNCTION_NEXTHEADER,
  FUNCTION_PAUSE,
  FUNCTION_PERFORM,
  FUNCTION_ADD_HANDLE,
  FUNCTION_COUNT
};

/* Names without "curl_". */
static const char names[FUNCTION_COUNT][20] = {
    "easy_init",   "easy_cleanup", "easy_reset",      "easy_duphandle",
    "easy_setopt", "easy_getinfo", "easy_header",     "easy_nextheader",
    "easy_pause",  "easy_perform", "multi_add_handle"};

/* Code, not a table: a table of addresses would be relocated at the start of
 * every process. */
#define STUB_OF(n)                                                            \
  case n:                                                                     \
    switch (function) {                                                       \
    case FUNCTION_INIT:                                                       \
      return (void *)(uintptr_t)init_##n;                                     \
    case FUNCTION_CLEANUP:                                                    \
      return (void *)(uintptr_t)cleanup_##n;                                  \
    case FUNCTION_RESET:                                                      \
      return (void *)(uintptr_t)reset_##n;                                    \
    case FUNCTION_DUPHANDLE:                                                  \
      return (void *)(uintptr_t)duphandle_##n;                                \
    case FUNCTION_SETOPT:                                                     \
      return (void *)(uintptr_t)setopt_##n;                                   \
    case FUNCTION_GETINFO:                                                    \
      return (void *)(uintptr_t)getinfo_##n;                                  \
    case FUNCTION_HEADER:                                                     \
      return (void *)(uintptr_t)header_##n;                                   \
    case FUNCTION_NEXTHEADER:                                                 \
      return (void *)(uintptr_t)nextheader_##n;                               \
    case FUNCTION_PAUSE:                                                      \
      return (void *)(uintptr_t)pause_##n;                                    \
    case FUNCTION_PERFORM:                                                    \
      return (void *)(uintptr_t)perform_##n;                                  \
    default:                                                                  \
      return (void *)(uintptr_t)add_handle_##n;                               \
    }

static void *stub_of(int slot, enum function function) {
  switch (slot) {
    STUB_OF(0)
    STUB_OF(1)
    STUB_OF(2)
    STUB_OF(3)
    STUB_OF(4)
    STUB_OF(5)
    STUB_OF(6)
    STUB_OF(7)
  default:
    return NULL;
  }
}

static enum function function_named(const char *name) {
  int i = 0;

  if (strncmp(name, "curl_", 5) != 0)
    return FUNCTION_COUNT;
  while (i < FUNCTION_COUNT && strcmp(name + 5, names[i]) != 0)
    i++;
  return (enum function)i;
}

/* Old libcurls lack the header functions. */
static bool has_function(const struct library *library,
                         enum function function) {
  if (function == FUNCTION_HEADER)
    return library->easy_header != NULL;
  if (function == FUNCTION_NEXTHEADER)
    return library->easy_nextheader != NULL;
  return true;
}

bool exports_answer(void *object, const char *name, const void *caller,
                    uintptr_t *answer) {
  enum function function = function_named(name);
  const struct library *library;
  Dl_info mine, its;
  void *found;

  if (function == FUNCTION_COUNT)
    return false;
  if (object == RTLD_NEXT && library_of_caller(caller))
    return false; /* what comes next is relative to the caller */
  found = loader_find(object, name);
  if (object == RTLD_NEXT) { /* none: not ours either */
    *answer = (uintptr_t)found;
    return true;
  }
  if (!found || !dladdr((const void *)(uintptr_t)exports_answer, &mine) ||
      !dladdr(found, &its))
    return false;
  if (mine.dli_fbase == its.dli_fbase) {
    /* in the global scope ours is found first, also where no libcurl is
       loaded at all: then look behind us, for the same error */
    *answer = (uintptr_t)found;
    library = library_of_caller(caller);
    if (!library || !has_function(library, function))
      *answer = (uintptr_t)loader_find(RTLD_NEXT, name);
    return true;
  }
  library = library_of_symbol(found);
  *answer = library ? (uintptr_t)stub_of(library_slot(library), function) : 0;
  return *answer != 0;
}

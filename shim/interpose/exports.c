/* The exported functions, and for dlsym() a set of stubs for each libcurl:
 * one caller may hold the functions of two (ctypes), and one address for both
 * could not tell them apart. All thin and made from the rows of functions.h:
 * entry.c does the work. */
#define _GNU_SOURCE
#include "interpose/exports.h"

#include "drive/drive.h"
#include "host/config.h"
#include "interpose/entry.h"
#include "libcurl/real.h"
#include "version.h"

#include <dlfcn.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* What a function of each kind does, entered through `entrance`. */
#define ENTER_VALUE(where, name, arguments)                                   \
  {                                                                           \
    const struct entrance from = where;                                       \
    return entry_##name arguments;                                            \
  }
#define ENTER_NOTHING(where, name, arguments)                                 \
  {                                                                           \
    const struct entrance from = where;                                       \
    entry_##name arguments;                                                   \
  }

/* A variadic one reads its argument as libcurl will (lib/setopt.c): all of
 * them are one word. A long where an int was passed stays as garbled as it is
 * without us. To the compiler it is no variadic one: the argument comes where
 * a named one would (System V AMD64 ABI, 3.2.3; AAPCS64, 6.4.2; RISC-V
 * calling convention), and what a va_list needs is a fifth of an option's
 * cost. */
#undef ANY_ARGUMENT
#define ANY_ARGUMENT void *argument
/* On 32 bits a curl_off_t is two words, and only the option says so. */
_Static_assert(sizeof(void *) >= sizeof(curl_off_t),
               "an argument of any type goes on as one pointer");
#define ENTER_VARIADIC ENTER_VALUE

static inline struct entrance entrance(const struct library *library,
                                       const void *caller, const void *frame) {
  return (struct entrance){library, caller, frame};
}

#define HERE                                                                  \
  entrance(NULL, __builtin_return_address(0), __builtin_frame_address(0))
/* curl.h declares them otherwise where they are variadic. */
#define DEFINE(result, name, parameters)                                      \
  EXPORT result exported_##name parameters __asm__("curl_" #name);            \
  result exported_##name parameters
#define EXPORTED(context, kind, need, result, name, parameters, arguments)    \
  DEFINE(result, name, parameters) ENTER_##kind(HERE, name, arguments)

/* libcurl calling itself, which is many times more common than anybody else's
 * call of these, goes straight back to it. */
#define WITHOUT_FROM(from, ...) (__VA_ARGS__)
#define SHORT_CUT(name, arguments)                                            \
  const struct library *inside = caller_inside(__builtin_return_address(0));  \
  if (inside && inside->name)                                                 \
    return inside->name WITHOUT_FROM arguments;
#define EXPORTED_MULTI(context, kind, need, result, name, parameters, args)   \
  DEFINE(result, name, parameters) {                                          \
    SHORT_CUT(name, args) ENTER_##kind(HERE, name, args)                      \
  }

INTERPOSED_EASY(EXPORTED, 0)
INTERPOSED_MULTI(EXPORTED_MULTI, 0)

int curlretry_active(void);

/* Whether the shim is at work here: 1, it retries; 0, it is loaded and passes
 * everything through; 2, it retries, but the program drives the multi
 * interface and MULTI=0 leaves that out. Not loaded: the symbol is absent. */
EXPORT int curlretry_active(void) {
  if (!config_policy())
    return 0;
  return drive_was_left_out() ? 2 : 1;
}

const char *curlretry_version(void);

/* Such as "1.2.3", in read-only memory for as long as the shim is loaded,
 * which is for ever. */
EXPORT const char *curlretry_version(void) { return CURLRETRY_VERSION; }

/* --- stubs ----------------------------------------------------------------
 */

#define IN_SLOT(n)                                                            \
  entrance(library_in_slot(n), __builtin_return_address(0),                   \
           __builtin_frame_address(0))
#define STUB(n, kind, need, result, name, parameters, arguments)              \
  static result name##_##n parameters ENTER_##kind(IN_SLOT(n), name, arguments)

#define EACH_SLOT(ROW) ROW(0) ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) ROW(7)
#define STUBS(n) INTERPOSED(STUB, n)

EACH_SLOT(STUBS)

#define FUNCTION(context, kind, need, result, name, parameters, arguments)    \
  FUNCTION_##name,
enum function { INTERPOSED(FUNCTION, 0) FUNCTION_COUNT };

/* Without "curl_". */
#define NAME(context, kind, need, result, name, parameters, arguments) #name,
static const char names[FUNCTION_COUNT][24] = {INTERPOSED(NAME, 0)};

/* Code, not a table: a table of addresses would be relocated at the start of
 * every process. */
#define STUB_CASE(n, kind, need, result, name, parameters, arguments)         \
  case FUNCTION_##name:                                                       \
    return (void *)(uintptr_t)name##_##n;
#define SLOT_CASE(n)                                                          \
  case n:                                                                     \
    switch (function) { INTERPOSED(STUB_CASE, n) default : return NULL; }

static void *stub_of(int slot, enum function function) {
  switch (slot) {
    EACH_SLOT(SLOT_CASE)
  default:
    return NULL;
  }
}

static enum function function_named(const char *name) {
  int i = 0;

  while (i < FUNCTION_COUNT && strcmp(name + 5, names[i]) != 0)
    i++;
  return (enum function)i;
}

/* Old libcurls lack some. */
#define HAS_CASE(library, kind, need, result, name, parameters, arguments)    \
  case FUNCTION_##name:                                                       \
    return (library)->name != NULL;

static bool has_function(const struct library *library,
                         enum function function) {
  switch (function) {
    INTERPOSED(HAS_CASE, library)
  default:
    return false;
  }
}

/* dlsym(RTLD_NEXT): what comes next is relative to the caller, so the real
 * dlsym answers, but where ours is next and no libcurl behind it. */
static bool answer_next(const char *name, const void *caller,
                        uintptr_t *answer) {
  enum place place = objects_place(caller);

  if ((place != PLACE_PROGRAM && place != PLACE_AHEAD) ||
      real_find(RTLD_NEXT, name))
    return false;
  *answer = (uintptr_t)real_find(RTLD_NEXT, name); /* none: for its error */
  return true;
}

bool exports_answer(void *object, const char *name, const void *caller,
                    uintptr_t *answer) {
  enum function function = function_named(name);
  const struct library *library;
  void *found;

  if (function == FUNCTION_COUNT)
    return false;
  if (object == RTLD_NEXT)
    return answer_next(name, caller, answer);
  found = real_find(object, name);
  if (!found)
    return false;
  if (objects_place(found) == PLACE_OURS) {
    /* in the global scope ours is found first, also where no libcurl is
       loaded at all: then look behind us, for the same error */
    *answer = (uintptr_t)found;
    library = caller_library(caller);
    if (!library || !has_function(library, function))
      *answer = (uintptr_t)real_find(RTLD_NEXT, name);
    return true;
  }
  library = library_of_symbol(found);
  *answer = library ? (uintptr_t)stub_of(library_slot(library), function) : 0;
  return *answer != 0;
}

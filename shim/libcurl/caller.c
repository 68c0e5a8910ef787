/* Finding the real functions without a name-keyed global pointer.
 *
 * dlsym(RTLD_NEXT) alone is wrong twice: it is NULL for a libcurl that was
 * loaded RTLD_LOCAL, and with two flavours in one process it gives every
 * caller the same one. So the caller's own dependencies are asked first.
 *
 * Other preloads wrap libcurl's functions, too, and look for the next one by
 * RTLD_NEXT. One ahead of us finds ours: what it means is the libcurl behind
 * us. One behind us stands between us and that libcurl: each function that it
 * wraps is then reached through it. */
#define _GNU_SOURCE
#include "libcurl/caller.h"

#include "libcurl/real.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CALLER_SLOTS 64 /* cached call sites */

_Atomic(const struct library *) caller_wrapped;

/* A direct-mapped cache. `version` is odd while a slot is written, and another
 * one afterwards. What it tells is true for the objects of one generation: a
 * plugin may lie where another one was. */
static struct {
  _Atomic unsigned version;
  _Atomic uintptr_t caller;
  _Atomic uint64_t generation;
  _Atomic(const struct library *) library;
} callers[CALLER_SLOTS];

/* Whether `symbol` is a real function: not one of ours. */
static bool is_real(void *symbol) {
  return symbol && objects_place(symbol) != PLACE_OURS;
}

static const struct library *real_library(void *symbol) {
  return is_real(symbol) ? library_of_symbol(symbol) : NULL;
}

/* --- which libcurl a caller means ------------------------------------------
 */

/* The libcurl that `object` leads to; the object is closed. */
static const struct library *library_behind(void *object) {
  const struct library *library =
      real_library(real_find(object, "curl_easy_perform"));

  (void)real_close(object);
  return library;
}

/* The direct dependencies of the caller, in order: the first libcurl among
 * them is the one its references are bound to by version. */
static const struct library *among_needed(void *object) {
  const struct library *library = NULL;
  void *needed;
  int at = 0;

  while (!library && (needed = objects_needed_curl(object, &at)))
    library = library_behind(needed);
  return library;
}

/* For callers that lead to none: a plugin's tail call leaves the host's return
 * address. The last one that came is likelier than one that only we keep. */
static const struct library *any_library(void) {
  const struct library *library = NULL;
  void *object;

  for (int i = 0; !library && (object = objects_any_curl(i)); i++)
    library = library_behind(object);
  return library;
}

#define FIND_BEHIND(context, kind, need, result, name, parameters, arguments) \
  if (!library)                                                               \
    library = real_library(real_find(RTLD_NEXT, "curl_" #name));

/* The first libcurl behind us in the global scope. A wrapper is none, so it is
 * looked for by names that wrappers don't have. */
static const struct library *behind_us(void) {
  const struct library *library = NULL;

  INTERPOSED(FIND_BEHIND, 0)
  CALLED(FIND_BEHIND, 0)
  return library;
}

/* What the caller's own scope has. Not what a wrapper itself defines: it
 * called us for the next one. */
static void *find_own(void *object, const void *caller) {
  void *symbol = real_find(object, "curl_easy_perform");
  struct extent extent;

  if (!is_real(symbol) || !objects_extent(caller, &extent) ||
      !extent_holds(&extent, symbol))
    return symbol;
  return library_of_symbol(symbol) ? symbol : NULL;
}

/* `*has_own`: the caller's own scope has a libcurl, even if it is none that
 * can be taken over. */
static const struct library *find_in_scope(const void *caller, bool *has_own) {
  const struct library *library;
  void *object = objects_open(caller);
  void *symbol;

  *has_own = false;
  if (!object)
    return NULL;
  library = among_needed(object);
  if (!library) {
    symbol = find_own(object, caller);
    *has_own = is_real(symbol);
    library = real_library(symbol);
  }
  (void)real_close(object);
  return library;
}

/* A libcurl that was preloaded in place of the one the program is linked with:
 * without versions it is what all references are bound to. */
static const struct library *preloaded_for(const void *caller) {
  void *first = real_find(RTLD_NEXT, "curl_easy_perform");
  enum place place = objects_place(caller);

  if (!first || (place != PLACE_PROGRAM && place != PLACE_AHEAD) ||
      objects_has_versions(first))
    return NULL;
  return real_library(first);
}

static const struct library *find(const void *caller) {
  bool has_own = false;
  const struct library *library = preloaded_for(caller);

  if (!library)
    library = find_in_scope(caller, &has_own);
  if (library || has_own)
    return library;
  library = behind_us();
  if (library || is_real(real_find(RTLD_NEXT, "curl_easy_perform")))
    return library;
  return any_library();
}

bool caller_borrow(const void *caller, struct library *library) {
  void *object = objects_open(caller);

  memset(library, 0, sizeof(*library));
  if (!object)
    return false;
  if (!is_real(find_own(object, caller))) {
    (void)real_close(object);
    object = RTLD_NEXT;
  }
  library_look_up(library, object);
  if (object != RTLD_NEXT)
    (void)real_close(object);
  return true;
}

/* --- through other wrappers ------------------------------------------------
 */

/* Put the wrapper of a function of `library` in its place. True: there is
 * one. */
static bool wrap(const struct library *library, const char *name,
                 void *function) {
  void *next = real_find(RTLD_NEXT, name);
  void *own;

  memcpy(&own, function, sizeof(own));
  if (!own || !next || library_contains(library, next) ||
      library_of_symbol(next))
    return false;
  memcpy(function, &next, sizeof(next));
  return true;
}

#define WRAP(library, kind, need, result, name, parameters, arguments)        \
  is_wrapped = wrap(library, "curl_" #name, &made->name) || is_wrapped;

/* As the global scope reaches `library` from our place in it. */
static const struct library *through_wrappers(const struct library *library) {
  const struct library *known = atomic_load(&caller_wrapped);
  struct library *made;
  bool is_wrapped = false;

  if (known)
    return known->direct == library ? known : library;
  if (!library || library != behind_us())
    return library;
  made = malloc(sizeof(*made));
  if (!made)
    return library;
  *made = *library;
  INTERPOSED(WRAP, library)
  if (is_wrapped &&
      atomic_compare_exchange_strong(&caller_wrapped, &known, made))
    return made;
  free(made);
  return is_wrapped ? known : library;
}

bool caller_has_rival(void) {
  enum { UNKNOWN, NO, YES };
  static _Atomic int answer;
  int known = atomic_load_explicit(&answer, memory_order_relaxed);
  void *first;

  if (known == UNKNOWN) {
    first = real_find(RTLD_DEFAULT, "curlretry_active");
    known = first && objects_place(first) == PLACE_AHEAD ? YES : NO;
    atomic_store_explicit(&answer, known, memory_order_relaxed);
  }
  return known == YES;
}

/* --- remembered ------------------------------------------------------------
 */

/* NULL: nothing is known of it. */
static const struct library *recall(size_t slot, uintptr_t key,
                                    uint64_t generation) {
  unsigned version = atomic_load(&callers[slot].version);
  const struct library *library = atomic_load(&callers[slot].library);

  if (atomic_load(&callers[slot].caller) != key ||
      atomic_load(&callers[slot].generation) != generation || version % 2 ||
      atomic_load(&callers[slot].version) != version)
    return NULL;
  return library;
}

static void remember(size_t slot, uintptr_t key, uint64_t generation,
                     const struct library *library) {
  unsigned version = atomic_load(&callers[slot].version);

  /* another thread writes, or did when the process was forked */
  if (version % 2 || !atomic_compare_exchange_strong(&callers[slot].version,
                                                     &version, version + 1))
    return;
  atomic_store(&callers[slot].caller, key);
  atomic_store(&callers[slot].generation, generation);
  atomic_store(&callers[slot].library, library);
  atomic_store(&callers[slot].version, version + 2);
}

const struct library *caller_library(const void *caller) {
  uintptr_t key = (uintptr_t)caller;
  size_t slot = (key ^ (key >> 12)) % CALLER_SLOTS;
  int saved = errno;
  uint64_t generation = real_closes();
  const struct library *library = recall(slot, key, generation);

  if (!library) {
    library = through_wrappers(find(caller));
    real_forget_error();
    if (library)
      remember(slot, key, generation, library);
  }
  errno = saved;
  return library;
}

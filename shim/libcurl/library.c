/* One record a libcurl: how it is made and kept. Which one a caller means:
 * caller.c. */
#define _GNU_SOURCE
#include "libcurl/library.h"

#include "libcurl/objects.h"
#include "libcurl/real.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Complete before it is published here, constant and kept afterwards. */
static _Atomic(const struct library *) libraries[LIBRARY_MAX];

int library_slot(const struct library *library) {
  for (int i = 0; i < LIBRARY_MAX; i++)
    if (library == atomic_load(&libraries[i]))
      return i;
  return -1;
}

const struct library *library_in_slot(int slot) {
  return atomic_load(&libraries[slot]);
}

/* Function pointers come out of dlsym() as object pointers. */
static void look_up(void *object, const char *name, void *function) {
  void *address = real_find(object, name);

  memcpy(function, &address, sizeof(address));
}

#define LOOK_UP(object, kind, need, result, name, parameters, arguments)      \
  look_up(object, "curl_" #name, &library->name);

void library_look_up(struct library *library, void *object) {
  memset(library, 0, sizeof(*library));
  library->direct = library;
  INTERPOSED(LOOK_UP, object)
  CALLED(LOOK_UP, object)
}

#define HAS_NEEDED(name) &&is_inside(library, &library->name)
#define HAS_LATER(name)
#define HAS(context, kind, need, result, name, parameters, arguments)         \
  HAS_##need(name)

static bool is_inside(const struct library *library, const void *function) {
  const void *address;

  memcpy(&address, function, sizeof(address));
  return library_contains(library, address);
}

/* Whether a call can be taken over with what the library itself has. */
static bool is_whole(const struct library *library) {
  return true INTERPOSED(HAS, 0) CALLED(HAS, 0);
}

/* What stands behind us in the global scope may wrap all that we look for. Its
 * name, or what nobody wraps, tells a libcurl from it. */
static bool is_genuine(const struct library *library, void *object,
                       const char *file) {
  const char *slash = strrchr(file, '/');

  return !library_contains(library,
                           real_find(RTLD_NEXT, "curl_easy_perform")) ||
         !strncmp(slash ? slash + 1 : file, "libcurl", 7) ||
         library_contains(library, real_find(object, "curl_mvsnprintf"));
}

static bool fill(struct library *library, void *object, const char *file) {
  const curl_version_info_data *about;
  const void *inside;

  library_look_up(library, object);
  memcpy(&inside, &library->easy_perform, sizeof(inside));
  if (!inside || !objects_extent(inside, &library->extent) ||
      !is_whole(library) || !is_genuine(library, object, file))
    return false;
  about = library->version_info(CURLVERSION_FIRST);
  library->version = about ? about->version_num : 0;
  return library->version != 0;
}

static const struct library *known_library(const void *symbol) {
  for (int i = 0; i < LIBRARY_MAX; i++) {
    const struct library *library = atomic_load(&libraries[i]);
    if (library && library_contains(library, symbol))
      return library;
  }
  return NULL;
}

/* Publish `made`, or find that another thread did: one record a library. */
static const struct library *publish(struct library *made) {
  for (int i = 0; i < LIBRARY_MAX; i++) {
    const struct library *there = NULL;
    if (atomic_compare_exchange_strong(&libraries[i], &there, made))
      return made;
    if (there->extent.start == made->extent.start) {
      free(made);
      return there;
    }
  }
  free(made);
  return NULL;
}

/* The object that its name leads to may be another one, of another namespace.
 * What was preloaded ahead of us finds us behind it: we never call it. */
const struct library *library_of_symbol(void *symbol) {
  const struct library *known = known_library(symbol);
  struct library *made;
  Dl_info info;
  void *object;

  if (known || !real_address(symbol, &info) || !info.dli_fname)
    return known;
  if (objects_place(symbol) == PLACE_AHEAD)
    return NULL;
  object = real_open(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  made = object ? calloc(1, sizeof(*made)) : NULL;
  if (!made)
    return NULL;
  if (!fill(made, object, info.dli_fname) || !library_contains(made, symbol)) {
    free(made);
    return NULL;
  }
  return publish(made);
}

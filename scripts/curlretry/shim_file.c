/* shim_file.c - see shim_file.h. The build says BINDIR and LIBDIR. */
#include "shim_file.h"

#include "say.h"
#include "text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder this program was started from, links followed. */
static bool own_folder(char *folder) {
  ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
  if (length > 0) {
    folder[length] = '\0';
  } else {
    const char *name = (const char *)getauxval(AT_EXECFN);
    if (name == NULL || realpath(name, folder) == NULL)
      return false;
  }
  char *slash = strrchr(folder, '/');
  if (slash == NULL)
    return false;
  *slash = '\0';
  return true;
}

/* LIBDIR seen from BINDIR, applied to where this program really is:
 * /opt/x/bin with /usr/bin and /usr/lib/y is /opt/x/lib/y. NULL: `folder` has
 * too few parts. */
static char *moved_libdir(const char *folder) {
  const char *from = BINDIR;
  const char *to = LIBDIR;
  size_t same = 0;
  for (size_t i = 0; from[i] != '\0' && from[i] == to[i]; i++) {
    if (from[i] == '/')
      same = i;
  }
  char *place = text_keep(folder);
  for (const char *c = from + same; *c != '\0'; c++) {
    if (*c != '/' || c[1] == '/' || c[1] == '\0')
      continue;
    char *slash = strrchr(place, '/');
    if (slash == NULL)
      return NULL;
    *slash = '\0';
  }
  return text_join(place, to + same);
}

/* $prefix/lib of $prefix/bin, whatever was compiled in. */
static char *sibling_lib(const char *folder) {
  char *place = text_keep(folder);
  char *slash = strrchr(place, '/');
  if (slash == NULL)
    return NULL;
  *slash = '\0';
  return text_join(place, "/lib");
}

static bool is_usable(const char *library) {
  if (access(library, R_OK) != 0) {
    complain("%s can't be read: %s", library, strerror(errno));
    return false;
  }
  if (strpbrk(library, " \t\n\v\f\r:") != NULL) {
    complain("%s can't be preloaded: LD_PRELOAD can't hold a path with "
             "spaces or colons; move curlretry and the library elsewhere",
             library);
    return false;
  }
  return true;
}

const char *shim_file_find(void) {
  char folder[PATH_MAX];
  const char *places[4] = {NULL, NULL, NULL, LIBDIR};
  struct stat status;
  if (own_folder(folder)) {
    places[0] = folder;
    places[1] = moved_libdir(folder);
    places[2] = sibling_lib(folder);
  }
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    if (places[i] == NULL)
      continue;
    char *library = text_join(places[i], "/" SHIM_NAME);
    if (stat(library, &status) == 0 && S_ISREG(status.st_mode))
      return is_usable(library) ? library : NULL;
  }
  complain(SHIM_NAME " is not there: looked for in %s, %s and " LIBDIR
                     "; it has to be moved together with curlretry",
           places[0] != NULL ? places[0] : "curlretry's folder",
           places[1] != NULL ? places[1] : "a folder beside it");
  return NULL;
}

/* The length of the entry that `list` begins with. */
static size_t entry_length(const char *list) { return strcspn(list, " :"); }

static bool entry_is(const char *entry, size_t length, const char *begin,
                     bool is_whole) {
  const char *name = entry;
  for (size_t i = 0; i < length; i++) {
    if (entry[i] == '/')
      name = entry + i + 1;
  }
  size_t rest = length - (size_t)(name - entry);
  size_t wanted = strlen(begin);
  return strncmp(name, begin, wanted) == 0 && rest >= wanted &&
         (!is_whole || rest == wanted);
}

bool shim_file_is_in(const char *list) {
  while (*list != '\0') {
    size_t length = entry_length(list);
    if (entry_is(list, length, SHIM_NAME, true))
      return true;
    list += length + (list[length] != '\0');
  }
  return false;
}

const char *shim_file_preload(const char *library, const char *list) {
  const char *first = "";
  const char *others = "";
  char separator[] = ":";
  while (list != NULL && *list != '\0') {
    size_t length = entry_length(list);
    const char *entry = text_part(list, length);
    if (entry_is(list, length, "libasan", false) ||
        entry_is(list, length, "libclang_rt.asan", false))
      first = text_join(text_join(first, entry), ":");
    else if (length != 0 && !entry_is(list, length, SHIM_NAME, true))
      others = text_join(text_join(others, separator), entry);
    list += length;
    if (*list != '\0')
      separator[0] = *list++;
  }
  return text_join(text_join(first, library), others);
}

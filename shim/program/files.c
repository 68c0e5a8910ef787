/* Sources: the manual pages of the options; for when a file is read, libcurl's
 * lib/transfer.c (cookies, HSTS: at the start of each transfer), lib/netrc.c,
 * lib/formdata.c. */
#include "program/files.h"

#include "host/libc.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

struct file {
  struct file *next;
  CURLoption option;
  char path[];
};

enum finding {
  FILE_IS_MISSING,
  FILE_IS_READABLE, /* as often as one likes */
  FILE_IS_ONCE
};

static enum finding look_at(const char *path) {
  struct stat status;

  if (libc_stat(path, &status))
    return FILE_IS_MISSING;
  if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
    return FILE_IS_READABLE;
  /* /dev/null, the way to say "none" */
  if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3))
    return FILE_IS_READABLE;
  return FILE_IS_ONCE;
}

/* Whether open() never waits: a pipe without a name, from /dev/fd. */
static bool is_unnamed_pipe(const char *path) {
  struct statfs status;

  return !statfs(path, &status) && status.f_type == PIPEFS_MAGIC;
}

/* Options that add to a list: libcurl reads all that they ever named, and
 * keeps what it has read, with the handle. */
static bool is_list(CURLoption option) {
  return option == CURLOPT_COOKIEFILE || option == CURLOPT_HSTS;
}

static void add(struct files *files, CURLoption option, const char *path) {
  size_t size = strlen(path) + 1;
  struct file *file = malloc(sizeof(*file) + size);

  if (!file) {
    files->is_incomplete = true;
    return;
  }
  file->option = option;
  memcpy(file->path, path, size);
  file->next = files->first;
  files->first = file;
}

/* Take out those of the option; with `path` only that one. */
static void drop(struct files *files, CURLoption option, const char *path) {
  struct file **at = &files->first;

  while (*at) {
    struct file *file = *at;
    if (file->option != option || (path && strcmp(file->path, path) != 0)) {
      at = &file->next;
    } else {
      *at = file->next;
      free(file);
    }
  }
}

void files_set(struct files *files, CURLoption option, const char *path) {
  int saved = errno;

  drop(files, option, is_list(option) ? path : NULL);
  /* COOKIEFILE: "" reads nothing, "-" the rest of stdin */
  if (path && path[0] && strcmp(path, "-") != 0)
    add(files, option, path);
  errno = saved;
}

bool files_copy(struct files *to, const struct files *from) {
  *to = (struct files){.uses_netrc = from->uses_netrc,
                       .is_incomplete = from->is_incomplete};
  for (const struct file *file = from->first; file; file = file->next)
    add(to, file->option, file->path);
  return to->is_incomplete == from->is_incomplete;
}

void files_free(struct files *files) {
  struct file *file = files->first;

  while (file) {
    struct file *next = file->next;
    free(file);
    file = next;
  }
  *files = (struct files){.first = NULL};
}

/* Where libcurl looks when NETRC_FILE names none: $HOME/.netrc, from 8.16 on
 * $NETRC before it. */
static bool is_default_netrc_spent(void) {
  static const char name[] = "/.netrc";
  const char *path = getenv("NETRC");
  const char *home = getenv("HOME");
  char text[4096];
  size_t length;

  if (path && look_at(path) == FILE_IS_ONCE)
    return true;
  length = home ? strlen(home) : 0;
  if (!length || length > sizeof(text) - sizeof(name))
    return false;
  memcpy(text, home, length);
  memcpy(text + length, name, sizeof(name));
  return look_at(text) == FILE_IS_ONCE;
}

static bool is_read(const struct files *files, CURLoption option,
                    bool has_connected) {
  if (option == CURLOPT_NETRC_FILE)
    return files->uses_netrc;
  return has_connected || is_list(option);
}

static bool is_spent(const struct file *file) {
  return look_at(file->path) == FILE_IS_ONCE &&
         !(is_list(file->option) && is_unnamed_pipe(file->path));
}

bool files_are_spent(const struct files *files, bool has_connected) {
  bool has_netrc = false;

  if (files->is_incomplete)
    return true;
  for (const struct file *file = files->first; file; file = file->next) {
    if (is_read(files, file->option, has_connected) && is_spent(file))
      return true;
    has_netrc = has_netrc || file->option == CURLOPT_NETRC_FILE;
  }
  return files->uses_netrc && !has_netrc && is_default_netrc_spent();
}

/* "-" is stdin, which is not rewound to where it stood. A file that is gone
 * can't be sent again either. */
static bool is_part_spent(const struct curl_httppost *part) {
  return !part->contents || !strcmp(part->contents, "-") ||
         look_at(part->contents) != FILE_IS_READABLE;
}

bool files_form_is_spent(const struct curl_httppost *form) {
  const long is_file = CURL_HTTPPOST_FILENAME | CURL_HTTPPOST_READFILE;

  for (; form; form = form->next)
    for (const struct curl_httppost *part = form; part; part = part->more)
      if (form->flags & is_file && is_part_spent(part))
        return true;
  return false;
}

/* program.c - see program.h. Source: execve(2), capabilities(7). */
#include "program.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LINE_SIZE 256 /* Linux's own bound, BINPRM_BUF_SIZE */
#define BLANKS " \t"

/* 0, or why the file can't be executed. */
static int execution_error(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0)
    return errno == EACCES ? EACCES : ENOENT;
  return S_ISREG(status.st_mode) && access(path, X_OK) == 0 ? 0 : EACCES;
}

const char *program_find(const char *name) {
  int error = ENOENT;
  const char *folders = getenv("PATH");
  if (strchr(name, '/') != NULL) {
    errno = execution_error(name);
    return errno == 0 ? name : NULL;
  }
  if (folders == NULL)
    folders = "/bin:/usr/bin";
  while (name[0] != '\0') {
    size_t length = strcspn(folders, ":");
    char *folder = text_part(length != 0 ? folders : ".", length ? length : 1);
    const char *path = text_join(text_join(folder, "/"), name);
    int found = execution_error(path);
    if (found == 0)
      return path;
    error = found == EACCES && access(path, F_OK) == 0 ? EACCES : error;
    if (folders[length] == '\0')
      break;
    folders += length + 1;
  }
  errno = error;
  return NULL;
}

void program_read_script(const char *path, struct program_script *script) {
  char line[LINE_SIZE + 1];
  char *rest = NULL;
  ssize_t length = -1;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  *script = (struct program_script){"", NULL};
  if (file >= 0) {
    length = read(file, line, LINE_SIZE);
    (void)close(file);
  }
  if (length < 2)
    return;
  line[length] = '\0';
  line[strcspn(line, "\n")] = '\0';
  const char *word = strtok_r(line + 2, BLANKS, &rest);
  if (word == NULL)
    return;
  script->interpreter = text_keep(word);
  if (strcmp(program_name(word), "env") != 0)
    return;
  while ((word = strtok_r(NULL, BLANKS, &rest)) != NULL) {
    if (word[0] == '-' || strchr(word, '=') != NULL) /* of env */
      continue;
    script->wanted = text_keep(word);
    return;
  }
}

/* The program runs with the rights it is given: not on a file system without
 * them, nor where this process gave them up for its children. */
static bool grants(const char *path) {
  struct statvfs filesystem;
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
    return false;
  return statvfs(path, &filesystem) != 0 ||
         (filesystem.f_flag & ST_NOSUID) == 0;
}

static const char *privilege(const char *path, uid_t user, gid_t group) {
  struct stat status;
  if (stat(path, &status) != 0 || !grants(path))
    return NULL;
  if ((status.st_mode & S_ISUID) != 0 && status.st_uid != user)
    return "setuid";
  if ((status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
      status.st_gid != group)
    return "setgid";
  /* root has the capabilities already */
  if (user != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
    return "capabilities";
  return NULL;
}

const char *program_privilege(const char *path) {
  return privilege(path, getuid(), getgid());
}

const char *program_privilege_of_others(const char *path) {
  return privilege(path, (uid_t)-2, (gid_t)-2);
}

const char *program_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

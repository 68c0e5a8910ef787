/* settings.c - see settings.h. */
#include "settings.h"

#include "say.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static const char *value_of(const char *name) {
  char variable[64];
  (void)snprintf(variable, sizeof variable, VARIABLE_PREFIX "%s", name);
  return getenv(variable);
}

static void set(const char *name, const char *value) {
  char variable[64];
  (void)snprintf(variable, sizeof variable, VARIABLE_PREFIX "%s", name);
  if (setenv(variable, value, 1) != 0) {
    complain("%s: %s", variable, strerror(errno));
    exit(EXIT_USAGE);
  }
}

/* The variables that are the path of a file, when there is a "/" in them. */
static void make_absolute(const char *name) {
  char folder[PATH_MAX];
  const char *path = value_of(name);
  if (path == NULL || path[0] == '/' || strchr(path, '/') == NULL ||
      getcwd(folder, sizeof folder) == NULL)
    return;
  while (strncmp(path, "./", 2) == 0)
    path += 2;
  set(name,
      text_join(text_join(folder, strcmp(folder, "/") == 0 ? "" : "/"), path));
}

const char **settings_entries(char *const *environment, size_t *count) {
  size_t length = 0;
  *count = 0;
  while (environment[length] != NULL)
    length++;
  const char **entries = text_room(NULL, (length + 1) * sizeof *entries);
  for (size_t i = 0; i < length; i++) {
    if (strncmp(environment[i], VARIABLE_PREFIX, sizeof VARIABLE_PREFIX - 1) ==
        0)
      entries[(*count)++] = environment[i];
  }
  return entries;
}

const char *settings_source(const struct command *command, const char *name) {
  static char text[256];
  const struct setting *setting = options_setting(command, name);
  const char *value = value_of(name);
  text[0] = '\0';
  if (setting != NULL)
    (void)snprintf(text, sizeof text, "%s%s%s", setting->option,
                   setting->between,
                   setting->between[0] != '\0' ? setting->value : "");
  else if (value != NULL)
    (void)snprintf(text, sizeof text, VARIABLE_PREFIX "%s=%s", name, value);
  return text;
}

/* The parser's line names a variable; where an option has set it, say that
 * one instead. */
static void complain_of_policy(const struct command *command,
                               const char *message) {
  for (size_t i = command->count; i > 0; i--) {
    const struct setting *setting = &command->settings[i - 1];
    char begin[64];
    int length = snprintf(begin, sizeof begin,
                          VARIABLE_PREFIX "%s=", setting->variable->name);
    if (strncmp(message, begin, (size_t)length) != 0)
      continue;
    complain("%s%s%s", setting->option, setting->between, message + length);
    return;
  }
  complain("%s", message);
}

/* What keeps a line from being appended to the file; 0: nothing. Opened as
 * the library does it, but never made: a log that stays empty is no file. Nor
 * a FIFO: its reader would be told that this was all. */
static int log_error(const char *path, struct stat *status) {
  memset(status, 0, sizeof *status);
  if (stat(path, status) == 0) {
    if (S_ISFIFO(status->st_mode))
      return access(path, W_OK) == 0 ? 0 : errno;
    int file =
        open(path,
             O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
             0666);
    if (file >= 0)
      (void)close(file);
    return file >= 0 ? 0 : errno;
  }
  if (errno != ENOENT)
    return errno;
  char *folder = text_keep(path);
  *(strrchr(folder, '/') + 1) = '\0';
  return access(folder, W_OK | X_OK) == 0 ? 0 : errno;
}

/* The file of a LOG or TRACE can be written. */
static bool check_file(const struct command *command, const char *name,
                       const char *path) {
  struct stat status;
  int error = log_error(path, &status);
  if (error == 0)
    return true;
  if (error == EACCES && status.st_mode != 0 && status.st_uid != geteuid())
    complain("%s: the file can't be written: it belongs to another user "
             "(ID %u)",
             settings_source(command, name), (unsigned)status.st_uid);
  else
    complain("%s: the file can't be written: %s",
             settings_source(command, name), strerror(error));
  return false;
}

bool settings_apply(const struct command *command, struct policy *policy) {
  char message[POLICY_MESSAGE_SIZE];
  size_t count = 0;
  for (size_t i = 0; i < command->count; i++)
    set(command->settings[i].variable->name, command->settings[i].value);
  make_absolute("LOG");
  make_absolute("TRACE");
  const char **entries = settings_entries(environ, &count);
  if (!policy_parse(policy, entries, count, message)) {
    complain_of_policy(command, message);
    return false;
  }
  return (policy->log_target != LOG_TO_FILE ||
          check_file(command, "LOG", policy->log_path)) &&
         (policy->trace_path[0] == '\0' ||
          check_file(command, "TRACE", policy->trace_path));
}

/* launch.c - see launch.h. */
#include "launch.h"

#include "elf_file.h"
#include "preflight.h"
#include "program.h"
#include "say.h"
#include "settings.h"
#include "shim_file.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLANKS " \t\n"

extern char **environ;

/* "curl -sS URL" as one word, though there is a "curl". */
static bool is_command_line(const char *word) {
  size_t length = strcspn(word, BLANKS);
  return word[length] != '\0' && program_find(text_part(word, length)) != NULL;
}

static bool is_switch_value(const char *word) {
  static const char *const words[] = {"0",  "1",   "off",   "on",
                                      "no", "yes", "false", "true"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (strcmp(word, words[i]) == 0)
      return true;
  }
  return false;
}

/* What was probably meant by a program that there isn't. */
static void complain_of_missing(const struct command *command) {
  const char *name = command->operands[0];
  const struct setting *last =
      command->count != 0 ? &command->settings[command->count - 1] : NULL;
  if (last != NULL && last->between[0] == '\0' && is_switch_value(name))
    complain("%s: not found; a value of %s stands behind \"=\": %s=%s", name,
             last->option, last->option, name);
  else if (strstr(name, "://") != NULL)
    complain("%s: not found: it is a URL, not a program; "
             "curlretry curl %s",
             name, name);
  else if (is_command_line(name))
    complain("%s: not found: that is one word, the program's name and its "
             "arguments are several; without the quotes: curlretry %s",
             name, name);
  else
    complain("%s: not found", name);
}

int launch_explain(const struct command *command, int error) {
  const char *name = command->operands[0];
  struct stat status;
  if (error != EACCES) {
    complain_of_missing(command);
    return EXIT_MISSING;
  }
  if (stat(name, &status) == 0 && S_ISDIR(status.st_mode))
    complain("%s: it is a folder, not a program", name);
  else
    complain("%s: permission denied: it can't be executed", name);
  return EXIT_UNUSABLE;
}

static int complain_of_none(const struct command *command) {
  const struct setting *last =
      command->count != 0 ? &command->settings[command->count - 1] : NULL;
  if (last != NULL && strcmp(last->between, " ") == 0)
    complain("no program given: %s is the value of %s; see curlretry --help",
             last->value, last->option);
  else
    complain("no program given; see curlretry --help");
  return EXIT_USAGE;
}

static bool preload(const char *library) {
  const char *list = shim_file_preload(library, getenv("LD_PRELOAD"));
  if (setenv("LD_PRELOAD", list, 1) == 0)
    return true;
  complain("LD_PRELOAD: %s", strerror(errno));
  return false;
}

/* The shell's way with a file without a "#!" line, execvp(3)'s too. */
static void execute_by_shell(const char *path, char **operands) {
  size_t count = 0;
  while (operands[count] != NULL)
    count++;
  char **arguments = text_room(NULL, (count + 2) * sizeof *arguments);
  arguments[0] = text_keep("sh");
  arguments[1] = text_keep(path);
  for (size_t i = 1; i <= count; i++)
    arguments[i + 1] = operands[i];
  (void)execv("/bin/sh", arguments);
}

int launch_prepare(const struct command *command, struct launch *launch) {
  char **operands = command->operands;
  if (operands[0] == NULL)
    return complain_of_none(command);
  const char *library = shim_file_find();
  if (library == NULL || !settings_apply(command, &launch->policy))
    return EXIT_USAGE;
  launch->operands = operands;
  launch->path = program_find(operands[0]);
  if (launch->path == NULL)
    return launch_explain(command, errno);
  int status = preflight_check(launch->path, library);
  if (status != 0)
    return status;
  return preload(library) ? 0 : EXIT_USAGE;
}

int launch_execute(const struct launch *launch) {
  struct elf_file file;
  (void)execv(launch->path, launch->operands);
  if (errno == ENOEXEC && elf_open(&file, launch->path) == ELF_NONE)
    execute_by_shell(launch->path, launch->operands);
  complain("%s can't be executed: %s", launch->path, strerror(errno));
  return errno == ENOENT ? EXIT_MISSING : EXIT_UNUSABLE;
}

int launch_run(const struct command *command) {
  static struct launch launch;
  int status = launch_prepare(command, &launch);
  return status != 0 ? status : launch_execute(&launch);
}

int launch_print_env(const struct command *command) {
  static struct policy policy;
  size_t count = 0;
  if (command->operands[0] != NULL) {
    complain("--print-env takes no program: %s", command->operands[0]);
    return EXIT_USAGE;
  }
  const char *library = shim_file_find();
  if (library == NULL || !settings_apply(command, &policy) ||
      !preload(library))
    return EXIT_USAGE;
  const char **entries = settings_entries(environ, &count);
  printf("LD_PRELOAD=%s\n", getenv("LD_PRELOAD"));
  for (size_t i = 0; i < count; i++) {
    if (strchr(entries[i], '\n') == NULL) {
      puts(entries[i]);
      continue;
    }
    complain("%s: a line's end can't stand in a NAME=value line", entries[i]);
    return EXIT_USAGE;
  }
  return EXIT_SUCCESS;
}

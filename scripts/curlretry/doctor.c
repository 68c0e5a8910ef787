/* doctor.c - see doctor.h. */
#include "doctor.h"

#include "say.h"
#include "settings.h"
#include "shim_file.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REACHED 0
#define NOT_REACHED 1
#define TEXT_SIZE 8192

static void tell_verdict(const char *verdict, const char *format,
                         va_list arguments) {
  char text[TEXT_SIZE];
  (void)vsnprintf(text, sizeof text, format, arguments);
  tell("verdict", "%s: %s", verdict, text);
}

int doctor_reached(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  tell_verdict("reached", format, arguments);
  va_end(arguments);
  return REACHED;
}

int doctor_not_reached(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  tell_verdict("not reached", format, arguments);
  va_end(arguments);
  return NOT_REACHED;
}

void doctor_tell_use(const struct examination *found,
                     const struct policy *policy) {
  const char *const *uses = found->uses;
  for (size_t i = 0; i < found->shared_count; i++) {
    const struct libcurl_copy *copy = &found->shared[i];
    tell("libcurl", "%s: %s, %s", copy->path, copy->version, copy->flavour);
  }
  if (found->inside.path != NULL)
    tell("libcurl", "a static copy in %s: %s", found->inside.path,
         found->inside.version);
  else if (found->shared_count == 0)
    tell("libcurl", "none");
  if (uses[USE_PERFORM] != NULL)
    tell("curl_easy_perform", "imported by %s", uses[USE_PERFORM]);
  if (uses[USE_MULTI] != NULL)
    tell("curl_multi", "imported by %s%s", uses[USE_MULTI],
         policy->multi ? "" : ", passed through (MULTI=0)");
  if (uses[USE_CONNECT_ONLY] != NULL)
    tell("curl_easy_send/recv",
         "imported by %s: what CONNECT_ONLY transfers is passed through",
         uses[USE_CONNECT_ONLY]);
  if (found->looked_up != NULL)
    tell("dlsym", "imported, and %s is a name it has", found->looked_up);
  else if (uses[USE_DLSYM] != NULL)
    tell("dlsym", "imported by %s", uses[USE_DLSYM]);
  if (uses[USE_DLOPEN] != NULL)
    tell("dlopen", "imported by %s", uses[USE_DLOPEN]);
}

int doctor_judge_use(const struct examination *found,
                     const struct policy *policy, const char *path) {
  switch (examine_reach(found, policy)) {
  case REACH_WHOLE:
    return doctor_reached("failed transfers of %s are retried", path);
  case REACH_EASY_ONLY:
    return doctor_reached("what %s transfers by curl_easy_perform is retried; "
                          "MULTI=0 leaves its multi interface out",
                          path);
  case REACH_LOOKED_UP:
    return doctor_reached("the functions that %s looks up are the library's",
                          path);
  case REACH_MULTI_OFF:
    return doctor_not_reached("%s transfers by the multi interface alone, and "
                              "MULTI=0 leaves that out",
                              path);
  case REACH_INSIDE:
    return doctor_not_reached("%s has a libcurl of its own linked in, which "
                              "no other library gets between",
                              found->inside.path);
  case REACH_UNUSED:
    return doctor_not_reached("nothing in %s transfers with its libcurl",
                              path);
  default:
    if (found->has_loader)
      return doctor_not_reached(
          "%s doesn't use libcurl itself; what it runs or loads may: ask for "
          "that, or for the process while it runs",
          path);
    return doctor_not_reached("%s doesn't use libcurl itself; what it runs "
                              "may: ask for that",
                              path);
  }
}

const char *doctor_switched_off(const struct policy *policy,
                                const char *name) {
  if (policy->disable)
    return "DISABLE";
  if (policy->max_retries == 0 && policy->faults.count == 0)
    return "MAX_RETRIES";
  return policy_glob(policy->programs, name) ? "" : "PROGRAMS";
}

static void tell_plugin(const char *path, const struct examination *found) {
  const struct libcurl_copy *copy =
      found->shared_count != 0 ? &found->shared[0] : &found->inside;
  const char *functions = "no function that transfers";
  bool has_perform = found->uses[USE_PERFORM] != NULL;
  if (found->uses[USE_MULTI] != NULL)
    functions =
        has_perform ? "curl_easy_perform and curl_multi" : "curl_multi";
  else if (has_perform)
    functions = "curl_easy_perform";
  if (copy->path == NULL)
    tell("plugin", "%s: without libcurl", path);
  else if (copy == &found->inside)
    tell("plugin", "%s: a static copy of libcurl %s", path, copy->version);
  else
    tell("plugin", "%s: %s, %s, %s; imports %s", path, copy->path,
         copy->version, copy->flavour, functions);
}

const char *doctor_tell_plugins(const struct plugin_host *host,
                                const char *program,
                                const struct policy *policy) {
  const char *reached = NULL;
  struct examination found;
  const char *const *plugin = plugins_find(host, program);
  if (*plugin == NULL)
    tell("plugin", "nothing with libcurl that %s %s is found", host->name,
         host->verb);
  else if (host->uses_deepbind)
    tell("RTLD_DEEPBIND", "%s loads its plugins with it: %s", host->name,
         policy->keep_deepbind ? "they bind past the library (KEEP_DEEPBIND=1)"
                               : "the library takes it off");
  for (; *plugin != NULL; plugin++) {
    struct objects objects = {NULL, 0, NULL};
    if (objects_add(&objects, *plugin, *plugin) == NULL)
      continue;
    objects_close(&objects, getenv("LD_LIBRARY_PATH"));
    examine(&found, &objects);
    tell_plugin(*plugin, &found);
    if (reached == NULL && !(host->uses_deepbind && policy->keep_deepbind) &&
        reach_is_reached(examine_reach(&found, policy)))
      reached = *plugin;
  }
  return reached;
}

static bool is_number(const char *text) {
  size_t length = 0;
  while (isdigit((unsigned char)text[length]))
    length++;
  return length != 0 && length <= 9 && text[length] == '\0';
}

int doctor_run(const struct command *command) {
  static struct policy policy;
  char **operands = command->operands;
  if (operands[0] == NULL) {
    complain("--doctor needs a program, a process's number or a library's "
             "file; see curlretry --help");
    return EXIT_USAGE;
  }
  const char *library = shim_file_find();
  if (library == NULL || !settings_apply(command, &policy))
    return EXIT_USAGE;
  if (operands[1] != NULL)
    tell("arguments", "not looked at");
  if (is_number(operands[0]))
    return doctor_process(strtol(operands[0], NULL, 10));
  return doctor_program(command, &policy, library);
}

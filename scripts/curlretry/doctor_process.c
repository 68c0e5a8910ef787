/* doctor_process.c - the doctor on a running process. */
#include "doctor.h"

#include "process.h"
#include "say.h"
#include "settings.h"
#include "shim_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What it has of libcurl, as if all of it could be reached. */
static void tell_use_alone(const struct process_map *map) {
  static struct policy policy;
  struct examination found;
  policy_defaults(&policy);
  examine(&found, &map->objects);
  if (map->objects.count != 0)
    doctor_tell_use(&found, &policy);
}

/* Why it isn't mapped. */
static int judge_unmapped(const struct process *process,
                          const struct process_map *map) {
  const char *list = process_variable(process, "LD_PRELOAD");
  const char *program = process->program;
  if (map->objects.count == 0)
    return doctor_not_reached("%s is a program for another machine", program);
  if (map->objects.list[0].file.interpreter == NULL)
    return doctor_not_reached("%s is statically linked: no dynamic linker, no "
                              "preload",
                              program);
  if (process->is_secure)
    return doctor_not_reached("%s gained privileges when it was started: the "
                              "dynamic linker ignored LD_PRELOAD",
                              program);
  if (list != NULL && shim_file_is_in(list))
    return doctor_not_reached("LD_PRELOAD=%s could not be loaded: is the file "
                              "there, and readable to the process?",
                              list);
  long ancestor = process_preloaded_ancestor(process);
  if (ancestor != 0)
    return doctor_not_reached(
        "its environment was cleaned: process %ld, above "
        "it, has the library in LD_PRELOAD (sudo, su, "
        "env -i and the like take it out)",
        ancestor);
  return doctor_not_reached("it was started without curlretry: the library "
                            "is not in its LD_PRELOAD");
}

static void tell_policy(const struct process *process) {
  char name[64];
  for (const struct policy_variable *variable = policy_variables(NULL);
       variable->name != NULL; variable++) {
    (void)snprintf(name, sizeof name, VARIABLE_PREFIX "%s", variable->name);
    const char *value = process_variable(process, name);
    bool is_set = value != NULL && value[0] != '\0';
    const char *initial =
        variable->initial[0] != '\0' ? variable->initial : "none";
    tell("policy", "%s=%s (%s)", variable->name, is_set ? value : initial,
         is_set ? "environment" : "default");
  }
}

/* The library is loaded and lets this program's transfers through or not. */
static int judge_active(const struct process *process,
                        const struct process_map *map,
                        const struct policy *policy) {
  struct examination found;
  const struct plugin_host *host = plugins_host(process->program);
  examine(&found, &map->objects);
  doctor_tell_use(&found, policy);
  enum reach reach = examine_reach(&found, policy);
  if (host != NULL && host->uses_deepbind && policy->keep_deepbind)
    return doctor_not_reached("KEEP_DEEPBIND=1: %s's plugins bind past the "
                              "library",
                              host->name);
  if (reach != REACH_NO_LIBCURL)
    return doctor_judge_use(&found, policy, process->program);
  if (host == NULL)
    return doctor_not_reached("the library is active, but no libcurl is "
                              "loaded (yet); what it runs inherits it");
  const char *plugin = doctor_tell_plugins(host, process->program, policy);
  if (plugin != NULL)
    return doctor_reached("once %s %s %s", host->name, host->verb, plugin);
  return doctor_not_reached("the library is active, but no libcurl is loaded, "
                            "and there is no plugin for it");
}

static int judge_mapped(const struct process *process,
                        const struct process_map *map) {
  static struct policy policy;
  char message[POLICY_MESSAGE_SIZE] = "";
  size_t count = 0;
  tell("library", "%s%s", map->shim,
       map->is_shim_replaced
           ? ", replaced or removed since: the process keeps "
             "the old one until it is started anew"
           : "");
  if (process->environment == NULL)
    return doctor_not_reached("its environment can't be read");
  const char **entries = settings_entries(process->environment, &count);
  if (process->is_secure)
    return doctor_not_reached("it gained privileges when it was started: the "
                              "library passes everything through");
  if (!policy_parse(&policy, entries, count, message))
    return doctor_not_reached("its policy is not understood: %s", message);
  if (process->is_titled) {
    tell("policy", "not known, the default is judged: the process wrote its "
                   "title over its environment");
    policy_defaults(&policy);
    return judge_active(process, map, &policy);
  }
  tell_policy(process);
  const char *variable = doctor_switched_off(&policy, process->name);
  if (strcmp(variable, "PROGRAMS") == 0)
    return doctor_not_reached("its " VARIABLE_PREFIX "PROGRAMS leaves %s out",
                              process->name);
  if (variable[0] != '\0')
    return doctor_not_reached(
        "its " VARIABLE_PREFIX "%s passes everything through", variable);
  return judge_active(process, map, &policy);
}

int doctor_process(long id) {
  static struct process process;
  struct process_map map;
  if (!process_read(&process, id)) {
    if (errno == ENOENT || errno == ESRCH)
      return doctor_not_reached("there is no process %ld", id);
    complain("process %ld can't be looked into: %s", id, strerror(errno));
    return EXIT_USAGE;
  }
  if (!process_read_map(&process, &map)) {
    complain("process %ld can't be looked into: %s; ask as its user, or root",
             id, strerror(errno));
    return EXIT_USAGE;
  }
  if (process.program[0] == '\0')
    return doctor_not_reached("process %ld runs no program's file", id);
  tell("process", "%ld: %s%s", id, process.program,
       process.is_changed ? ", replaced or removed since" : "");
  if (map.shim != NULL)
    return judge_mapped(&process, &map);
  tell("library", "not loaded");
  tell_use_alone(&map);
  return judge_unmapped(&process, &map);
}

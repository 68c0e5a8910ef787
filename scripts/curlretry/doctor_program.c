/* doctor_program.c - the doctor on a program or a library that doesn't run. */
#include "doctor.h"

#include "preflight.h"
#include "program.h"
#include "say.h"
#include "settings.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INTERPRETERS_MAX 4

struct patient {
  const struct command *command;
  const struct policy *policy;
  const char *library;
  const char *name; /* as PROGRAMS sees it */
  const char *path;
  struct elf_file file;
  struct examination found;
  const struct plugin_host *host;
  const char *plugin; /* of the host's, one that is reached */
};

static int judge(struct patient *patient, const char *path, int depth);

static const char *linkage(const struct elf_file *file) {
  if (preflight_is_musl(file))
    return "dynamically linked with musl";
  if (file->interpreter != NULL)
    return "dynamically linked";
  return file->type == ET_DYN && !file->is_pie ? "a shared library"
                                               : "statically linked";
}

static bool is_program(const struct elf_file *file) {
  return file->interpreter != NULL || file->type != ET_DYN || file->is_pie;
}

/* The rights are told in any case: other users get no retries either. */
static int judge_privilege(const char *path, const char *privilege) {
  if (strcmp(privilege, "capabilities") == 0)
    return doctor_not_reached("%s has file capabilities: the dynamic linker "
                              "ignores LD_PRELOAD",
                              path);
  return doctor_not_reached("%s is %s: the dynamic linker ignores LD_PRELOAD",
                            path, privilege);
}

static void tell_privilege(const char *path) {
  const char *privilege = program_privilege_of_others(path);
  if (privilege == NULL)
    return;
  tell("privileges", "%s%s: LD_PRELOAD is ignored%s",
       strcmp(privilege, "capabilities") == 0 ? "file " : "", privilege,
       program_privilege(path) == NULL ? ", but not for this user" : "");
}

/* What keeps the library out of the process, whatever it does in there; -1:
 * nothing. */
static int judge_loading(const struct patient *patient) {
  const struct elf_file *file = &patient->file;
  const char *path = patient->path;
  const char *privilege = is_program(file) ? program_privilege(path) : NULL;
  if (is_program(file) && access(path, X_OK) != 0)
    return doctor_not_reached("%s can't be executed: permission denied", path);
  if (privilege != NULL)
    return judge_privilege(path, privilege);
  if (!is_program(file))
    return -1;
  if (file->interpreter == NULL) {
    if (patient->found.inside.path != NULL)
      return doctor_not_reached("%s is statically linked, its libcurl with it",
                                path);
    return doctor_not_reached("%s is statically linked: no dynamic linker, no "
                              "preload",
                              path);
  }
  if (access(file->interpreter, F_OK) != 0)
    return doctor_not_reached("its dynamic linker %s is not found",
                              file->interpreter);
  const char *missing =
      preflight_is_musl(file)
          ? preflight_missing(patient->library, file->interpreter)
          : NULL;
  if (missing != NULL)
    return doctor_not_reached("musl has no %s, which %s needs: build "
                              "curlretry there",
                              missing, patient->library);
  return -1;
}

static bool is_libcurl(const struct patient *patient) {
  const struct examination *found = &patient->found;
  return found->shared_count != 0 &&
         strcmp(found->shared[0].path, patient->path) == 0;
}

/* The policy's part; -1: none. A helper goes by its own name. */
static int judge_policy(const struct patient *patient) {
  bool is_helper = patient->host != NULL && patient->plugin != NULL &&
                   strcmp(patient->host->verb, "runs") == 0;
  const char *name = is_helper ? program_name(patient->plugin) : patient->name;
  const char *variable = doctor_switched_off(patient->policy, name);
  if (patient->policy->dry_run)
    tell("policy", "%s: nothing is sent again",
         settings_source(patient->command, "DRY_RUN"));
  if (variable[0] == '\0')
    return -1;
  const char *source = settings_source(patient->command, variable);
  if (strcmp(variable, "PROGRAMS") == 0)
    return doctor_not_reached("%s leaves %s out", source, name);
  return doctor_not_reached("%s passes everything through", source);
}

static int judge_plugins(const struct patient *patient) {
  if (patient->plugin != NULL)
    return doctor_reached("where %s %s %s", patient->host->name,
                          patient->host->verb, patient->plugin);
  return doctor_not_reached("%s has no libcurl itself, and nothing it %s for "
                            "that is reached",
                            patient->host->name, patient->host->verb);
}

static int judge_native(struct patient *patient) {
  struct objects objects = {NULL, 0, NULL};
  const char *path = patient->path;
  (void)objects_add(&objects, path, path);
  objects_close(&objects, getenv("LD_LIBRARY_PATH"));
  examine(&patient->found, &objects);
  if (elf_is_go(&patient->file))
    tell("language", "Go, whose own net/http isn't libcurl");
  tell_privilege(path);
  if (objects.missing != NULL)
    tell("missing", "%s, which it needs", objects.missing);
  doctor_tell_use(&patient->found, patient->policy);
  bool is_reached =
      reach_is_reached(examine_reach(&patient->found, patient->policy));
  if (patient->host == NULL)
    patient->host = plugins_host(path);
  if (patient->host != NULL && !is_reached)
    patient->plugin =
        doctor_tell_plugins(patient->host, path, patient->policy);
  int verdict = judge_loading(patient);
  if (verdict < 0)
    verdict = judge_policy(patient);
  if (verdict >= 0)
    return verdict;
  if (is_libcurl(patient))
    return doctor_reached("it is a libcurl: the library stands before it in "
                          "the programs that load both");
  if (patient->host != NULL && !is_reached)
    return judge_plugins(patient);
  return doctor_judge_use(&patient->found, patient->policy, path);
}

static int judge_elf(struct patient *patient, enum elf_kind kind) {
  struct elf_file ours;
  const struct elf_file *file = &patient->file;
  if (kind == ELF_NATIVE)
    tell("program", "%s: %s, %s", patient->path, elf_describe(file),
         linkage(file));
  else
    tell("program", "%s: %s", patient->path, elf_describe(file));
  if (elf_open(&ours, patient->library) >= ELF_FOREIGN &&
      !elf_is_alike(file, &ours)) {
    const char *theirs = text_keep(elf_describe(file));
    return doctor_not_reached("%s is %s, %s is %s", patient->path, theirs,
                              patient->library, elf_describe(&ours));
  }
  return judge_native(patient);
}

/* R's script around the real program finds it by itself. */
static int judge_around(struct patient *patient,
                        const struct plugin_host *host) {
  tell("program", "%s: a script around %s", patient->path, host->name);
  patient->host = host;
  patient->plugin = doctor_tell_plugins(host, patient->path, patient->policy);
  int verdict = judge_policy(patient);
  return verdict >= 0 ? verdict : judge_plugins(patient);
}

static int judge_script(struct patient *patient, int depth) {
  struct program_script script;
  const char *path = patient->path;
  const struct plugin_host *host = plugins_host(path);
  if (host != NULL && host->is_script)
    return judge_around(patient, host);
  program_read_script(path, &script);
  const char *interpreter = script.interpreter;
  if (interpreter[0] == '\0' || depth == 0)
    return doctor_not_reached("%s names no interpreter", path);
  if (script.wanted != NULL) {
    interpreter = program_find(script.wanted);
    if (interpreter == NULL)
      return doctor_not_reached("%s: its interpreter %s is not found", path,
                                script.wanted);
  }
  tell("script", "%s, run by %s, which is judged", path, interpreter);
  tell("programs it runs", "can't be known; each inherits the library and has "
                           "to be asked for");
  return judge(patient, interpreter, depth - 1);
}

static int judge(struct patient *patient, const char *path, int depth) {
  patient->path = path;
  enum elf_kind kind = elf_open(&patient->file, path);
  switch (kind) {
  case ELF_UNREADABLE:
    return doctor_not_reached("%s can't be read: %s", path, strerror(errno));
  case ELF_SCRIPT:
    return judge_script(patient, depth);
  case ELF_NONE:
    return doctor_not_reached("%s is neither a program nor a library", path);
  case ELF_BROKEN:
    return doctor_not_reached("%s is a broken ELF file", path);
  default:
    return judge_elf(patient, kind);
  }
}

int doctor_program(const struct command *command, const struct policy *policy,
                   const char *library) {
  struct stat status;
  const char *name = command->operands[0];
  struct patient patient = {.command = command,
                            .policy = policy,
                            .library = library,
                            .name = program_name(name)};
  const char *path = program_find(name);
  if (path == NULL && stat(name, &status) == 0 && S_ISREG(status.st_mode))
    path = name; /* a library, or the verdict says what is wrong */
  if (path != NULL)
    return judge(&patient, path, INTERPRETERS_MAX);
  if (errno == EACCES)
    return doctor_not_reached("%s can't be executed", name);
  return doctor_not_reached("%s is not found", name);
}

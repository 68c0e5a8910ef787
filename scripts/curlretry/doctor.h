/* doctor.h - --doctor: will it be reached, and why not.
 *
 * One finding a line, then the verdict. Exit status: 0 reached, 1 not
 * reached, 2 no verdict: a wrong option or policy, a process that may not be
 * looked into.
 */
#ifndef CURLRETRY_DOCTOR_H
#define CURLRETRY_DOCTOR_H

#include "examine.h"
#include "options.h"
#include "plugins.h"

int doctor_run(const struct command *command);

/* The patients. */
int doctor_program(const struct command *command, const struct policy *policy,
                   const char *library);
int doctor_process(long id);

/* --- what their files share --- */

/* The last line, and the exit status. */
int doctor_reached(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
int doctor_not_reached(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The findings on libcurl. */
void doctor_tell_use(const struct examination *found,
                     const struct policy *policy);

/* The verdict where nothing but libcurl's use decides, on what `path` names.
 */
int doctor_judge_use(const struct examination *found,
                     const struct policy *policy, const char *path);

/* A program's plugins for libcurl: a finding for each. The first one that is
 * reached; NULL: none. */
const char *doctor_tell_plugins(const struct plugin_host *host,
                                const char *program,
                                const struct policy *policy);

/* The variable that lets nothing of the program of this name through, "" where
 * none does. */
const char *doctor_switched_off(const struct policy *policy, const char *name);

#endif

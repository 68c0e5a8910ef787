/* runtime.h - what the process is given once: policy, program, stderr. */
#ifndef CURLRETRY_RUNTIME_H
#define CURLRETRY_RUNTIME_H

#include "budget.h"
#include "policy.h"

/* The policy, parsed at the first use; NULL when the process runs as if
 * unshimmed: DISABLE, MAX_RETRIES=0, PROGRAMS, a policy that can't be
 * understood (reported then and there, once), a set-user-ID program. */
const struct policy *runtime_policy(void);

/* Whether dlopen() of `file` loses RTLD_DEEPBIND: not with KEEP_DEEPBIND, not
 * where the shim passes through. */
bool runtime_strips_deepbind(const char *file);

/* The folder for temporary files: TMPDIR at the start, or /tmp. */
const char *runtime_folder(void);

/* The budgets of this process. */
struct budget_table *runtime_budgets(void);

/* Whether descriptor 2 is still the file it was when the process started: a
 * daemon may have closed it and the next socket got its number. */
bool runtime_has_stderr(void);

/* The program's file name, without its folder. */
const char *runtime_program(void);

/* Monotonic time in ms. */
int64_t runtime_now_ms(void);

/* The same to within some ms, for a fraction of the cost. */
int64_t runtime_about_now_ms(void);

/* A uniform number for jitter: no system call. */
uint64_t runtime_random(void);

#endif

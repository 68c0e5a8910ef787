/* settings.h - the policy: what the options and the environment say of it. */
#ifndef CURLRETRY_SETTINGS_H
#define CURLRETRY_SETTINGS_H

#include "options.h"

/* Put the options into this process's environment, make the paths in it
 * absolute (the program may change its folder before it logs), and parse it.
 * False: one line has said what is wrong, by the name that was typed. */
bool settings_apply(const struct command *command, struct policy *policy);

/* "--multi 0" where an option said it, else "CURLRETRY_MULTI=0"; "" where
 * neither did. Static text, until the next call. */
const char *settings_source(const struct command *command, const char *name);

/* The entries of `environment` (as environ(7)) that belong to the policy.
 * Never freed. */
const char **settings_entries(char *const *environment, size_t *count);

#endif

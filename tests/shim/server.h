/* server.h - starting and asking the faulty server; used by setup.c. What
 * tests call is in setup.h. */
#ifndef CURLRETRY_SHIM_SERVER_H
#define CURLRETRY_SHIM_SERVER_H

#include <stdbool.h>

/* Starts $FAULTY, or the one beside this program's folder. */
bool server_start(const char *program);
void server_stop(void);

/* In a child: use the parent's server. */
void server_join(void);

#endif

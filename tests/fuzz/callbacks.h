/* callbacks.h - those of the program. */
#ifndef CURLRETRY_FUZZ_CALLBACKS_H
#define CURLRETRY_FUZZ_CALLBACKS_H

#include "program.h"

#define UPLOAD_SIZE 150

/* Those that every handle has; and some by lot. */
void callbacks_set(struct user *user);
void callbacks_set_some(struct user *user);

/* One that may stand for this option. */
void *callbacks_for(CURLoption option);

#endif

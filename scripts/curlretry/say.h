/* say.h - what curlretry tells its user: one line a message, whatever a name
 * or a value holds. */
#ifndef CURLRETRY_SAY_H
#define CURLRETRY_SAY_H

#define EXIT_USAGE 2      /* an option, the policy, what can't be preloaded */
#define EXIT_UNUSABLE 126 /* the program can't be executed */
#define EXIT_MISSING 127  /* it is not found */

/* "curlretry: ..." and a line's end on stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "SUBJECT: ..." and a line's end on stdout. */
void tell(const char *subject, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

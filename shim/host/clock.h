/* clock.h - the monotonic clock: what every wait and deadline is measured on.
 * The kernel's own, also where the program is shown another one.
 */
#ifndef CURLRETRY_CLOCK_H
#define CURLRETRY_CLOCK_H

#include <stdint.h>

/* Monotonic time in ms. */
int64_t clock_now_ms(void);

/* The same to within some ms, for a fraction of the cost. */
int64_t clock_about_now_ms(void);

/* The date, in seconds of Unix time: for dates that others name. */
int64_t clock_date_s(void);

#endif

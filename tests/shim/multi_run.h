/* multi_run.h - main() of a test program whose tests hold in every loop: each
 * loop in a child, all of them at once, with a server of its own.
 */
#ifndef CURLRETRY_SHIM_MULTI_RUN_H
#define CURLRETRY_SHIM_MULTI_RUN_H

#include "multi_transfer.h"

struct multi_run {
  const struct CMUnitTest *tests; /* *state: const struct loop * */
  size_t count;
  const char *const *policy;
  long delay_ms; /* BASE_DELAY, without jitter; longer where all is slow. 0:
                    the policy says it */
};

int multi_run(int argc, char **argv, const struct multi_run *run);

/* Until turn() says so, or the test fails. */
void run_to_end(struct drive *drive);

/* BASE_DELAY in this child, ms. */
long multi_delay(void);

/* Until the server has seen so many requests for `key`; a while longer: until
 * they have been answered, so that what failed waits. */
void run_until_seen(struct drive *drive, const char *key, size_t requests);
void run_until_waiting(struct drive *drive, const char *key, size_t requests);

/* turn(): goes on for the whole time; messages stay unread. */
bool turn_never(struct drive *drive);

/* Ends the test; both it and the reason are in the parent's output. */
void multi_skip(const char *reason);

/* Another server: one knows 8192 plans. */
void multi_change_server(void);

/* RANDOM_SEED, or one of the clock's, the same in all children. */
unsigned long long multi_seed(void);

/* `many` in a long run, `few` where all is slow. */
unsigned multi_count(unsigned few, unsigned usual, unsigned many);

#endif

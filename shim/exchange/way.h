/* way.h - the blocks on the way to an answer that the program was shown while
 * the answer is held: redirects, challenges, CONNECT replies, interim
 * responses. A retry takes the same way; the program sees it once.
 */
#ifndef CURLRETRY_WAY_H
#define CURLRETRY_WAY_H

#include <stdbool.h>
#include <stdint.h>

/* What comes after so many blocks is shown by each attempt that meets it. */
#define WAY_BLOCKS 32

struct way_block {
  uint64_t identity; /* hop.h */
  unsigned attempt;  /* the last one that met it */
};

struct way {
  bool has_replies; /* the way of an ftp transfer was shown: its replies */
  unsigned replies_attempt; /* ... by this attempt */
  unsigned count;
  struct way_block blocks[WAY_BLOCKS];
};

/* Before a call: nothing was shown. */
void way_begin(struct way *way);

/* `attempt` is about to show a block. True: an earlier one did, it is not
 * shown again; else it is remembered. Of equal blocks each stands for one. */
bool way_knows(struct way *way, uint64_t identity, unsigned attempt);

/* The replies of ftp up to here are shown by `attempt`. */
void way_show_replies(struct way *way, unsigned attempt);

/* Whether an earlier attempt showed them. */
bool way_knows_replies(const struct way *way, unsigned attempt);

#endif

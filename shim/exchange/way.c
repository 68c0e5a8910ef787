/* Rules: design.md, "Final". */
#include "exchange/way.h"

void way_begin(struct way *way) {
  way->has_replies = false;
  way->count = 0;
}

bool way_knows(struct way *way, uint64_t identity, unsigned attempt) {
  struct way_block *block = way->blocks;
  struct way_block *end = block + way->count;

  for (; block < end; block++)
    if (block->identity == identity && block->attempt < attempt) {
      block->attempt = attempt;
      return true;
    }
  if (way->count < WAY_BLOCKS)
    way->blocks[way->count++] = (struct way_block){identity, attempt};
  return false;
}

void way_show_replies(struct way *way, unsigned attempt) {
  if (way->has_replies)
    return;
  way->has_replies = true;
  way->replies_attempt = attempt;
}

bool way_knows_replies(const struct way *way, unsigned attempt) {
  return way->has_replies && way->replies_attempt < attempt;
}

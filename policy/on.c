/* on.c - see on.h. The grammar: design.md, variable ON. */
#include "on.h"

#include "codes.h"
#include "list.h"
#include "number.h"

#include <string.h>

/* Retried by default (design.md, "What is retried"). */
static const uint16_t default_statuses[] = {408, 425, 429, 500, 502,
                                            503, 504, 522, 524};

static void change_bit(uint8_t *bits, unsigned index, bool is_set) {
  uint8_t bit = (uint8_t)(1u << (index % 8));
  if (is_set)
    bits[index / 8] = (uint8_t)(bits[index / 8] | bit);
  else
    bits[index / 8] = (uint8_t)(bits[index / 8] & ~bit);
}

static bool has_bit(const uint8_t *bits, unsigned index) {
  return (bits[index / 8] >> (index % 8)) & 1;
}

bool on_has_code(const struct retry_set *set, int code) {
  if (code < 1 || code >= POLICY_CODE_COUNT)
    return false;
  return has_bit(set->codes, (unsigned)code);
}

bool on_has_status(const struct retry_set *set, int status) {
  if (status < POLICY_STATUS_MIN || status > POLICY_STATUS_MAX)
    return false;
  return has_bit(set->statuses, (unsigned)status);
}

static void change_statuses(struct retry_set *set, int64_t from, int64_t to,
                            bool is_set) {
  for (int64_t status = from; status <= to; status++)
    change_bit(set->statuses, (unsigned)status, is_set);
}

static void change_class(struct retry_set *set, enum retry_class class,
                         bool is_set) {
  for (int code = 1; code < POLICY_CODE_COUNT; code++) {
    if (codes_class(code) == class)
      change_bit(set->codes, (unsigned)code, is_set);
  }
  if (class != CLASS_STATUS)
    return;
  size_t count = sizeof default_statuses / sizeof default_statuses[0];
  for (size_t i = 0; i < count; i++)
    change_bit(set->statuses, default_statuses[i], is_set);
}

static void change_default(struct retry_set *set, bool is_set) {
  for (int i = CLASS_DNS; i < CLASS_COUNT; i++)
    change_class(set, (enum retry_class)i, is_set);
}

static void change_every_status(struct retry_set *set, bool is_set) {
  change_statuses(set, POLICY_STATUS_MIN, POLICY_STATUS_MAX, is_set);
  set->ftp_permanent = is_set;
}

/* `default`, `all`, `none` or a class. */
static bool apply_word(struct retry_set *set, struct slice word, bool is_set) {
  if (slice_is(word, "default")) {
    change_default(set, is_set);
    return true;
  }
  if (slice_is(word, "none") && !is_set)
    return false;
  if (slice_is(word, "none") || (slice_is(word, "all") && !is_set)) {
    memset(set, 0, sizeof *set);
    return true;
  }
  if (slice_is(word, "all")) {
    change_default(set, true);
    change_every_status(set, true);
    return true;
  }
  for (int i = CLASS_DNS; i < CLASS_COUNT; i++) {
    if (!slice_is(word, policy_class_name((enum retry_class)i)))
      continue;
    change_class(set, (enum retry_class)i, is_set);
    /* "!status" says "whatever the status", also in "all,!status". */
    if (i == CLASS_STATUS && !is_set)
      change_every_status(set, false);
    return true;
  }
  return false;
}

static bool apply_status(struct retry_set *set, struct slice text,
                         bool is_set) {
  int64_t from = 0;
  int64_t to = 0;
  if (!number_statuses(text, &from, &to))
    return false;
  change_statuses(set, from, to, is_set);
  return true;
}

/* `curl:56`. A code that is never retried can't be asked for; `!curl:60` says
 * what is so anyway. */
static bool apply_code(struct retry_set *set, struct slice text, bool is_set) {
  int64_t code = 0;
  struct slice prefix = {text.at, 5};
  if (text.length <= prefix.length || !slice_is(prefix, "curl:"))
    return false;
  if (!number_whole(slice_after(text, prefix.length), POLICY_CODE_COUNT - 1,
                    &code) ||
      code == 0)
    return false;
  if (is_set && codes_is_never((int)code))
    return false;
  change_bit(set->codes, (unsigned)code, is_set);
  return true;
}

bool on_parse(struct retry_set *set, struct slice list, struct slice *bad) {
  struct list walk = list_of(list);
  memset(set, 0, sizeof *set);
  if (walk.is_selected)
    change_default(set, true);
  while (list_next(&walk)) {
    bool is_set = !walk.is_negated;
    if (apply_word(set, walk.entry, is_set) ||
        apply_status(set, walk.entry, is_set) ||
        apply_code(set, walk.entry, is_set))
      continue;
    *bad = walk.entry;
    return false;
  }
  return true;
}

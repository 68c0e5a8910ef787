/* faults.c - see faults.h. */
#include "faults.h"

#include "list.h"
#include "number.h"

#include <string.h>

#define STATUS_LAST 599 /* 400 is the first: others are no failures */
#define ATTEMPTS_MAX 1000

/* Split `text` at the first `c`: what comes before it is returned, `rest`
 * becomes what follows; without text where there is no `c`. */
static struct slice take_until(struct slice text, char c, struct slice *rest) {
  struct slice taken = {text.at, 0};
  while (taken.length < text.length && text.at[taken.length] != c)
    taken.length++;
  *rest = (struct slice){NULL, 0};
  if (taken.length < text.length)
    *rest = slice_after(text, taken.length + 1);
  return taken;
}

/* `503`, `reset`, `delay`. */
static bool parse_name(struct slice text, struct fault_rule *rule) {
  int class = slice_find(text, "dns|connect|tls|timeout|reset|partial|delay");
  int64_t status = 0;
  if (class >= 0) {
    rule->kind = (enum fault_kind)(FAULT_DNS + class);
    return true;
  }
  if (text.length != 3 || !number_whole(text, STATUS_LAST, &status) ||
      status < POLICY_STATUS_MIN)
    return false;
  rule->kind = FAULT_STATUS;
  rule->status = (int)status;
  return true;
}

/* `503`, `reset@20K`, `delay=2s`. */
static bool parse_kind(struct slice text, struct fault_rule *rule) {
  struct slice size;
  struct slice duration;
  struct slice name = take_until(text, '=', &duration);
  name = take_until(name, '@', &size);
  if (!parse_name(name, rule))
    return false;
  if (size.at != NULL &&
      (rule->kind < FAULT_TIMEOUT || rule->kind > FAULT_PARTIAL ||
       !number_size(size, &rule->after)))
    return false;
  if (rule->kind != FAULT_DELAY)
    return duration.at == NULL;
  return duration.at != NULL && number_duration(duration, &rule->delay_ms) &&
         rule->delay_ms != 0;
}

/* `10%`, `first=2`: each once. */
static bool parse_condition(struct slice text, struct fault_rule *rule) {
  struct slice count;
  struct slice word = take_until(text, '=', &count);
  int64_t number = 0;
  if (slice_is(word, "first") && count.at != NULL) {
    if (rule->first != 0 || !number_whole(count, ATTEMPTS_MAX, &number) ||
        number == 0)
      return false;
    rule->first = (unsigned)number;
    return true;
  }
  if (rule->share != POLICY_SHARE_ALL || !number_share(text, &number))
    return false;
  rule->share = (unsigned)number;
  return true;
}

static bool parse_entry(struct slice text, struct fault_rule *rule) {
  struct slice rest;
  struct slice kind = take_until(text, ':', &rest);
  *rule = (struct fault_rule){.share = POLICY_SHARE_ALL, .after = -1};
  if (!parse_kind(kind, rule))
    return false;
  while (rest.at != NULL) {
    if (!parse_condition(take_until(rest, ':', &rest), rule))
      return false;
  }
  return true;
}

/* `!503` takes every 503 away. */
static bool take_away(struct faults *faults, struct slice text) {
  struct fault_rule gone = {.kind = FAULT_NONE};
  unsigned kept = 0;
  if (!parse_name(text, &gone))
    return false;
  for (unsigned i = 0; i < faults->count; i++) {
    const struct fault_rule *rule = &faults->rules[i];
    if (rule->kind != gone.kind || rule->status != gone.status)
      faults->rules[kept++] = *rule;
  }
  faults->count = kept;
  return true;
}

static bool add(struct faults *faults, struct slice text) {
  return faults->count < POLICY_FAULTS_MAX &&
         parse_entry(text, &faults->rules[faults->count++]);
}

bool faults_parse(struct faults *faults, struct slice list,
                  struct slice *bad) {
  memset(faults, 0, sizeof *faults);
  if (slice_find(list, "none|off|0") >= 0)
    return true;
  for (struct list walk = list_of(list); list_next(&walk);) {
    if (walk.is_negated ? take_away(faults, walk.entry)
                        : add(faults, walk.entry))
      continue;
    *bad = walk.entry;
    return false;
  }
  return true;
}

/* The output function of splitmix64 (public domain, S. Vigna). */
static uint64_t mix(uint64_t z) {
  z += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint64_t faults_number(int64_t seed, uint64_t call, unsigned attempt) {
  return mix(mix(mix((uint64_t)seed) ^ call) ^ attempt);
}

static bool hits(const struct fault_rule *rule, unsigned attempt, bool is_http,
                 uint64_t random) {
  if (rule->first != 0 && attempt > rule->first)
    return false;
  if (rule->kind == FAULT_STATUS && !is_http)
    return false;
  return random % POLICY_SHARE_ALL < rule->share;
}

struct fault faults_draw(const struct faults *faults, unsigned attempt,
                         bool is_http, uint64_t random) {
  struct fault fault = {.kind = FAULT_NONE, .after = -1};
  for (unsigned i = 0; i < faults->count; i++) {
    const struct fault_rule *rule = &faults->rules[i];
    if (!hits(rule, attempt, is_http, mix(random + i)))
      continue;
    if (rule->kind == FAULT_DELAY) {
      if (fault.delay_ms == 0)
        fault.delay_ms = rule->delay_ms;
    } else if (fault.kind == FAULT_NONE) {
      fault.kind = rule->kind;
      fault.status = rule->status;
      fault.after = rule->after;
    }
  }
  return fault;
}

/* parse.c - policy_parse(): from the environment's entries to the struct.
 *
 * Runs inside the host: no allocation, no stdio, no locale, no errno. The
 * tables hold characters and offsets, never pointers, so they need no
 * relocation when a process that never transfers anything loads the library.
 */
#include "complaint.h"
#include "faults.h"
#include "glob.h"
#include "methods.h"
#include "number.h"
#include "on.h"
#include "text_fields.h"

#include <string.h>

#define MAX_RETRIES_MAX 1000
#define BUDGET_MAX 1000000

enum field_kind {
  FIELD_RETRIES,
  FIELD_BUDGET,
  FIELD_AMOUNT_MS, /* off: 0 */
  FIELD_BOUND_MS,  /* off: no bound */
  FIELD_SIZE,      /* off: 0 */
  FIELD_WORD,
  FIELD_FLAG,
  FIELD_ON,
  FIELD_METHODS,
  FIELD_HOSTS,
  FIELD_PROGRAMS,
  FIELD_FAULTS,
  FIELD_SEED,
  FIELD_HEADER,
  FIELD_LOG,
  FIELD_TRACE
};

/* Each variable's name, words, default and accepted phrase, one after the
 * other. */
#define VARIABLE(name, kind, member, words, initial, accepts, meaning)        \
  char name[sizeof(#name "\0" words "\0" initial "\0" accepts)];
struct texts {
#include "variable_list.h"
};
#undef VARIABLE

#define VARIABLE(name, kind, member, words, initial, accepts, meaning)        \
  .name = #name "\0" words "\0" initial "\0" accepts,
static const struct texts texts = {
#include "variable_list.h"
};
#undef VARIABLE

struct field {
  uint16_t text;   /* offset of its texts */
  uint16_t member; /* offset in struct policy */
  uint8_t kind;
};

#define VARIABLE(name, kind, member, words, initial, accepts, meaning)        \
  {offsetof(struct texts, name), offsetof(struct policy, member), kind},
static const struct field fields[] = {
#include "variable_list.h"
};
#undef VARIABLE

#define FIELD_COUNT (sizeof fields / sizeof fields[0])
_Static_assert(FIELD_COUNT <= 64, "policy_parse() keeps one bit for each");
_Static_assert(sizeof(enum backoff_shape) == sizeof(int), "store_word()");

enum text_part { TEXT_NAME, TEXT_WORDS, TEXT_INITIAL, TEXT_ACCEPTS };

static const char *field_text(const struct field *field, enum text_part part) {
  const char *text = (const char *)&texts + field->text;
  for (int i = 0; i < (int)part; i++)
    text += strlen(text) + 1;
  return text;
}

/* What was wrong with a value; `entry` in it, for lists. */
struct problem {
  const char *text;
  struct slice entry;
};

static bool store_whole(struct slice value, int64_t max, void *member) {
  int64_t number = 0;
  if (!slice_is(value, "off") && !number_whole(value, max, &number))
    return false;
  int stored = (int)number;
  memcpy(member, &stored, sizeof stored);
  return true;
}

static bool store_duration(struct slice value, int64_t when_off,
                           void *member) {
  int64_t ms = 0;
  if (!slice_is(value, "off") && !number_duration(value, &ms))
    return false;
  if (ms == 0)
    ms = when_off;
  memcpy(member, &ms, sizeof ms);
  return true;
}

static bool store_size(struct slice value, void *member) {
  int64_t bytes = 0;
  if (!slice_is(value, "off") && !number_size(value, &bytes))
    return false;
  memcpy(member, &bytes, sizeof bytes);
  return true;
}

static bool store_word(struct slice value, const char *words, void *member) {
  int index = slice_find(value, words);
  if (index >= 0)
    memcpy(member, &index, sizeof index);
  return index >= 0;
}

static bool store_flag(struct slice value, const char *words, void *member) {
  int index = slice_find(value, words);
  bool is_set = index % 2 == 1;
  if (index >= 0)
    memcpy(member, &is_set, sizeof is_set);
  return index >= 0;
}

static bool store_seed(struct slice value, const char *words, void *member) {
  int64_t seed = -1;
  if (slice_find(value, words) < 0 &&
      !number_whole(value, FAULTS_SEED_MAX, &seed))
    return false;
  memcpy(member, &seed, sizeof seed);
  return true;
}

static bool store_list(const struct field *field, struct slice value,
                       void *member, struct problem *problem) {
  /* What is stored is never longer than what is given. */
  if (field->kind != FIELD_ON && value.length >= POLICY_LIST_SIZE) {
    problem->text = "longer than 1023 characters";
    return false;
  }
  switch (field->kind) {
  case FIELD_ON:
    return on_parse(member, value, &problem->entry);
  case FIELD_METHODS:
    return methods_parse(member, value, &problem->entry);
  case FIELD_FAULTS:
    return faults_parse(member, value, &problem->entry);
  case FIELD_HOSTS:
    return glob_parse_hosts(member, value, &problem->entry);
  default:
    return glob_parse_programs(member, value, &problem->entry);
  }
}

/* Set the field to `value`, which is trimmed and not empty. */
static bool store(struct policy *policy, const struct field *field,
                  struct slice value, struct problem *problem) {
  void *member = (char *)policy + field->member;
  *problem = (struct problem){"not understood", {NULL, 0}};
  switch ((enum field_kind)field->kind) {
  case FIELD_RETRIES:
    return store_whole(value, MAX_RETRIES_MAX, member);
  case FIELD_BUDGET:
    return store_whole(value, BUDGET_MAX, member);
  case FIELD_AMOUNT_MS:
    return store_duration(value, 0, member);
  case FIELD_BOUND_MS:
    return store_duration(value, POLICY_UNLIMITED, member);
  case FIELD_SIZE:
    return store_size(value, member);
  case FIELD_WORD:
    return store_word(value, field_text(field, TEXT_WORDS), member);
  case FIELD_FLAG:
    return store_flag(value, field_text(field, TEXT_WORDS), member);
  case FIELD_SEED:
    return store_seed(value, field_text(field, TEXT_WORDS), member);
  case FIELD_HEADER:
    problem->text = text_fields_header(policy, value);
    return problem->text == NULL;
  case FIELD_LOG:
    problem->text = text_fields_log(policy, value);
    return problem->text == NULL;
  case FIELD_TRACE:
    problem->text = text_fields_trace(policy, value);
    return problem->text == NULL;
  default:
    return store_list(field, value, member, problem);
  }
}

void policy_defaults(struct policy *policy) {
  struct problem ignored;
  memset(policy, 0, sizeof *policy);
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    struct slice initial = slice_of(field_text(&fields[i], TEXT_INITIAL));
    if (initial.length != 0)
      (void)store(policy, &fields[i], initial, &ignored);
  }
}

/* The position of a variable in `fields`; FIELD_COUNT: unknown. */
static size_t find_field(struct slice name) {
  size_t i = 0;
  for (; i < FIELD_COUNT; i++) {
    const char *known = field_text(&fields[i], TEXT_NAME);
    if (strncmp(known, name.at, name.length) == 0 &&
        known[name.length] == '\0')
      break;
  }
  return i;
}

static size_t smallest(size_t a, size_t b, size_t c) {
  size_t least = a < b ? a : b;
  return least < c ? least : c;
}

/* As long as the longest name, and its end. */
#define VARIABLE(name, kind, member, words, initial, accepts, meaning)        \
  char name[sizeof(#name)];
union any_name {
#include "variable_list.h"
};
#undef VARIABLE

/* Levenshtein's distance, whatever the case of `name`'s letters. */
static size_t edit_distance(struct slice name, const char *known) {
  size_t row[sizeof(union any_name)];
  size_t length = strlen(known);
  for (size_t i = 0; i <= length; i++)
    row[i] = i;
  for (size_t n = 0; n < name.length; n++) {
    size_t diagonal = row[0];
    row[0] = n + 1;
    for (size_t i = 0; i < length; i++) {
      bool is_same = slice_upper(name.at[n]) == known[i];
      size_t replaced = diagonal + (is_same ? 0 : 1);
      diagonal = row[i + 1];
      row[i + 1] = smallest(replaced, row[i] + 1, diagonal + 1);
    }
  }
  return row[length];
}

/* The known name at most three slips away ("MAX_RETRY"); NULL: none. */
static const char *nearest_name(struct slice name) {
  const char *nearest = NULL;
  size_t least = 4;
  if (name.length > 32)
    return NULL;
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    const char *known = field_text(&fields[i], TEXT_NAME);
    size_t distance = edit_distance(name, known);
    /* A few slips in ON or LOG would make anything of them. */
    if (distance < least && 3 * distance <= strlen(known)) {
      nearest = known;
      least = distance;
    }
  }
  return nearest;
}

/* Split "CURLRETRY_NAME=value". False for anything else: getenv(3) would not
 * see it either. */
static bool split_entry(const char *entry, struct complaint *parts) {
  size_t prefix = sizeof POLICY_PREFIX - 1;
  const char *equals = strchr(entry, '=');
  if (strncmp(entry, POLICY_PREFIX, prefix) != 0 || equals == NULL)
    return false;
  memset(parts, 0, sizeof *parts);
  parts->name =
      (struct slice){entry + prefix, (size_t)(equals - entry) - prefix};
  parts->value = slice_of(equals + 1);
  return true;
}

/* Apply one entry; `seen` has a bit for each variable met before. */
static bool apply(struct policy *policy, struct complaint *parts,
                  uint64_t *seen) {
  struct slice value = slice_trim(parts->value);
  size_t index = find_field(parts->name);
  if (index == FIELD_COUNT) {
    parts->problem = "no such variable";
    parts->nearest = nearest_name(parts->name);
    return false;
  }
  const struct field *field = &fields[index];
  bool is_first = (*seen >> index & 1) == 0;
  *seen |= UINT64_C(1) << index;
  struct problem problem;
  if (!is_first || value.length == 0 || store(policy, field, value, &problem))
    return true;
  parts->problem = problem.text;
  parts->accepts = field_text(field, TEXT_ACCEPTS);
  if (problem.entry.length != value.length)
    parts->entry = problem.entry;
  return false;
}

bool policy_parse(struct policy *policy, const char *const *entries,
                  size_t count, char *message) {
  struct complaint parts;
  uint64_t seen = 0;
  message[0] = '\0';
  policy_defaults(policy);
  for (size_t i = 0; i < count; i++) {
    if (!split_entry(entries[i], &parts) || apply(policy, &parts, &seen))
      continue;
    complaint_write(&parts, message);
    policy_defaults(policy);
    return false;
  }
  return true;
}

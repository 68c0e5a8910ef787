/* Plans: what the server does, one step per request or connection. */
#include "plan.h"

#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_kind {
  OPTION_FLAG,
  OPTION_NUMBER,
  OPTION_PAIR,
  OPTION_TEXT,
  OPTION_LIST
};

struct option {
  const char *name;
  enum option_kind kind;
  size_t offset;
  const char *fallback; /* the value when none is given; NULL: required */
};

#define FIELD(member) offsetof(struct step, member)

static const struct option options[] = {
    {"auth", OPTION_TEXT, FIELD(auth), NULL},
    {"body", OPTION_TEXT, FIELD(body), NULL},
    {"chunked", OPTION_NUMBER, FIELD(chunk), "16K"},
    {"cl", OPTION_FLAG, FIELD(length), NULL},
    {"connclose", OPTION_FLAG, FIELD(connclose), NULL},
    {"crange", OPTION_TEXT, FIELD(content_range), NULL},
    {"drop", OPTION_FLAG, FIELD(drop), NULL},
    {"early", OPTION_FLAG, FIELD(early), NULL},
    {"eof", OPTION_FLAG, FIELD(eof), NULL},
    {"etag", OPTION_TEXT, FIELD(etag), NULL},
    {"events", OPTION_PAIR, FIELD(events), NULL},
    {"expect", OPTION_NUMBER, FIELD(expect), NULL},
    {"gzip", OPTION_FLAG, FIELD(gzip), NULL},
    {"hdr", OPTION_LIST, FIELD(headers), NULL},
    {"http10", OPTION_FLAG, FIELD(http10), NULL},
    {"info", OPTION_NUMBER, FIELD(info), "103"},
    {"lm", OPTION_TEXT, FIELD(modified), "86400"},
    {"loc", OPTION_TEXT, FIELD(location), NULL},
    {"multipart", OPTION_FLAG, FIELD(multipart), NULL},
    {"next", OPTION_FLAG, FIELD(next), NULL},
    {"nocontinue", OPTION_FLAG, FIELD(nocontinue), NULL},
    {"nodate", OPTION_FLAG, FIELD(nodate), NULL},
    {"nohash", OPTION_FLAG, FIELD(nohash), NULL},
    {"noloc", OPTION_FLAG, FIELD(noloc), NULL},
    {"noranges", OPTION_FLAG, FIELD(noranges), NULL},
    {"ra", OPTION_TEXT, FIELD(retry_after), NULL},
    {"ranges", OPTION_FLAG, FIELD(ranges), NULL},
    {"rate", OPTION_PAIR, FIELD(rate), NULL},
    {"seed", OPTION_TEXT, FIELD(seed), NULL},
    {"size", OPTION_NUMBER, FIELD(size), NULL},
    {"to", OPTION_TEXT, FIELD(to), NULL},
    {"trailer", OPTION_LIST, FIELD(trailers), NULL},
    {"type", OPTION_TEXT, FIELD(type), NULL},
    {"vary", OPTION_FLAG, FIELD(vary), NULL},
    {"wait", OPTION_NUMBER, FIELD(wait_ms), NULL},
    {"wetag", OPTION_TEXT, FIELD(weak_etag), NULL},
};

struct parser {
  char *error;
  const char *step; /* the step at hand, as written */
};

__attribute__((format(printf, 2, 3))) static bool
fail(struct parser *parser, const char *format, ...) {
  char reason[PLAN_ERROR_SIZE / 2];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  snprintf(parser->error, PLAN_ERROR_SIZE, "bad plan step '%.80s': %s",
           parser->step, reason);
  return false;
}

/* Stores the pair "A~B". */
static bool parse_pair(const char *value, struct pair *pair) {
  char first[24];
  size_t length = strcspn(value, "~");

  if (!value[length] || length >= sizeof first)
    return false;
  memcpy(first, value, length);
  first[length] = '\0';
  return text_number(first, &pair->first) && pair->first > 0 &&
         text_number(value + length + 1, &pair->second);
}

/* Adds VALUE, which must be Name~Value, to a list field. */
static bool append(const char **list, const char *value) {
  for (size_t i = 0; i < STEP_LIST_MAX; i++)
    if (!list[i]) {
      list[i] = value;
      return strchr(value, '~') != NULL;
    }
  return false;
}

static bool store(struct step *step, const struct option *option,
                  const char *value) {
  void *field = (char *)step + option->offset;

  switch (option->kind) {
  case OPTION_FLAG:
    *(bool *)field = true;
    return true;
  case OPTION_NUMBER:
    return text_number(value, field);
  case OPTION_PAIR:
    return parse_pair(value, field);
  case OPTION_TEXT:
    *(const char **)field = value;
    return true;
  case OPTION_LIST:
    return append(field, value);
  }
  return false;
}

/* NAME or NAME=VALUE of the table. */
static bool parse_option(struct parser *parser, struct step *step,
                         char *word) {
  char *value = strchr(word, '=');

  if (value) {
    *value++ = '\0';
    text_decode(value);
  }
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    const struct option *option = &options[i];

    if (strcmp(word, option->name) != 0)
      continue;
    if (value && option->kind == OPTION_FLAG)
      return fail(parser, "'%s' takes no value", word);
    if (!value && option->kind != OPTION_FLAG && !option->fallback)
      return fail(parser, "'%s' needs a value", word);
    return store(step, option, value ? value : option->fallback) ||
           fail(parser, "bad value for '%s'", word);
  }
  return fail(parser, "unknown option '%s'", word);
}

/* [up]close@N, [up]rst@N, [up]flip@N, [up]stall@N[=MS]; N is a number or
   "head". */
static bool parse_fault(struct parser *parser, struct step *step, char *word) {
  char *name = word;
  char *at = strchr(word, '@');
  struct fault *fault = &step->down;
  char *ms = strchr(at, '=');
  uint64_t position = AT_HEAD;
  uint64_t stall_ms = 0;

  *at++ = '\0';
  if (ms)
    *ms++ = '\0';
  if (strncmp(name, "up", 2) == 0) {
    fault = &step->up;
    name += 2;
  }
  if (strcmp(at, "head") != 0 && !text_number(at, &position))
    return fail(parser, "'@%s' is not a number", at);
  if (ms && (strcmp(name, "stall") != 0 || !text_number(ms, &stall_ms)))
    return fail(parser, "bad time '=%s'", ms);
  if (strcmp(name, "stall") == 0) {
    fault->stall_at = position;
    fault->stall_ms = ms ? (int64_t)stall_ms : STALL_FOREVER;
  } else if (strcmp(name, "flip") == 0) {
    fault->flip_at = position;
  } else if (strcmp(name, "close") == 0 || strcmp(name, "rst") == 0) {
    fault->cut = *name == 'c' ? CUT_CLOSE : CUT_RESET;
    fault->cut_at = position;
  } else {
    return fail(parser, "unknown fault '%s@'", word);
  }
  return true;
}

/* The step's first word, without its "*COUNT". */
static bool parse_kind(struct parser *parser, struct step *step, char *word) {
  static const struct {
    const char *name;
    enum step_action action;
    int status;
    const char *challenge;
  } kinds[] = {
      {"pass", STEP_ANSWER, 200, NULL},
      {"close", STEP_CLOSE, 0, NULL},
      {"rst", STEP_RESET, 0, NULL},
      {"hang", STEP_HANG, 0, NULL},
      {"digest", STEP_ANSWER, 401, "digest"},
      {"basic", STEP_ANSWER, 401, "basic"},
  };
  uint64_t status;

  step->status = 200;
  if (strchr(word, '@'))
    return parse_fault(parser, step, word);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(word, kinds[i].name) == 0) {
      step->action = kinds[i].action;
      step->status = kinds[i].status;
      step->challenge = kinds[i].challenge;
      return true;
    }
  if (!text_number(word, &status) || strlen(word) != 3 || status < 101)
    return fail(parser, "'%s' is no status or fault", word);
  step->status = (int)status;
  return true;
}

/* Options that contradict each other, and values with a fixed set. */
static bool check_step(struct parser *parser, const struct step *step) {
  if ((step->length && (step->chunk || step->eof)) ||
      (step->chunk && step->eof))
    return fail(parser, "cl, chunked and eof exclude each other");
  if (step->auth && strcmp(step->auth, "digest") != 0 &&
      strcmp(step->auth, "basic") != 0)
    return fail(parser, "auth is digest or basic");
  if (step->expect && step->expect != 417)
    return fail(parser, "expect is 417");
  if (step->info && (step->info < 100 || step->info > 199))
    return fail(parser, "info is a 1xx status");
  if (step->trailers[0] && !step->chunk)
    return fail(parser, "trailer needs chunked");
  if (step->wait_ms > 3600000 || step->rate.second > 3600000)
    return fail(parser, "waits are at most an hour");
  if (step->up.cut_at == AT_HEAD || step->up.stall_at == AT_HEAD ||
      step->down.stall_at == AT_HEAD || step->up.flip_at == AT_HEAD ||
      step->down.flip_at == AT_HEAD)
    return fail(parser, "@head is for close and rst");
  return true;
}

static bool parse_step(struct parser *parser, struct step *step, char *text) {
  char *state = NULL;
  char *word = strtok_r(text, ":", &state);
  char *star = word ? strchr(word, '*') : NULL;
  uint64_t repeat = 1;

  step->repeat = 1;
  step->size = SIZE_UNSET;
  step->down.cut_at = step->down.stall_at = AT_NEVER;
  step->up.cut_at = step->up.stall_at = AT_NEVER;
  step->down.flip_at = step->up.flip_at = AT_NEVER;
  if (!word)
    return fail(parser, "empty");
  if (star) {
    *star++ = '\0';
    if (!text_number(star, &repeat) || repeat == 0 || repeat > 1000000)
      return fail(parser, "bad count '*%s'", star);
    step->repeat = (unsigned)repeat;
  }
  if (!parse_kind(parser, step, word))
    return false;
  while ((word = strtok_r(NULL, ":", &state)) != NULL)
    if (!(strchr(word, '@') && word[strcspn(word, "@=")] == '@'
              ? parse_fault(parser, step, word)
              : parse_option(parser, step, word)))
      return false;
  return check_step(parser, step);
}

struct plan *plan_parse(const char *text, char error[PLAN_ERROR_SIZE]) {
  struct plan *plan = calloc(1, sizeof *plan);
  size_t size = strlen(text) + 1;
  struct parser parser = {.error = error};

  if (!plan || !(plan->storage = malloc(2 * size)))
    abort();
  /* One copy keeps the steps as written, the other is taken apart. */
  memcpy(plan->storage, text, size);
  memcpy(plan->storage + size, text, size);
  for (char *next = plan->storage; next;) {
    char *written = next;
    char *work = written + size;
    char *comma = strchr(written, ',');

    next = comma ? comma + 1 : NULL;
    if (comma)
      *comma = comma[size] = '\0';
    parser.step = written;
    if (plan->count == PLAN_STEPS_MAX) {
      fail(&parser, "more than %d steps", PLAN_STEPS_MAX);
      goto bad;
    }
    plan->steps[plan->count].text = written;
    if (!parse_step(&parser, &plan->steps[plan->count], work))
      goto bad;
    plan->count++;
  }
  return plan;
bad:
  plan_free(plan);
  return NULL;
}

const struct step *plan_step(const struct plan *plan, uint64_t number) {
  for (size_t i = 0; i + 1 < plan->count; i++) {
    if (number < plan->steps[i].repeat)
      return &plan->steps[i];
    number -= plan->steps[i].repeat;
  }
  return &plan->steps[plan->count - 1];
}

void plan_free(struct plan *plan) {
  if (plan)
    free(plan->storage);
  free(plan);
}

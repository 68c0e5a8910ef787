/* record.c - see record.h. */
#include "record.h"

#include "codes.h"
#include "slice.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum type { TYPE_TEXT, TYPE_NUMBER, TYPE_FLAG };

#define TEXT(name, member)                                                    \
  { name, sizeof(name) - 1, TYPE_TEXT, offsetof(struct record, member) }
#define NUMBER(member)                                                        \
  {                                                                           \
#member, sizeof(#member) - 1, TYPE_NUMBER,                                \
        offsetof(struct record, member)                                       \
  }
#define FLAG(member)                                                          \
  { #member, sizeof(#member) - 1, TYPE_FLAG, offsetof(struct record, member) }

/* In the order that lines have them, for record_field()'s guess. */
static const struct {
  const char *name;
  size_t length;
  enum type type;
  size_t at;
} fields[] = {
    NUMBER(v),
    TEXT("event", event_name),
    TEXT("time", time),
    TEXT("program", program),
    NUMBER(pid),
    NUMBER(tid),
    NUMBER(call),
    NUMBER(attempt),
    TEXT("method", method),
    TEXT("url", url),
    TEXT("effective_url", effective_url),
    TEXT("host", host),
    TEXT("peer", peer),
    FLAG(reused),
    TEXT("http_version", http_version),
    TEXT("proxy", proxy),
    FLAG(at_proxy),
    NUMBER(code),
    TEXT("message", message),
    NUMBER(status),
    TEXT("class", class_name),
    FLAG(injected),
    NUMBER(dns),
    NUMBER(connect),
    NUMBER(tls),
    NUMBER(first_byte),
    NUMBER(total),
    NUMBER(sent),
    NUMBER(received),
    NUMBER(held),
    NUMBER(replayed),
    NUMBER(resumed_from),
    TEXT("verdict", verdict),
    TEXT("reason", reason),
    NUMBER(delay_ms),
    NUMBER(retry_after_ms),
    TEXT("outcome", outcome_name),
    NUMBER(attempts),
    NUMBER(waited_ms),
    NUMBER(total_ms),
    NUMBER(bytes_up),
    NUMBER(bytes_down),
    TEXT("driver", driver),
    TEXT("level", level),
    TEXT("text", text),
};
#define FIELD_COUNT ((int)(sizeof fields / sizeof fields[0]))

static const char *const outcome_names[OUTCOME_COUNT] = {"ok", "rescued",
                                                         "failed", "program"};

static void *member(struct record *record, int field) {
  return (char *)record + fields[field].at;
}

void record_clear(struct record *record) {
  memset(record, 0, offsetof(struct record, texts));
  for (int i = 0; i < FIELD_COUNT; i++) {
    if (fields[i].type == TYPE_NUMBER)
      *(double *)member(record, i) = UNKNOWN;
  }
}

int record_field(const char *name, size_t length, int guess) {
  for (int i = 0; i < FIELD_COUNT; i++) {
    int at = (guess + i) % FIELD_COUNT;
    if (fields[at].length == length &&
        memcmp(fields[at].name, name, length) == 0)
      return at;
  }
  return -1;
}

void record_set_null(struct record *record, int field) {
  switch (fields[field].type) {
  case TYPE_TEXT:
    *(const char **)member(record, field) = NULL;
    break;
  case TYPE_NUMBER:
    *(double *)member(record, field) = UNKNOWN;
    break;
  default:
    *(bool *)member(record, field) = false;
    break;
  }
}

bool record_set_text(struct record *record, int field, const char *text,
                     size_t length) {
  char *to = record->texts + record->text_length;
  if (fields[field].type != TYPE_TEXT ||
      length >= sizeof record->texts - record->text_length)
    return false;
  for (size_t i = 0; i < length; i++)
    to[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
  to[length] = '\0';
  record->text_length += length + 1;
  *(const char **)member(record, field) = to;
  return true;
}

/* No amount of what a trace counts is negative, or more than an integer that
 * JSON's readers take. */
bool record_set_number(struct record *record, int field, double number) {
  if (fields[field].type != TYPE_NUMBER || !(number >= 0) || number > 0x1p53)
    return false;
  *(double *)member(record, field) = number;
  return true;
}

bool record_set_flag(struct record *record, int field, bool flag) {
  if (fields[field].type != TYPE_FLAG)
    return false;
  *(bool *)member(record, field) = flag;
  return true;
}

const char *record_outcome_name(enum outcome outcome) {
  return outcome_names[outcome];
}

static bool find_class(struct record *record) {
  record->retry_class = CLASS_NONE;
  if (record->class_name == NULL)
    return true;
  for (int i = 0; i < CLASS_COUNT; i++) {
    if (strcmp(record->class_name, policy_class_name((enum retry_class)i)) ==
        0) {
      record->retry_class = i;
      return true;
    }
  }
  return false;
}

static bool find_outcome(struct record *record) {
  for (int i = 0; i < OUTCOME_COUNT && record->outcome_name != NULL; i++) {
    if (strcmp(record->outcome_name, outcome_names[i]) == 0) {
      record->outcome = (enum outcome)i;
      return true;
    }
  }
  return false;
}

bool record_finish(struct record *record) {
  const char *event = record->event_name;
  if (record->v != 1 || event == NULL || record->time == NULL)
    return false;
  record->at_ms = record_time(record->time);
  if (isnan(record->at_ms) || !find_class(record))
    return false;
  if (strcmp(event, "note") == 0) {
    record->event = EVENT_NOTE;
    return record->level != NULL && record->text != NULL;
  }
  if (isnan(record->pid) || isnan(record->call))
    return false;
  if (record->host == NULL) /* as of a URL that libcurl can't understand */
    record->host = "unknown";
  if (record->url == NULL)
    record->url = "unknown";
  if (strcmp(event, "attempt") == 0) {
    record->event = EVENT_ATTEMPT;
    return !isnan(record->attempt) && record->verdict != NULL;
  }
  record->event = EVENT_CALL;
  return strcmp(event, "call") == 0 && find_outcome(record) &&
         !isnan(record->attempts);
}

static int digits(const char *text, int count) {
  int number = 0;
  for (int i = 0; i < count; i++) {
    if (!slice_is_digit(text[i]))
      return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

/* Days since 1970 of a date of the Gregorian calendar: years begin in March
 * here, so that the leap day is the last. */
static long days(int year, int month, int day) {
  long years = year - (month <= 2);
  long era = years / 400;
  long of_era = years - era * 400;
  long of_year = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097L + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
         719468L;
}

double record_time(const char *text) {
  static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (strlen(text) != sizeof form - 1)
    return UNKNOWN;
  for (size_t i = 0; i < sizeof form - 1; i++) {
    if (form[i] == 'd' ? !slice_is_digit(text[i]) : text[i] != form[i])
      return UNKNOWN;
  }
  int month = digits(text + 5, 2);
  if (month < 1 || month > 12)
    return UNKNOWN;
  long day = days(digits(text, 4), month, digits(text + 8, 2));
  long second = digits(text + 11, 2) * 3600 + digits(text + 14, 2) * 60L +
                digits(text + 17, 2);
  return ((double)day * 86400 + (double)second) * 1000 + digits(text + 20, 3);
}

void record_write_time(char *text, double at_ms) {
  struct tm parts;
  time_t clock = (time_t)(at_ms / 1000);
  char date[20];
  if (gmtime_r(&clock, &parts) == NULL ||
      strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts) != 19)
    memcpy(date, "1970-01-01T00:00:00", sizeof date);
  (void)snprintf(text, 25, "%.19s.%03uZ", date,
                 (unsigned)(at_ms - (double)clock * 1000) % 1000U);
}

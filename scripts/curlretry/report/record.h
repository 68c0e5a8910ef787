/* record.h - one line of a trace: an attempt, a call or a note.
 *
 * The members are named after the trace's fields, curlretry(1) "TRACES AND
 * REPORTS". Texts are printable ASCII: what else a line holds is "?" in them,
 * as the library writes it, so that nothing of a trace acts on a terminal or
 * in a page. They live until the next line is read. What a line doesn't say,
 * or says is null, is NULL, UNKNOWN or false.
 */
#ifndef CURLRETRY_RECORD_H
#define CURLRETRY_RECORD_H

#include "policy.h"

#include <math.h>
#include <stdint.h>

#define UNKNOWN ((double)NAN)
#define RECORD_TEXT_SIZE 65536 /* the longest line, and so all its texts */

enum event { EVENT_ATTEMPT, EVENT_CALL, EVENT_NOTE };

enum outcome {
  OUTCOME_OK,
  OUTCOME_RESCUED,
  OUTCOME_FAILED,
  OUTCOME_PROGRAM,
  OUTCOME_COUNT
};

#define CLASS_NONE (-1) /* an attempt that didn't fail */

struct record {
  /* of every line */
  double v;
  const char *event_name, *time, *program;
  double pid, tid, call;
  /* of an attempt, some of a call too */
  double attempt;
  const char *method, *url, *effective_url, *host, *peer;
  bool reused;
  const char *http_version, *proxy;
  bool at_proxy;
  double code;
  const char *message;
  double status;
  const char *class_name;
  bool injected;
  double dns, connect, tls, first_byte, total; /* ms */
  double sent, received, held, replayed, resumed_from;
  const char *verdict, *reason;
  double delay_ms, retry_after_ms;
  /* of a call */
  const char *outcome_name;
  double attempts, waited_ms, total_ms, bytes_up, bytes_down;
  const char *driver;
  /* of a note */
  const char *level, *text;

  /* What record_finish() makes of these. */
  enum event event;
  int retry_class; /* enum retry_class, or CLASS_NONE */
  enum outcome outcome;
  double at_ms; /* `time`, since 1970 */

  /* Where the texts are. */
  size_t text_length;
  char texts[RECORD_TEXT_SIZE];
};

/* Before a line. */
void record_clear(struct record *record);

/* The field of a name, to be given to record_set_...(); -1: none, as of a
 * later version. `guess` is where the search begins: one behind the field
 * before is most often right. */
int record_field(const char *name, size_t length, int guess);

/* False: the field is of another type. Every one may be null. */
bool record_set_text(struct record *record, int field, const char *text,
                     size_t length);
bool record_set_number(struct record *record, int field, double number);
bool record_set_flag(struct record *record, int field, bool flag);
void record_set_null(struct record *record, int field);

/* When all fields are set. False: it is no line of a trace. */
bool record_finish(struct record *record);

/* "ok" ... */
const char *record_outcome_name(enum outcome outcome);

/* "2026-11-26T17:19:23.123Z" as ms since 1970; UNKNOWN: it is no such time.
 */
double record_time(const char *text);

/* ms since 1970 as such a text, of 25 bytes with its end. */
void record_write_time(char *text, double at_ms);

#endif

/* Secrets: URLs are redacted by url_redact(); header values never get here. */
#include "host/log.h"

#include "host/output.h"
#include "host/start.h"
#include "host/trace.h"
#include "text/url.h"
#include "version.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define URL_ROOM 900   /* the most a URL takes of a line; there are two */
#define VALUE_ROOM 264 /* host, proxy, message, cause, reason */
#define OTHER_ROOM 96  /* program, method, peer, event */
#define REST_ROOM 512  /* names, numbers, the time */

_Static_assert(2 * URL_ROOM + 5 * VALUE_ROOM + 4 * OTHER_ROOM + REST_ROOM <
                   LINE_SIZE,
               "the longest values leave room for the rest of the line");

/* --- JSON ------------------------------------------------------------------
 */

static void json_some(struct line *line, struct json_key key, const char *text,
                      size_t room) {
  if (text && text[0])
    line_json_text(line, key, text, room);
}

static void json_url(struct line *line, struct json_key key, const char *url) {
  char text[URL_ROOM + 8]; /* what is cut here is cut on the line */

  url_redact(url ? url : "", text, sizeof(text));
  json_some(line, key, text, URL_ROOM);
}

static void json_begin(struct line *line, enum log_level level,
                       const char *event) {
  line_json_begin(line);
  line_json_text(line, JSON("level"), output_level_name(level), OTHER_ROOM);
  line_json_text(line, JSON("program"), start_program(), OTHER_ROOM);
  line_json_number(line, JSON("pid"), getpid());
  line_json_text(line, JSON("event"), event, OTHER_ROOM);
}

static void json_place(struct line *line, const struct event_place *place) {
  json_some(line, JSON("host"), place->host, VALUE_ROOM);
  json_some(line, JSON("peer"), place->peer, OTHER_ROOM);
  json_some(line, JSON("proxy"), place->proxy, VALUE_ROOM);
  if (place->at_proxy)
    line_json_flag(line, JSON("at_proxy"), true);
}

static void json_attempt(struct line *line,
                         const struct attempt_event *attempt) {
  json_some(line, JSON("method"), attempt->method, OTHER_ROOM);
  json_url(line, JSON("url"), attempt->url);
  if (attempt->is_elsewhere)
    json_url(line, JSON("effective_url"), attempt->effective_url);
  json_place(line, &attempt->place);
  if (attempt->code >= 0)
    line_json_number(line, JSON("code"), attempt->code);
  if (attempt->status)
    line_json_number(line, JSON("status"), attempt->status);
  json_some(line, JSON("class"), attempt->class, OTHER_ROOM);
  json_some(line, JSON("message"), attempt->message, VALUE_ROOM);
  if (attempt->total_us >= 0)
    line_json_ms(line, JSON("duration_ms"), attempt->total_us);
  if (attempt->is_injected)
    line_json_flag(line, JSON("injected"), true);
}

static void write_json(struct line *line, const struct log_event *event) {
  json_begin(line, event->level, event->event);
  if (event->attempt)
    line_json_number(line, JSON("call"), (int64_t)event->attempt->call);
  if (event->number)
    line_json_number(line, JSON("attempt"), event->number);
  if (event->limit)
    line_json_number(line, JSON("max_retries"), event->limit);
  if (event->delay_ms >= 0)
    line_json_number(line, JSON("delay_ms"), event->delay_ms);
  if (event->attempt)
    json_attempt(line, event->attempt);
  json_some(line, JSON("cause"), event->cause, VALUE_ROOM);
  json_some(line, JSON("reason"), event->reason, VALUE_ROOM);
  line_json_end(line);
}

static void call_json(struct line *line, const struct call_event *event) {
  json_begin(line, LEVEL_INFO, "call");
  line_json_number(line, JSON("call"), (int64_t)event->call);
  json_some(line, JSON("method"), event->method, OTHER_ROOM);
  json_url(line, JSON("url"), event->url);
  line_json_text(line, JSON("outcome"), event->outcome, OTHER_ROOM);
  line_json_count(line, JSON("code"), event->code);
  if (event->status)
    line_json_number(line, JSON("status"), event->status);
  line_json_number(line, JSON("attempts"), event->attempts);
  line_json_number(line, JSON("waited_ms"), event->waited_ms);
  line_json_ms(line, JSON("duration_ms"), event->total_us);
  line_json_end(line);
}

/* --- text ------------------------------------------------------------------
 */

/* A file has lines of many programs, and no clock of its own. */
static void text_begin(struct line *line, const struct policy *policy) {
  bool is_syslog = output_is_syslog(policy);

  if (is_syslog || (policy && policy->log_target == LOG_TO_FILE)) {
    line_time(line);
    line_put(line, " ");
  }
  if (!is_syslog && policy && policy->log_target == LOG_TO_FILE) {
    line_value(line, start_program(), OTHER_ROOM);
    line_put(line, "[");
    line_number(line, getpid());
    line_put(line, "] ");
  }
  line_put(line, "curlretry: ");
}

/* `text` with what stands before it; nothing where there is none. */
static void text_part(struct line *line, const char *before, const char *text,
                      size_t room) {
  if (!text || !text[0])
    return;
  line_put(line, before);
  line_value(line, text, room);
}

static void text_url(struct line *line, const char *before, const char *url) {
  char text[URL_ROOM + 8];

  url_redact(url ? url : "", text, sizeof(text));
  text_part(line, before, text, URL_ROOM);
}

/* "12ms", "1.2s", "63s" */
static void text_duration(struct line *line, int64_t microseconds) {
  int64_t ms = microseconds / 1000;

  if (ms < 1000) {
    line_number(line, ms);
    line_put(line, "ms");
    return;
  }
  line_number(line, ms / 1000);
  if (ms < 60000) {
    line_put(line, ".");
    line_number(line, ms / 100 % 10);
  }
  line_put(line, "s");
}

static void text_attempts(struct line *line, unsigned count) {
  line_number(line, count);
  line_put(line, count == 1 ? " attempt" : " attempts");
}

/* "retry 1/3 in 148ms" */
static void text_event(struct line *line, const struct log_event *event) {
  line_value(line, event->event, OTHER_ROOM);
  if (event->number && event->limit) {
    line_put(line, " ");
    line_number(line, event->number);
    line_put(line, "/");
    line_number(line, event->limit);
  } else if (event->number) {
    line_put(line, " after ");
    text_attempts(line, event->number);
  }
  if (event->delay_ms >= 0) {
    line_put(line, " in ");
    line_number(line, event->delay_ms);
    line_put(line, "ms");
  }
}

/* " at proxy p.test:3128 after 12ms (192.0.2.1:3128, call 2): Failed to ..."
 */
static void text_attempt(struct line *line, const struct log_event *event) {
  const struct attempt_event *attempt = event->attempt;
  const struct event_place *place = &attempt->place;
  size_t before;

  if (place->at_proxy)
    text_part(line, " at proxy ", place->proxy, VALUE_ROOM);
  else if (attempt->is_elsewhere)
    text_url(line, " at ", attempt->effective_url);
  if (attempt->total_us >= 0) {
    line_put(line, " after ");
    text_duration(line, attempt->total_us);
  }
  before = line->length;
  text_part(line, " (", place->peer, OTHER_ROOM);
  if (!place->at_proxy)
    text_part(line, line->length > before ? ", proxy " : " (proxy ",
              place->proxy, VALUE_ROOM);
  if (attempt->call > 1) {
    line_put(line, line->length > before ? ", call " : " (call ");
    line_number(line, (int64_t)attempt->call);
  }
  if (attempt->is_injected)
    line_put(line, line->length > before ? ", injected" : " (injected");
  if (line->length > before)
    line_put(line, ")");
  if (event->is_libcurls)
    text_part(line, ": ", attempt->message, VALUE_ROOM);
}

static void write_text(struct line *line, const struct log_event *event) {
  const struct attempt_event *attempt = event->attempt;

  text_event(line, event);
  if (attempt) {
    text_part(line, ": ", attempt->method, OTHER_ROOM);
    text_url(line, attempt->method ? " " : ": ", attempt->url);
  }
  text_part(line, ": ", event->cause, VALUE_ROOM);
  if (attempt)
    text_attempt(line, event);
  text_part(line, event->cause ? "; " : ": ", event->reason, VALUE_ROOM);
  line_end(line);
}

/* "GET http://a.test/: 200 after 1.2s, 2 attempts" */
static void call_text(struct line *line, const struct call_event *event) {
  text_part(line, "", event->method, OTHER_ROOM);
  text_url(line, event->method ? " " : "", event->url);
  line_put(line, ": ");
  if (event->status)
    line_number(line, event->status);
  else
    line_put(line, event->class ? event->class : "no status");
  if (!event->status && event->judged) {
    line_put(line, " ");
    line_number(line, event->judged);
  }
  if (event->code > 0) {
    line_put(line, " (");
    line_number(line, event->code);
    line_put(line, ")");
  }
  line_put(line, " after ");
  text_duration(line, event->total_us);
  line_put(line, ", ");
  text_attempts(line, event->attempts);
  if (event->call > 1) {
    line_put(line, " (call ");
    line_number(line, (int64_t)event->call);
    line_put(line, ")");
  }
  line_end(line);
}

/* --- lines -----------------------------------------------------------------
 */

/* A line that is lost is told of in the trace. */
static void emit(const struct policy *policy, const struct line *line) {
  if (output_line(policy, line))
    trace_note(policy, LEVEL_WARN, 0, "lines of the log are lost");
}

static bool is_wanted(const struct policy *policy, enum log_level level) {
  return policy && policy->log_target != LOG_TO_NOWHERE &&
         level <= policy->log_level;
}

/* Begin the line. True: as JSON. */
static bool begin_line(struct line *line, const struct policy *policy,
                       enum log_level level) {
  line->length = 0;
  if (output_is_syslog(policy))
    output_begin_syslog(line, level);
  if (policy->log_format == FORMAT_JSON)
    return true;
  text_begin(line, policy);
  return false;
}

void log_write(const struct policy *policy, const struct log_event *event) {
  struct line line;
  int saved = errno;

  if (!is_wanted(policy, event->level))
    return;
  if (begin_line(&line, policy, event->level))
    write_json(&line, event);
  else
    write_text(&line, event);
  emit(policy, &line);
  errno = saved;
}

void log_call(const struct policy *policy, const struct call_event *event) {
  struct line line;
  int saved = errno;

  if (!is_wanted(policy, LEVEL_INFO))
    return;
  if (begin_line(&line, policy, LEVEL_INFO))
    call_json(&line, event);
  else
    call_text(&line, event);
  emit(policy, &line);
  errno = saved;
}

void log_note(const struct policy *policy, enum log_level level,
              const char *text) {
  struct log_event event = {
      .level = level, .event = "note", .reason = text, .delay_ms = -1};

  log_write(policy, &event);
  if (level < LEVEL_DEBUG)
    trace_note(policy, level, 0, text);
}

void log_policy_error(const char *message) {
  struct line line = {.length = 0};
  int saved = errno;

  if (output_is_syslog(NULL))
    output_begin_syslog(&line, LEVEL_ERROR);
  line_put(&line, "curlretry: ");
  line_value(&line, message, POLICY_MESSAGE_SIZE + 8);
  line_put(&line, "; running without retries");
  line_end(&line);
  (void)output_line(NULL, &line);
  errno = saved;
}

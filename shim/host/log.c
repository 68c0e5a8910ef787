/* Lines are built in one buffer and written by one write(), so lines of
 * several threads and processes don't mix. A file is opened for each line
 * (O_APPEND, O_CLOEXEC): the host's descriptor table stays its own.
 * Secrets: URLs are redacted by url_redact(); header values never get here.
 * One event is one line, in JSON one object, whatever is in a value: values
 * are cut to fit, the line never is. */
#include "host/log.h"

#include "host/descriptor.h"
#include "host/start.h"
#include "text/url.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h> /* snprintf only */
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 3584 /* less than PIPE_BUF: one write() is whole */
#define URL_SIZE 1536  /* the most a URL takes of it */
#define VALUE_SIZE 256 /* and any other value; there are five at most */
#define OTHER_SIZE 512 /* names, numbers, the time */
#define CUT "..."

_Static_assert(5 * VALUE_SIZE + URL_SIZE + OTHER_SIZE < LINE_SIZE,
               "the longest values leave room for the rest of the line");

struct line {
  char text[LINE_SIZE];
  size_t length;
};

static void put(struct line *line, const char *text) {
  size_t n = strlen(text);

  if (n > LINE_SIZE - 2 - line->length)
    n = LINE_SIZE - 2 - line->length;
  memcpy(line->text + line->length, text, n);
  line->length += n;
}

static void put_number(struct line *line, long long number) {
  char text[32];

  (void)snprintf(text, sizeof(text), "%lld", number);
  put(line, text);
}

/* What a program or a server may have a part in, `room` bytes at most. What
 * is no printable ASCII becomes "?": a line break would make a line of its
 * own, and what isn't UTF-8 spoil the file for its readers. `escaped`: the
 * bytes that need a "\\" (RFC 8259, 7). */
static void put_value(struct line *line, const char *text, size_t room,
                      const char *escaped) {
  const size_t end = line->length + room - sizeof(CUT);

  for (; *text && line->length < end; text++) {
    char byte = *text >= ' ' && *text < 127 ? *text : '?';

    if (strchr(escaped, byte))
      line->text[line->length++] = '\\';
    line->text[line->length++] = byte;
  }
  if (*text)
    put(line, CUT);
}

static void put_string(struct line *line, const char *text, size_t room) {
  put(line, "\"");
  put_value(line, text, room, "\"\\");
  put(line, "\"");
}

static void put_text(struct line *line, const char *text, size_t room) {
  put_value(line, text, room, "");
}

static void put_field(struct line *line, const char *name, const char *text) {
  if (!text)
    return;
  put(line, ",\"");
  put(line, name);
  put(line, "\":");
  put_string(line, text, VALUE_SIZE);
}

static void put_url(struct line *line, const char *url) {
  if (!url)
    return;
  put(line, ",\"url\":");
  put_string(line, url, URL_SIZE);
}

static void put_count(struct line *line, const char *name, long long number) {
  put(line, ",\"");
  put(line, name);
  put(line, "\":");
  put_number(line, number);
}

static const char *level_name(enum log_level level) {
  static const char names[][6] = {"error", "warn", "info", "debug"};

  return names[level];
}

/* Wall-clock time, as a reader of the log knows it. */
static void put_time(struct line *line) {
  char text[40];
  struct timespec now;
  struct tm utc;
  size_t n;

  (void)clock_gettime(CLOCK_REALTIME, &now);
  if (!gmtime_r(&now.tv_sec, &utc))
    return;
  n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  (void)snprintf(text + n, sizeof(text) - n, ".%03ldZ", now.tv_nsec / 1000000);
  put(line, text);
}

static void build_json(struct line *line, const struct log_event *event,
                       const char *url) {
  put(line, "{\"time\":\"");
  put_time(line);
  put(line, "\"");
  put_field(line, "level", level_name(event->level));
  put_field(line, "program", start_program());
  put_count(line, "pid", (long long)getpid());
  put_field(line, "event", event->event);
  if (event->attempt)
    put_count(line, "attempt", event->attempt);
  if (event->limit)
    put_count(line, "max_retries", event->limit);
  if (event->delay_ms >= 0)
    put_count(line, "delay_ms", event->delay_ms);
  put_field(line, "method", event->method);
  put_url(line, url);
  put_field(line, "cause", event->cause);
  put_field(line, "reason", event->reason);
  put(line, "}");
}

/* "retry 1/3 in 148ms" */
static void put_event(struct line *line, const struct log_event *event) {
  put_text(line, event->event, VALUE_SIZE);
  if (event->attempt && event->limit) {
    put(line, " ");
    put_number(line, event->attempt);
    put(line, "/");
    put_number(line, event->limit);
  } else if (event->attempt) {
    put(line, " after ");
    put_number(line, event->attempt);
    put(line, event->attempt == 1 ? " attempt" : " attempts");
  }
  if (event->delay_ms >= 0) {
    put(line, " in ");
    put_number(line, event->delay_ms);
    put(line, "ms");
  }
}

/* One of the parts behind the event; `before` stands between it and what is
 * there already. */
static void put_part(struct line *line, const char *before, const char *text,
                     size_t room) {
  if (!text)
    return;
  put(line, before);
  put_text(line, text, room);
}

static void build_text(struct line *line, const struct log_event *event,
                       const char *url) {
  put(line, "curlretry: ");
  put_event(line, event);
  put_part(line, ": ", event->method, VALUE_SIZE);
  put_part(line, event->method ? " " : ": ", url, URL_SIZE);
  put_part(line, ": ", event->cause, VALUE_SIZE);
  put_part(line, event->cause ? "; " : ": ", event->reason, VALUE_SIZE);
}

/* A signal that a write() of ours raised in this thread, where it is blocked;
 * one that was pending before is the host's. */
static void take_back(int raised, const sigset_t *pending) {
  const struct timespec at_once = {0, 0};
  sigset_t signals;

  if (sigismember(pending, raised))
    return;
  (void)sigemptyset(&signals);
  (void)sigaddset(&signals, raised);
  while (sigtimedwait(&signals, NULL, &at_once) < 0 && errno == EINTR)
    ;
}

/* One write(). The reader of a pipe may be gone (SIGPIPE would kill the
 * host), a file as long as RLIMIT_FSIZE allows (SIGXFSZ would), or the reader
 * asleep (the host would wait for it): a line that can't be written at once
 * is dropped. */
static void write_line(int file, const struct line *line) {
  struct pollfd ready = {.fd = file, .events = POLLOUT};
  sigset_t fatal, pending, before;
  ssize_t n;

  if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
    return;
  (void)sigemptyset(&fatal);
  (void)sigaddset(&fatal, SIGPIPE);
  (void)sigaddset(&fatal, SIGXFSZ);
  (void)sigemptyset(&pending);
  (void)sigpending(&pending);
  if (sigprocmask(SIG_BLOCK, &fatal, &before))
    return;
  do
    n = write(file, line->text, line->length);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EPIPE || errno == EFBIG))
    take_back(errno == EPIPE ? SIGPIPE : SIGXFSZ, &pending);
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
}

static void emit(const struct line *line, const struct policy *policy) {
  struct descriptor file;

  if (!policy || policy->log_target != LOG_TO_FILE) {
    if (start_has_stderr())
      write_line(2, line);
    return;
  }
  if (!descriptor_own(&file, open(policy->log_path,
                                  O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
                                      O_NOCTTY | O_NONBLOCK,
                                  0666)))
    return;
  write_line(file.number, line);
  descriptor_close(&file);
}

void log_write(const struct policy *policy, const struct log_event *event) {
  struct line line = {.length = 0};
  char url[URL_SIZE + 8]; /* what is cut here is cut on the line */
  int saved = errno;

  if (!policy || policy->log_target == LOG_TO_NOWHERE ||
      event->level > policy->log_level)
    return;
  url_redact(event->url ? event->url : "", url, sizeof(url));
  if (policy->log_format == FORMAT_JSON)
    build_json(&line, event, url[0] ? url : NULL);
  else
    build_text(&line, event, url[0] ? url : NULL);
  line.text[line.length++] = '\n';
  emit(&line, policy);
  errno = saved;
}

void log_note(const struct policy *policy, enum log_level level,
              const char *text) {
  struct log_event event = {
      .level = level, .event = "note", .reason = text, .delay_ms = -1};

  log_write(policy, &event);
}

void log_policy_error(const char *message) {
  struct line line = {.length = 0};
  int saved = errno;

  put(&line, "curlretry: ");
  put_text(&line, message, POLICY_MESSAGE_SIZE + sizeof(CUT));
  put(&line, "; running without retries");
  line.text[line.length++] = '\n';
  emit(&line, NULL);
  errno = saved;
}

/* One open file for all lines: opening it for each would be the better part of
 * their cost. So it is looked at before each use, by device and inode, and
 * opened again when it was renamed or removed. */
#define _GNU_SOURCE
#include "host/trace.h"

#include "host/clock.h"
#include "host/descriptor.h"
#include "host/libc.h"
#include "host/output.h"
#include "host/start.h"
#include "text/url.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOK_MS 1000         /* between two looks at what the path leads to */
#define SIZE_SLACK (1 << 20) /* more than others can add meanwhile */
#define URL_ROOM 840   /* the most a URL takes of a line; there are two */
#define VALUE_ROOM 264 /* host, proxy, message, reason */
#define OTHER_ROOM 96  /* program, method, peer */
#define REST_ROOM 800  /* names, numbers, the time */
#define CALL_MOST (URL_ROOM + 2 * VALUE_ROOM + 3 * OTHER_ROOM + REST_ROOM)

_Static_assert(CALL_MOST + URL_ROOM + 2 * VALUE_ROOM < LINE_SIZE,
               "the longest values leave room for the rest of the line");

/* --- the file --------------------------------------------------------------
 */

/* The thread that set `busy` has it; another one, or the child of a fork() in
 * between, opens the file for itself. */
static struct {
  atomic_flag busy;
  struct descriptor file;
  int64_t looked_at;
  off_t end;    /* of the file behind our last line; -1: not known */
  bool is_torn; /* output_write() */
} kept = {ATOMIC_FLAG_INIT, {.number = -1}, 0, -1, false};

/* A link of another user's may lead anywhere; one of ours, or of the system's
 * (/dev/stderr), not into a file of somebody else's. */
static int open_link(const char *path) {
  struct stat status;
  int link = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  bool is_good = link >= 0 && !libc_fstat(link, &status) &&
                 (status.st_uid == geteuid() || status.st_uid == 0);
  int file = -1;

  if (link >= 0)
    (void)close(link);
  if (is_good)
    file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file >= 0 && !libc_fstat(file, &status) && S_ISREG(status.st_mode) &&
      status.st_uid != geteuid()) {
    (void)close(file);
    file = -1;
    is_good = false;
  }
  if (!is_good)
    errno = ELOOP;
  return file;
}

static int open_file(const char *path, struct descriptor *file) {
  int number = open(path,
                    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY |
                        O_NONBLOCK | O_NOFOLLOW,
                    0600);

  if (number < 0 && errno == ELOOP)
    number = open_link(path);
  return descriptor_own(file, number) ? 0 : errno;
}

/* Of a file that we may also read: so its end can be looked at. A pipe has to
 * be opened for writing alone. */
static void make_readable(const char *path, struct descriptor *file) {
  struct descriptor both;

  if (file->type != S_IFREG ||
      !descriptor_own(&both, open(path, O_RDWR | O_APPEND | O_CLOEXEC |
                                            O_NOCTTY | O_NONBLOCK)))
    return;
  if (both.device != file->device || both.inode != file->inode) {
    descriptor_close(&both);
    return;
  }
  descriptor_close(file);
  *file = both;
}

/* Whether `path` still leads to the file `now`. Renaming one sets its ctime
 * alone, writing both times. */
static bool is_in_place(const char *path, const struct stat *now) {
  int64_t ms = clock_about_now_ms();
  struct stat there;

  if (!S_ISREG(now->st_mode))
    return true;
  if (now->st_nlink && ms - kept.looked_at < LOOK_MS &&
      now->st_ctim.tv_sec == now->st_mtim.tv_sec &&
      now->st_ctim.tv_nsec == now->st_mtim.tv_nsec)
    return true;
  kept.looked_at = ms;
  return !libc_stat(path, &there) && there.st_ino == now->st_ino &&
         there.st_dev == now->st_dev;
}

/* The kept file, opened (again) where that is needed; `now` says more of it.
 * An errno, or 0. */
static int keep_file(const char *path, struct stat *now) {
  int error;

  if (descriptor_is_ours(&kept.file, now) && is_in_place(path, now))
    return 0;
  descriptor_close(&kept.file);
  error = open_file(path, &kept.file);
  if (error)
    return error;
  make_readable(path, &kept.file);
  kept.end = -1;
  kept.is_torn = false;
  return descriptor_is_ours(&kept.file, now) ? 0 : EBADF;
}

/* To a regular file nobody can be slow to read, and no signal is raised where
 * its size is far from RLIMIT_FSIZE: one system call instead of five. */
static int append(const struct descriptor *file, const struct stat *now,
                  const struct line *line, bool *is_torn) {
  struct rlimit limit;

  if (file->type != S_IFREG)
    return output_write(file->number, line, NULL);
  if (getrlimit(RLIMIT_FSIZE, &limit) ||
      (limit.rlim_cur != RLIM_INFINITY &&
       (rlim_t)now->st_size + SIZE_SLACK > limit.rlim_cur))
    return output_write(file->number, line, is_torn);
  return output_append(file->number, line, is_torn);
}

/* To the kept file, of which `now` was just asked. A line of somebody else's
 * may be the one that met the full disk. */
static int append_kept(struct stat *now, const struct line *line) {
  int error;

  if (now->st_size != kept.end && kept.file.type == S_IFREG)
    kept.is_torn = output_ends_torn(kept.file.number);
  kept.end = now->st_size + (off_t)line->length + kept.is_torn;
  error = append(&kept.file, now, line, &kept.is_torn);
  if (error)
    kept.end = libc_fstat(kept.file.number, now) ? -1 : now->st_size;
  return error;
}

static int write_line(const char *path, const struct line *line) {
  struct descriptor own;
  struct stat now;
  int error;

  if (!atomic_flag_test_and_set_explicit(&kept.busy, memory_order_acquire)) {
    error = keep_file(path, &now);
    if (!error)
      error = append_kept(&now, line);
    atomic_flag_clear_explicit(&kept.busy, memory_order_release);
    return error;
  }
  error = open_file(path, &own);
  return error ? error : output_once(path, &own, line);
}

static void emit(const struct policy *policy, const struct line *line) {
  static atomic_flag told = ATOMIC_FLAG_INIT;

  (void)output_complain(&told, "CURLRETRY_TRACE=", policy->trace_path,
                        write_line(policy->trace_path, line),
                        "lines of the trace are lost");
}

/* --- the lines -------------------------------------------------------------
 */

/* Who writes. */
struct writer {
  int64_t pid;
  int64_t tid;
};

static struct writer writer_now(void) {
  return (struct writer){getpid(), syscall(SYS_gettid)};
}

static void begin_line(struct line *line, const struct writer *writer,
                       const char *event, uint64_t call) {
  line_put(line, "{\"v\":1,\"event\":\"");
  line_put(line, event);
  line_put(line, "\",\"time\":\"");
  line_time(line);
  line_put(line, "\"");
  line_json_text(line, JSON("program"), start_program(), OTHER_ROOM);
  line_json_number(line, JSON("pid"), writer->pid);
  line_json_number(line, JSON("tid"), writer->tid);
  line_json_count(line, JSON("call"), call ? (int64_t)call : -1);
}

static void put_url(struct line *line, struct json_key key, const char *url) {
  char text[URL_ROOM + 8]; /* what is cut here is cut on the line */

  url_redact(url ? url : "", text, sizeof(text));
  line_json_text(line, key, text[0] ? text : NULL, URL_ROOM);
}

static void put_some(struct line *line, struct json_key key, const char *text,
                     size_t room) {
  line_json_text(line, key, text[0] ? text : NULL, room);
}

static void put_place(struct line *line, const struct event_place *place) {
  static const struct event_place nowhere;

  if (!place)
    place = &nowhere;
  put_some(line, JSON("host"), place->host, VALUE_ROOM);
  put_some(line, JSON("peer"), place->peer, OTHER_ROOM);
  put_some(line, JSON("proxy"), place->proxy, VALUE_ROOM);
  line_json_flag(line, JSON("at_proxy"), place->at_proxy);
}

static void put_outcome(struct line *line, int code, int status) {
  line_json_count(line, JSON("code"), code);
  line_json_count(line, JSON("status"), status ? status : -1);
}

static void put_amounts(struct line *line, const struct attempt_event *event) {
  line_json_ms(line, JSON("dns"), event->dns_us);
  line_json_ms(line, JSON("connect"), event->connect_us);
  line_json_ms(line, JSON("tls"), event->tls_us);
  line_json_ms(line, JSON("first_byte"), event->first_byte_us);
  line_json_ms(line, JSON("total"), event->total_us);
  line_json_count(line, JSON("sent"), event->sent);
  line_json_count(line, JSON("received"), event->received);
  line_json_count(line, JSON("held"), event->held);
  line_json_count(line, JSON("replayed"), event->replayed);
  line_json_count(line, JSON("resumed_from"), event->resumed_from);
}

/* Without a redirect they are the same. */
static void put_urls(struct line *line, const struct attempt_event *event) {
  size_t at = line->length + sizeof(",\"url\":") - 1;
  size_t length;

  put_url(line, JSON("url"), event->url);
  if (!event->url || !event->effective_url ||
      strcmp(event->url, event->effective_url) != 0) {
    put_url(line, JSON("effective_url"), event->effective_url);
    return;
  }
  length = line->length - at;
  line_put(line, ",\"effective_url\":");
  memcpy(line->text + line->length, line->text + at, length);
  line->length += length;
}

static void put_attempt(struct line *line, const struct writer *writer,
                        const struct attempt_event *event) {
  begin_line(line, writer, "attempt", event->call);
  line_json_number(line, JSON("attempt"), event->attempt);
  line_json_text(line, JSON("method"), event->method, OTHER_ROOM);
  put_urls(line, event);
  put_place(line, &event->place);
  line_json_flag(line, JSON("reused"), event->is_reused);
  line_json_text(line, JSON("http_version"), event->http_version, OTHER_ROOM);
  put_outcome(line, event->code, event->status);
  put_some(line, JSON("message"), event->message, VALUE_ROOM);
  line_json_text(line, JSON("class"), event->class, OTHER_ROOM);
  line_json_flag(line, JSON("injected"), event->is_injected);
  put_amounts(line, event);
  line_json_text(line, JSON("verdict"), event->is_retry ? "retry" : "deliver",
                 OTHER_ROOM);
  line_json_text(line, JSON("reason"), event->reason, VALUE_ROOM);
  line_json_count(line, JSON("delay_ms"), event->delay_ms);
  line_json_count(line, JSON("retry_after_ms"), event->retry_after_ms);
  line_json_end(line);
}

static void put_call(struct line *line, const struct writer *writer,
                     const struct call_event *event) {
  begin_line(line, writer, "call", event->call);
  line_json_text(line, JSON("method"), event->method, OTHER_ROOM);
  put_url(line, JSON("url"), event->url);
  put_place(line, event->place);
  line_json_text(line, JSON("class"), event->class, OTHER_ROOM);
  line_json_text(line, JSON("outcome"), event->outcome, OTHER_ROOM);
  put_outcome(line, event->code, event->status);
  line_json_number(line, JSON("attempts"), event->attempts);
  line_json_number(line, JSON("waited_ms"), event->waited_ms);
  line_json_ms(line, JSON("total_ms"), event->total_us);
  line_json_number(line, JSON("bytes_up"), event->up);
  line_json_number(line, JSON("bytes_down"), event->down);
  line_json_text(line, JSON("driver"), event->is_multi ? "multi" : "easy",
                 OTHER_ROOM);
  line_json_end(line);
}

void trace_write(const struct policy *policy,
                 const struct attempt_event *attempt,
                 const struct call_event *call) {
  struct line line = {.length = 0};
  struct writer writer;
  int saved = errno;

  if (!trace_is_on(policy))
    return;
  writer = writer_now();
  if (attempt)
    put_attempt(&line, &writer, attempt);
  if (line.length > LINE_SIZE - CALL_MOST) {
    emit(policy, &line);
    line.length = 0;
  }
  if (call)
    put_call(&line, &writer, call);
  if (line.length)
    emit(policy, &line);
  errno = saved;
}

void trace_note(const struct policy *policy, enum log_level level,
                uint64_t call, const char *text) {
  struct line line = {.length = 0};
  struct writer writer;
  int saved = errno;

  if (!trace_is_on(policy))
    return;
  writer = writer_now();
  begin_line(&line, &writer, "note", call);
  line_json_text(&line, JSON("level"), output_level_name(level), OTHER_ROOM);
  line_json_text(&line, JSON("text"), text, POLICY_MESSAGE_SIZE + 8);
  line_json_end(&line);
  emit(policy, &line);
  errno = saved;
}

/* Source of the callbacks' rules: CURLOPT_READFUNCTION(3),
 * CURLOPT_SEEKFUNCTION(3), CURLOPT_IOCTLFUNCTION(3). */
#define _GNU_SOURCE
#include "exchange/request.h"

#include "host/libc.h"
#include "host/log.h"

#include <stdio.h> /* snprintf only */
#include <string.h>
#include <sys/stat.h>

#define SNAPSHOT_KEEP (64 * 1024) /* kept between calls */

void request_init(struct request *request, const char *folder) {
  memset(request, 0, sizeof(*request));
  spool_init(&request->snapshot, folder);
}

bool request_begin(struct request *request, const struct shadow *shadow,
                   CURL *curl, const struct policy *policy) {
  const size_t from = offsetof(struct request, shadow);

  memset((char *)request + from, 0, sizeof(*request) - from);
  request->shadow = shadow;
  request->curl = curl;
  request->policy = policy;
  request->is_whole = true;
  if (!shadow_reads_body(shadow))
    return false;
  request->source = SOURCE_CALLBACK;
  request->reader = callback_reader(shadow);
  request->size = shadow->request == REQUEST_POST && !shadow->is_upload
                      ? shadow->post_size
                      : shadow->upload_size;
  spool_limit(&request->snapshot, policy->snapshot_memory,
              policy->snapshot_disk);
  return true;
}

/* A regular file keeps its own bytes: no snapshot, its offset is enough. The
 * first read of a FILE makes the same system call. */
static void look_at_file(struct request *request) {
  struct stat status;
  int descriptor;

  request->was_seen = true;
  if (!request->reader.file)
    return;
  descriptor = fileno(request->reader.file);
  if (descriptor >= 0 && !libc_fstat(descriptor, &status) &&
      S_ISREG(status.st_mode))
    request->source = SOURCE_FILE;
}

/* Where in its file the body begins: asked when that is needed, since a read
 * doesn't ask the system for it. */
static bool find_start(struct request *request) {
  off_t now;

  if (request->has_start)
    return true;
  now = ftello(request->reader.file);
  if (now < request->served_at)
    return false;
  request->start = now - request->served_at;
  request->has_start = true;
  return true;
}

static bool has_own_seek(const struct request *request) {
  return callback_has_seek(request->shadow);
}

static int own_seek(const struct request *request, curl_off_t offset) {
  return callback_seek(request->shadow, request->curl, offset, SEEK_SET);
}

/* A form with parts that come from the read callback (CURLFORM_STREAM). 7.88
 * makes it anew for each perform and asks for the bytes that are gone. So do
 * those up to 8.0 for a form beside an UPLOAD (shadow_reads_body()). */
static bool is_streamed_form(const struct shadow *shadow) {
  const struct curl_httppost *part = shadow->form;

  while (part && !(part->flags & CURL_HTTPPOST_CALLBACK))
    part = part->next;
  return (part || shadow->is_upload) && shadow->request == REQUEST_FORM;
}

/* The host may have closed the snapshot's file under us: what it held is lost,
 * what is left is good for comparing. */
static void look_at_snapshot(struct request *request) {
  if (!spool_check(&request->snapshot))
    request->is_whole = request->is_complete = false;
}

bool request_can_rewind(struct request *request, bool was_sent) {
  if (was_sent && is_streamed_form(request->shadow))
    return false;
  look_at_snapshot(request);
  return request->source != SOURCE_CALLBACK || request->is_whole ||
         has_own_seek(request);
}

bool request_is_certain(const struct request *request) {
  if (request->source == SOURCE_LIBCURL)
    return request->shadow->request != REQUEST_FORM;
  return request->source == SOURCE_FILE ||
         (request->is_whole &&
          (!request->is_rereading || request->is_complete));
}

/* The program's own seek, after which its bytes are compared with those that
 * are kept of the first time. */
static bool reread_from(struct request *request, int64_t offset) {
  if (own_seek(request, request->base + offset))
    return false;
  request->is_rereading = true;
  request->has_ended = false;
  request->read_at = offset;
  request->served_at = offset;
  return true;
}

/* All that the source first gave is kept: it isn't asked any more. */
static void leave_source(struct request *request) {
  request->is_rereading = false;
  request->has_ended = true;
  request->read_at = spool_size(&request->snapshot);
}

/* Start again from `offset` (from the base) of what was read. */
static bool rewind_to(struct request *request, int64_t offset) {
  if (request->source == SOURCE_FILE) {
    clearerr(request->reader.file);
    if (!find_start(request))
      return false;
    request->has_ended = false;
    request->served_at = 0;
    return !fseeko(request->reader.file, request->start + offset, SEEK_SET);
  }
  look_at_snapshot(request);
  if (request->is_rereading && request->is_complete)
    leave_source(request);
  if (!request->is_whole || request->read_at != spool_size(&request->snapshot))
    return reread_from(request, offset);
  request->served_at = offset;
  return true;
}

bool request_rewind(struct request *request) {
  if (request->source == SOURCE_LIBCURL || !request->is_read)
    return true;
  return rewind_to(request, 0);
}

/* The program moved its source to `offset` before anything else: what it
 * produces from there is the upload. */
static void begin_at(struct request *request, int64_t offset) {
  if (request->source != SOURCE_FILE) {
    request->base = offset;
    return;
  }
  request->start = ftello(request->reader.file) - offset;
  request->has_start = true;
}

/* libcurl's own rewinds (307, authentication, a dead pooled connection): the
 * program's seek or ioctl comes first, as without us; where there is none or
 * it fails, what is kept, unless `is_repeated`. */
static int rewind_within(struct request *request, curl_off_t offset,
                         bool is_repeated) {
  int64_t from = offset - request->base;
  bool is_done;

  if (request->source == SOURCE_FILE) {
    /* its seek may be absolute in a file whose start was moved: ours counts */
    if (find_start(request) && has_own_seek(request))
      (void)own_seek(request, offset);
    return rewind_to(request, offset) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
  }
  look_at_snapshot(request);
  if (from == request->served_at)
    return CURL_SEEKFUNC_OK; /* after a retry's rewind */
  if (from < 0 || (request->is_whole && from > spool_size(&request->snapshot)))
    return CURL_SEEKFUNC_CANTSEEK;
  is_done = has_own_seek(request) && reread_from(request, from);
  if (!is_done && !is_repeated)
    is_done = rewind_to(request, from);
  return is_done ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

void request_next(struct request *request) {
  request->is_stale =
      request->source != SOURCE_LIBCURL && request->served_at > 0;
}

bool request_is_ready(struct request *request) {
  if (!request->was_seen)
    look_at_file(request);
  if (request->is_stale &&
      request_seek(request, 0, SEEK_SET, false) != CURL_SEEKFUNC_OK)
    return false;
  request->is_stale = false;
  /* what was to be served before the program goes on is lost */
  return request->source != SOURCE_CALLBACK || request_has_kept(request) ||
         request->served_at == request->read_at;
}

int request_seek(struct request *request, curl_off_t offset, int origin,
                 bool is_repeated) {
  int result;

  if (origin != SEEK_SET)
    return CURL_SEEKFUNC_CANTSEEK;
  if (!request->was_seen)
    look_at_file(request);
  if (request->is_read || spool_size(&request->snapshot)) {
    /* to the body's beginning, not its source's: libcurl seeks to 0 first,
       and not every version then to RESUME_FROM */
    if (!offset && request->shadow->attempt.resume_from > 0)
      offset = request->shadow->attempt.resume_from;
    result = rewind_within(request, offset, is_repeated);
    if (result == CURL_SEEKFUNC_OK)
      request->is_stale = false;
    return result;
  }
  /* RESUME_FROM: before the first byte the source's own seek is meant;
     where it can't, libcurl reads and throws away */
  if (!offset)
    return CURL_SEEKFUNC_OK;
  result = own_seek(request, offset);
  if (result == CURL_SEEKFUNC_OK)
    begin_at(request, offset);
  return result;
}

void request_end(struct request *request) {
  spool_clear(&request->snapshot, SNAPSHOT_KEEP);
  request->source = SOURCE_LIBCURL;
}

void request_free(struct request *request) {
  spool_clear(&request->snapshot, 0);
}

static const char *lack_of(enum spool_status status) {
  switch (status) {
  case SPOOL_NO_FILE:
    return "its copy can't be written into TMPDIR";
  case SPOOL_NO_MEMORY:
    return "there is no memory for its copy";
  default:
    return "it is larger than SNAPSHOT_MEMORY and SNAPSHOT_DISK keep";
  }
}

static void tell(struct request *request) {
  char text[128];

  request->is_told = true;
  (void)snprintf(text, sizeof(text), "the upload won't be retried: %s",
                 request->lack);
  log_note(request->policy, LEVEL_INFO, text);
}

/* Keep what was just read and isn't kept yet. Past the limits the transfer
 * goes on. That it can't be repeated is worth a warning when it fails. */
static void keep(struct request *request, const char *bytes, size_t length) {
  int64_t known = spool_size(&request->snapshot) - request->read_at;
  enum spool_status status = SPOOL_OK;
  size_t kept;

  if (known >= (int64_t)length)
    return;
  if (request->is_whole)
    status = spool_append_some(&request->snapshot, bytes + known,
                               length - (size_t)known, &kept);
  if (status) {
    request->is_whole = false;
    request->lack = lack_of(status);
  }
  request->is_complete = request->is_complete && request->is_whole;
  if (request->lack && !request->is_told && !has_own_seek(request))
    tell(request);
}

/* After the program's own seek: the same bytes again? */
static bool is_same(const struct request *request, const char *bytes,
                    size_t length) {
  int64_t at = request->read_at;
  char kept[4096];

  while (length && at < spool_size(&request->snapshot)) {
    size_t piece = length < sizeof(kept) ? length : sizeof(kept);
    int64_t n = spool_read(&request->snapshot, at, kept, piece);
    if (n <= 0 || memcmp(kept, bytes, (size_t)n))
      return false;
    bytes += n;
    length -= (size_t)n;
    at += n;
  }
  return true;
}

bool request_has_kept(const struct request *request) {
  return request->source == SOURCE_CALLBACK && request->is_whole &&
         !request->is_rereading &&
         request->served_at < spool_size(&request->snapshot);
}

/* From what is kept, at the place libcurl is. */
static enum serving serve_kept(struct request *request, char *buffer,
                               size_t length, size_t *served) {
  int64_t copied =
      spool_read(&request->snapshot, request->served_at, buffer, length);

  *served = copied < 0 ? 0 : (size_t)copied;
  request->replayed += (int64_t)*served;
  return copied < 0 ? SERVED_OTHER_BYTES : SERVED;
}

/* The program's seek led elsewhere. All that it first produced is kept: then
 * that is sent; else the call ends. */
static enum serving serve_instead(struct request *request, char *buffer,
                                  size_t length, size_t *served) {
  if (!request->is_complete)
    return SERVED_OTHER_BYTES;
  leave_source(request);
  return serve_kept(request, buffer, length, served);
}

/* Whether as much was read as the program announced: libcurl then doesn't
 * ask for the end. */
static bool is_all(const struct request *request) {
  return request->size >= 0 &&
         request->base + request->read_at == request->size;
}

/* `*served` bytes came from a source that isn't a FILE which can seek. */
static enum serving note_read(struct request *request, char *buffer,
                              size_t length, size_t *served) {
  bool is_short = !*served && request->read_at < request->furthest;

  if (request->is_rereading &&
      (is_short || !is_same(request, buffer, *served)))
    return serve_instead(request, buffer, length, served);
  keep(request, buffer, *served);
  request->read_at += (int64_t)*served;
  if (request->furthest < request->read_at)
    request->furthest = request->read_at;
  if (request->is_whole &&
      request->read_at == spool_size(&request->snapshot)) {
    request->is_rereading = false;
    request->is_complete = request->has_ended || is_all(request);
  }
  return SERVED;
}

/* Bytes from the program. */
static enum serving serve_own(struct request *request, char *buffer,
                              size_t size, size_t count, size_t *served) {
  *served = 0;
  if (request->has_ended)
    return SERVED;
  *served = callback_read(&request->reader, buffer, size, count);
  request->is_paused = *served == CURL_READFUNC_PAUSE;
  if (request->is_paused)
    return SERVED_PAUSE;
  if (*served > size * count) /* CURL_READFUNC_ABORT, too */
    return SERVED_REFUSED;
  request->is_read = true;
  request->has_ended = *served == 0;
  return request->source == SOURCE_FILE
             ? SERVED
             : note_read(request, buffer, size * count, served);
}

enum serving request_serve(struct request *request, char *buffer, size_t size,
                           size_t count, size_t *served) {
  enum serving result = request_has_kept(request)
                            ? serve_kept(request, buffer, size * count, served)
                            : serve_own(request, buffer, size, count, served);

  if (result == SERVED)
    request->served_at += (int64_t)*served;
  return result;
}

/* Source of the callbacks' rules: CURLOPT_READFUNCTION(3),
 * CURLOPT_SEEKFUNCTION(3), CURLOPT_IOCTLFUNCTION(3). */
#define _GNU_SOURCE
#include "exchange/request.h"

#include "engine/attempt.h"
#include "engine/call.h"
#include "host/log.h"

#include <string.h>
#include <sys/stat.h>

#define SNAPSHOT_KEEP (64 * 1024) /* kept between calls */

void request_init(struct request *request, const char *folder) {
  memset(request, 0, sizeof(*request));
  spool_init(&request->snapshot, folder);
}

void request_begin(struct call *call) {
  const struct shadow *shadow = &call->handle->shadow;
  struct request *request = &call->request;
  CURLcode (*set)(CURL *, CURLoption, ...) = call->library->easy_setopt;

  request->source = SOURCE_LIBCURL;
  request->is_paused = false;
  if (!shadow_reads_body(shadow))
    return;
  request->source = SOURCE_CALLBACK;
  request->read = shadow->held.read;
  request->read_data = shadow->held.read_data;
  request->file = NULL;
  if (!request->read || request->read == (curl_read_callback)fread) {
    request->read = (curl_read_callback)fread;
    request->file = request->read_data;
  }
  request->has_start = false;
  request->is_read = false;
  request->has_ended = false;
  request->is_whole = true;
  request->is_complete = false;
  request->is_rereading = false;
  request->is_told = false;
  request->is_stale = false;
  request->base = 0;
  request->size = shadow->request == REQUEST_POST ? shadow->post_size
                                                  : shadow->upload_size;
  request->read_at = 0;
  request->furthest = 0;
  request->served_at = 0;
  spool_limit(&request->snapshot, call->policy->snapshot_memory,
              call->policy->snapshot_disk);
  (void)set(call->curl, CURLOPT_READFUNCTION, request_on_read);
  (void)set(call->curl, CURLOPT_READDATA, call);
  (void)set(call->curl, CURLOPT_SEEKFUNCTION, request_on_seek);
  (void)set(call->curl, CURLOPT_SEEKDATA, call);
}

/* A regular file keeps its own bytes: no snapshot, its offset is enough. */
static void look_at_file(struct request *request) {
  struct stat status;
  int descriptor;

  request->has_start = true;
  if (!request->file)
    return;
  descriptor = fileno(request->file);
  if (descriptor < 0 || fstat(descriptor, &status) || !S_ISREG(status.st_mode))
    return;
  request->start = ftello(request->file);
  if (request->start >= 0)
    request->source = SOURCE_FILE;
}

static bool has_own_seek(const struct call *call) {
  const struct held_options *held = &call->handle->shadow.held;

  return held->seek || held->ioctl;
}

/* The program's own rewind, as libcurl calls it (lib/sendf.c). */
static int own_seek(const struct call *call, curl_off_t offset, int origin) {
  const struct held_options *held = &call->handle->shadow.held;

  if (held->seek)
    return held->seek(held->seek_data, offset, origin);
  if (held->ioctl && !offset && origin == SEEK_SET)
    return held->ioctl(call->curl, CURLIOCMD_RESTARTREAD, held->ioctl_data)
               ? CURL_SEEKFUNC_FAIL
               : CURL_SEEKFUNC_OK;
  return CURL_SEEKFUNC_CANTSEEK;
}

/* A form with parts that come from the read callback (CURLFORM_STREAM). 7.88
 * makes it anew for each perform and asks for the bytes that are gone. */
static bool is_streamed_form(const struct shadow *shadow) {
  const struct curl_httppost *part = shadow->form;

  while (part && !(part->flags & CURL_HTTPPOST_CALLBACK))
    part = part->next;
  return part && shadow->request == REQUEST_FORM;
}

bool request_can_rewind(const struct call *call) {
  const struct request *request = &call->request;

  if ((call->hop.was_sent || !call->hop.has_prerequests) &&
      is_streamed_form(&call->handle->shadow))
    return false;
  return request->source != SOURCE_CALLBACK || request->is_whole ||
         has_own_seek(call);
}

bool request_is_certain(const struct call *call) {
  const struct request *request = &call->request;

  if (request->source == SOURCE_LIBCURL)
    return call->handle->shadow.request != REQUEST_FORM;
  return request->source == SOURCE_FILE || request->is_whole;
}

/* The program's own seek, after which its bytes are compared with those that
 * are kept of the first time. */
static bool reread_from(struct call *call, int64_t offset) {
  struct request *request = &call->request;

  if (own_seek(call, request->base + offset, SEEK_SET))
    return false;
  request->is_rereading = true;
  request->has_ended = false;
  request->read_at = offset;
  request->served_at = offset;
  return true;
}

/* Start again from `offset` (from the base) of what was read. */
static bool rewind_to(struct call *call, int64_t offset) {
  struct request *request = &call->request;

  if (request->source == SOURCE_FILE) {
    clearerr(request->file);
    request->has_ended = false;
    request->served_at = 0;
    return !fseeko(request->file, request->start + offset, SEEK_SET);
  }
  if (!request->is_whole || request->read_at != spool_size(&request->snapshot))
    return reread_from(call, offset);
  request->served_at = offset;
  return true;
}

bool request_rewind(struct call *call) {
  struct request *request = &call->request;

  if (request->source == SOURCE_LIBCURL || !request->is_read)
    return true;
  return rewind_to(call, 0);
}

/* The program moved its source to `offset` before anything else: what it
 * produces from there is the upload. */
static void begin_at(struct request *request, int64_t offset) {
  if (request->source == SOURCE_FILE)
    request->start = ftello(request->file) - offset;
  else
    request->base = offset;
}

/* libcurl's own rewinds (307, authentication, a dead pooled connection): the
 * program's seek or ioctl comes first, as without us; where there is none or
 * it fails, what is kept. */
static int rewind_within(struct call *call, curl_off_t offset) {
  struct request *request = &call->request;
  int64_t from = offset - request->base;
  bool is_done;

  if (request->source == SOURCE_FILE) {
    /* its seek may be absolute in a file whose start was moved: ours counts */
    if (has_own_seek(call))
      (void)own_seek(call, offset, SEEK_SET);
    return rewind_to(call, offset) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
  }
  if (from == request->served_at)
    return CURL_SEEKFUNC_OK; /* after a retry's rewind */
  if (from < 0 || (request->is_whole && from > spool_size(&request->snapshot)))
    return CURL_SEEKFUNC_CANTSEEK;
  is_done = has_own_seek(call) && reread_from(call, from);
  if (!is_done)
    is_done = rewind_to(call, from);
  return is_done ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

void request_next(struct call *call) {
  struct request *request = &call->request;

  request->is_stale =
      request->source != SOURCE_LIBCURL && request->served_at > 0;
}

/* libcurl 7.88 forgets to rewind when a pooled connection died before any of
 * the bytes it had read was sent; 8.10 goes on when a rewind failed. */
static bool is_at_beginning(struct call *call) {
  struct request *request = &call->request;

  if (request->is_stale &&
      request_on_seek(call, 0, SEEK_SET) != CURL_SEEKFUNC_OK) {
    call->stop = STOP_MISMATCH;
    return false;
  }
  request->is_stale = false;
  return true;
}

int request_on_seek(void *data, curl_off_t offset, int origin) {
  struct call *call = data;
  struct request *request = &call->request;
  int result;

  if (origin != SEEK_SET)
    return CURL_SEEKFUNC_CANTSEEK;
  if (!request->has_start)
    look_at_file(request);
  if (request->is_read || spool_size(&request->snapshot)) {
    /* to the body's beginning, not its source's: libcurl seeks to 0 first,
       and not every version then to RESUME_FROM */
    if (!offset && call->handle->shadow.attempt.resume_from > 0)
      offset = call->handle->shadow.attempt.resume_from;
    result = rewind_within(call, offset);
    if (result == CURL_SEEKFUNC_OK)
      request->is_stale = false;
    return result;
  }
  /* RESUME_FROM: before the first byte the source's own seek is meant;
     where it can't, libcurl reads and throws away */
  if (!offset)
    return CURL_SEEKFUNC_OK;
  result = own_seek(call, offset, origin);
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

/* Keep what was just read and isn't kept yet. Past the limits the transfer
 * goes on. That it can't be repeated is worth a warning when it fails. */
static void keep(struct call *call, const char *bytes, size_t length) {
  struct request *request = &call->request;
  int64_t known = spool_size(&request->snapshot) - request->read_at;
  size_t kept;

  if (known >= (int64_t)length)
    return;
  if (request->is_whole && spool_append_some(&request->snapshot, bytes + known,
                                             length - (size_t)known, &kept))
    request->is_whole = false;
  request->is_complete = request->is_complete && request->is_whole;
  if (!request->is_whole && !request->is_told && !has_own_seek(call)) {
    request->is_told = true;
    log_note(call->policy, LEVEL_INFO,
             "the upload is larger than SNAPSHOT_MEMORY and SNAPSHOT_DISK "
             "keep, or its copy can't be written: it won't be retried");
  }
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

/* From what is kept, at the place libcurl is. */
static size_t serve_kept(struct request *request, char *buffer,
                         size_t length) {
  int64_t copied =
      spool_read(&request->snapshot, request->served_at, buffer, length);

  if (copied < 0)
    return CURL_READFUNC_ABORT;
  return (size_t)copied;
}

/* The program's seek led elsewhere. All that it first produced is kept: then
 * that is sent; else the call ends. */
static size_t serve_instead(struct call *call, char *buffer, size_t length) {
  struct request *request = &call->request;

  if (!request->is_complete) {
    call->stop = STOP_MISMATCH;
    return CURL_READFUNC_ABORT;
  }
  request->is_rereading = false;
  request->has_ended = true;
  request->read_at = spool_size(&request->snapshot);
  return serve_kept(request, buffer, length);
}

/* Whether as much was read as the program announced: libcurl then doesn't
 * ask for the end. */
static bool is_all(const struct request *request) {
  return request->size >= 0 &&
         request->base + request->read_at == request->size;
}

/* `n` bytes came from a source that isn't a FILE which can seek. */
static size_t take(struct call *call, char *buffer, size_t length, size_t n) {
  struct request *request = &call->request;
  bool is_short = !n && request->read_at < request->furthest;

  if (request->is_rereading && (is_short || !is_same(request, buffer, n)))
    return serve_instead(call, buffer, length);
  keep(call, buffer, n);
  request->read_at += (int64_t)n;
  if (request->furthest < request->read_at)
    request->furthest = request->read_at;
  if (request->is_whole &&
      request->read_at == spool_size(&request->snapshot)) {
    request->is_rereading = false;
    request->is_complete = request->has_ended || is_all(request);
  }
  return n;
}

/* Bytes from the program. */
static size_t read_source(struct call *call, char *buffer, size_t size,
                          size_t count) {
  struct request *request = &call->request;
  size_t n;

  if (request->has_ended)
    return 0;
  n = request->read(buffer, size, count, request->read_data);
  request->is_paused = n == CURL_READFUNC_PAUSE;
  if (n == CURL_READFUNC_PAUSE) {
    /* it may be waiting for the response that we hold */
    if (response_is_waiting(call) && response_commit(call, NULL))
      return CURL_READFUNC_ABORT;
    return n;
  }
  if (n == CURL_READFUNC_ABORT || n > size * count) {
    call->refusal = n == CURL_READFUNC_ABORT ? CURLE_ABORTED_BY_CALLBACK
                                             : CURLE_READ_ERROR;
    return n;
  }
  request->is_read = true;
  request->has_ended = n == 0;
  return request->source == SOURCE_FILE ? n
                                        : take(call, buffer, size * count, n);
}

size_t request_on_read(char *buffer, size_t size, size_t count, void *data) {
  struct call *call = data;
  struct request *request = &call->request;
  size_t n;

  attempt_active(call);
  if (call->refusal != CURLE_OK)
    return CURL_READFUNC_ABORT; /* libcurl may begin again by itself */
  if (!request->has_start)
    look_at_file(request);
  if (!is_at_beginning(call))
    return CURL_READFUNC_ABORT;
  if (request->source == SOURCE_CALLBACK && request->is_whole &&
      !request->is_rereading &&
      request->served_at < spool_size(&request->snapshot)) {
    n = serve_kept(request, buffer, size * count);
    if (n != CURL_READFUNC_ABORT)
      request->served_at += (int64_t)n;
    return n;
  }
  /* the program may block here until the response that we hold arrives */
  if (response_is_waiting(call) && response_commit(call, NULL))
    return CURL_READFUNC_ABORT;
  n = read_source(call, buffer, size, count);
  if (n != CURL_READFUNC_PAUSE && n != CURL_READFUNC_ABORT)
    request->served_at += (int64_t)n;
  return n;
}

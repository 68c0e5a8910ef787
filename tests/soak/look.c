/* What came of a transfer: every byte, and what libcurl says of it. */
#define _GNU_SOURCE
#include "soak.h"

#include <string.h>
#include <unistd.h>

#define HANGS_MS 60000 /* MAX_TIME is 10 s, STALL_TIMEOUT less */

void job_complain(struct job *job, const char *trouble) {
  if (!job->trouble)
    job->trouble = trouble;
}

/* What came instead of the body, and where: on stderr, for who looks for the
 * reason. */
static void show_wrong(const struct job *job, const char *bytes,
                       size_t length) {
  const unsigned char *right = job->body->bytes + job->first + job->got;
  size_t at = 0;
  long status = 0;

  while (at < length && (unsigned char)bytes[at] == right[at])
    at++;
  curl_easy_getinfo(job->curl, CURLINFO_RESPONSE_CODE, &status);
  fprintf(stderr, "%s: status %ld, %zu bytes after %zu are wrong from %zu on:",
          job->id, status, length, job->got, at);
  for (size_t i = at; i < length && i < at + 64; i++)
    fprintf(stderr, " %02x", (unsigned char)bytes[i]);
  fputc('\n', stderr);
}

/* Whether what comes is the body: an error's page isn't. */
static bool is_wanted(struct job *job) {
  long status = 0;

  if (job->server->scheme != SCHEME_HTTP)
    return true;
  curl_easy_getinfo(job->curl, CURLINFO_RESPONSE_CODE, &status);
  return status == 200 || status == 206;
}

size_t look_at_body(char *bytes, size_t size, size_t count, void *data) {
  struct job *job = data;
  size_t length = size * count, left;

  if (job->operation == OP_PUT || job->operation == OP_POST || !is_wanted(job))
    return length;
  if (job->got >= job->pause_at) {
    job->pause_at = SIZE_MAX;
    job->is_paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  left = job->last - job->first - job->got;
  if (length > left)
    job_complain(job, "too-long");
  else if (memcmp(bytes, job->body->bytes + job->first + job->got, length)) {
    job_complain(job, "wrong-bytes");
    show_wrong(job, bytes, length);
  }
  job->got += length;
  return length;
}

size_t look_at_header(char *bytes, size_t size, size_t count, void *data) {
  struct job *job = data;
  size_t length = size * count;

  if (length > 12 && !memcmp(bytes, "HTTP/", 5)) {
    const char *space = memchr(bytes, ' ', length);
    if (space && space[1] != '1')
      job->blocks++;
    if (job->got)
      job_complain(job, "headers-in-body");
  }
  return length;
}

static void look_at_download(struct job *job, long status) {
  size_t wanted = job->operation == OP_HEAD ? 0 : job->last - job->first;
  curl_off_t size = 0;

  if (job->server->scheme == SCHEME_HTTP && status != 200 && status != 206)
    return;
  if (job->operation == OP_RANGE && status == 200)
    job_complain(job, "range-ignored"); /* nginx never does */
  if (job->got != wanted)
    job_complain(job, "short");
  curl_easy_getinfo(job->curl, CURLINFO_SIZE_DOWNLOAD_T, &size);
  if (job->operation != OP_GZIP && (size_t)size != wanted)
    job_complain(job, "getinfo-size");
}

/* 221 isn't HTTP's: libcurl 7.88 that closes an old session of FTP for lack of
 * room says what its QUIT was answered. */
static void look_at_upload(struct job *job, long status) {
  if (job->server->scheme == SCHEME_HTTP && status != 201 && status != 204)
    return;
  if (job->stored[0] && !world_is_file(job->stored, job->body))
    job_complain(job, "stored-wrong");
}

/* Each time that libcurl itself repeats a request of a tunnel that was dead it
 * shows the reply to another CONNECT. */
#define TUNNELS_MAX 6

void look_at_end(struct job *job, int code, long status) {
  unsigned most = job->server->proxy[0] ? 1 + TUNNELS_MAX : 1;

  if (now_ms() - job->began_at > HANGS_MS)
    job_complain(job, "hung");
  if (code)
    return;
  if (job->server->scheme == SCHEME_HTTP &&
      (!job->blocks || job->blocks > most))
    job_complain(job, "header-blocks");
  if (job->trouble)
    fprintf(stderr, "%s: %s, %u header blocks\n", job->id, job->trouble,
            job->blocks);
  if (job->operation == OP_PUT || job->operation == OP_POST)
    look_at_upload(job, status);
  else
    look_at_download(job, status);
}

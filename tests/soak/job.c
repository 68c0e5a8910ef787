/* One transfer: its options, its callbacks, its line. */
#define _GNU_SOURCE
#include "soak.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the upload ------------------------------------------------------------
 */

static size_t on_read(char *bytes, size_t size, size_t count, void *data) {
  struct job *job = data;
  size_t length = size * count, left = job->body->size - job->read_at;

  if (length > left)
    length = left;
  memcpy(bytes, job->body->bytes + job->read_at, length);
  job->read_at += length;
  return length;
}

static int on_seek(void *data, curl_off_t offset, int origin) {
  struct job *job = data;

  if (origin != SEEK_SET || offset < 0 || (size_t)offset > job->body->size)
    return CURL_SEEKFUNC_FAIL;
  job->read_at = (size_t)offset;
  return CURL_SEEKFUNC_OK;
}

static void set_length(struct job *job) {
  curl_off_t length = (curl_off_t)job->body->size;

  if (job->source == SOURCE_CHUNKS)
    length = -1;
  curl_easy_setopt(job->curl,
                   job->operation == OP_POST ? CURLOPT_POSTFIELDSIZE_LARGE
                                             : CURLOPT_INFILESIZE_LARGE,
                   length);
}

static void add_header(struct job *job, const char *line) {
  job->headers = curl_slist_append(job->headers, line);
}

static void set_upload(struct job *job) {
  char path[512];
  CURL *curl = job->curl;

  curl_easy_setopt(
      curl, job->operation == OP_POST ? CURLOPT_POST : CURLOPT_UPLOAD, 1L);
  set_length(job);
  switch (job->source) {
  case SOURCE_FIELDS:
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, job->body->bytes);
    return;
  case SOURCE_FILE:
    snprintf(path, sizeof path, "%s/%s", world.files, job->body->name);
    job->file = fopen(path, "re");
    curl_easy_setopt(curl, CURLOPT_READDATA, job->file);
    return;
  case SOURCE_SEEK:
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, job);
    break;
  case SOURCE_CHUNKS:
    if (job->operation == OP_POST &&
        job->server->version == CURL_HTTP_VERSION_1_1)
      add_header(job, "Transfer-Encoding: chunked");
    break;
  default:
    break;
  }
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(curl, CURLOPT_READDATA, job);
}

/* --- the request -----------------------------------------------------------
 */

/* The key is in each path: the trace and the servers' logs have it. */
static void set_url(struct job *job) {
  static const char *const paths[OPS] = {"get", "get", "gz",
                                         "get", "put", "post"};
  const struct server *server = job->server;
  bool is_upload = job->operation == OP_PUT;

  if (server->scheme == SCHEME_HTTP)
    snprintf(job->url, sizeof job->url, "%s/%s/%s/%s", server->url,
             paths[job->operation], job->body->name, job->id);
  else
    snprintf(job->url, sizeof job->url, "%s/%s/%s", server->url,
             is_upload ? "up" : "link", job->id);
  if (is_upload) {
    snprintf(job->stored, sizeof job->stored, "%s/%s", server->store, job->id);
    if (server->scheme == SCHEME_HTTP)
      snprintf(job->url, sizeof job->url, "%s/put/%s", server->url, job->id);
  } else if (server->scheme != SCHEME_HTTP) {
    char file[512];
    snprintf(file, sizeof file, "%s/%s", world.files, job->body->name);
    snprintf(job->linked, sizeof job->linked, "%s/../link/%s", server->store,
             job->id);
    if (link(file, job->linked))
      job_complain(job, "no-link");
  }
  curl_easy_setopt(job->curl, CURLOPT_URL, job->url);
}

static int on_progress(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  return job_tick(data);
}

static void set_answer(struct job *job) {
  CURL *curl = job->curl;
  char range[64];

  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, look_at_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, job);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, look_at_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, job);
  if (job->operation == OP_HEAD)
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (job->operation == OP_GZIP)
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (job->operation == OP_RANGE) {
    snprintf(range, sizeof range, "%zu-%zu", job->first, job->last - 1);
    curl_easy_setopt(curl, CURLOPT_RANGE, range);
  }
}

void job_begin(struct job *job, unsigned number) {
  CURL *curl = job->curl;

  job_draw(job, number);
  job->began_at = now_ms();
  job->is_running = true;
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, job);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  /* 7.88's data connection to FTP uses an address that the cache may have
     dropped (ftp.c unlocks it before it connects): a crash once in a while */
  curl_easy_setopt(curl, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, job->server->proxy);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, job->server->version);
  if (job->timeout_ms)
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, job->timeout_ms);
  if (job->pause_at != SIZE_MAX || job->give_up_ms) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, job);
  }
  set_url(job);
  set_answer(job);
  if (job->operation == OP_PUT || job->operation == OP_POST)
    set_upload(job);
  if (job->headers)
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, job->headers);
}

bool job_tick(struct job *job) {
  if (job->is_paused) {
    job->is_paused = false;
    curl_easy_pause(job->curl, CURLPAUSE_CONT);
  }
  return job->give_up_ms && now_ms() - job->began_at >= job->give_up_ms;
}

/* KEY SERVER OPERATION SOURCE BODY CODE STATUS GOT MS TROUBLE */
static void print_line(const struct job *job, int code, long status) {
  static const char *const operations[OPS] = {"GET",  "RANGE", "GZIP",
                                              "HEAD", "PUT",   "POST"};
  static const char *const sources[SOURCES] = {"-",      "fields", "read",
                                               "chunks", "seek",   "file"};

  fprintf(world.out, "%s %s %s %s %s %d %ld %zu %lld %s\n", job->id,
          job->server->name, operations[job->operation], sources[job->source],
          job->body->name, code, status, job->got, now_ms() - job->began_at,
          job->trouble ? job->trouble : "-");
}

void job_end(struct job *job, int code) {
  long status = 0;

  curl_easy_getinfo(job->curl, CURLINFO_RESPONSE_CODE, &status);
  look_at_end(job, code, status);
  print_line(job, code, status);
  job->is_running = false;
  if (job->file)
    fclose(job->file);
  if (job->stored[0])
    unlink(job->stored);
  if (job->linked[0])
    unlink(job->linked);
  curl_easy_setopt(job->curl, CURLOPT_HTTPHEADER, NULL);
  curl_slist_free_all(job->headers);
  job->headers = NULL;
  job->file = NULL;
}

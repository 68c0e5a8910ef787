/* What the reader's callbacks do. */
#define _GNU_SOURCE
#include "upload_reader.h"

#include <stdlib.h>
#include <string.h>

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct reader *reader = data;

  reader->calls_while_paused += reader->is_paused;
  if (reader->times <= 0 || reader->upload.at < reader->at)
    return upload_read(buffer, size, count, &reader->upload);
  reader->times--;
  return reader->act(reader, buffer, size * count);
}

static int on_seek(void *data, curl_off_t offset, int origin) {
  struct reader *reader = data;

  return upload_seek(&reader->upload, offset, origin);
}

static int on_progress(void *data, curl_off_t download_total,
                       curl_off_t download_now, curl_off_t upload_total,
                       curl_off_t upload_now) {
  struct reader *reader = data;

  (void)download_total;
  (void)download_now;
  (void)upload_total;
  (void)upload_now;
  if (reader->is_paused) {
    reader->is_paused = false;
    curl_easy_pause(reader->upload.curl, CURLPAUSE_CONT);
  }
  return 0;
}

static int on_prereq(void *data, char *remote, char *local, int remote_port,
                     int local_port) {
  struct reader *reader = data;

  (void)remote;
  (void)local;
  (void)remote_port;
  (void)local_port;
  reader->requests++;
  reader->is_paused = false; /* a new attempt isn't */
  return CURL_PREREQFUNC_OK;
}

static int on_debug(CURL *curl, curl_infotype type, char *bytes, size_t length,
                    void *data) {
  struct reader *reader = data;

  (void)curl;
  if (type == CURLINFO_HEADER_IN && length > 9 && !memcmp(bytes, "HTTP/", 5) &&
      bytes[9] != '1')
    reader->status = atoi(bytes + 9);
  return 0;
}

void reader_begin(struct reader *reader, enum source source, const char *key,
                  const char *plan) {
  CURL *curl = handle_for(key, plan);

  memset(reader, 0, sizeof *reader);
  reader->key = key;
  upload_init(&reader->upload, source, READER_SIZE, 1);
  reader->upload.read = on_read;
  reader->upload.seek = on_seek;
  reader->upload.data = reader;
  upload_put(&reader->upload, curl);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, reader);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_prereq);
  curl_easy_setopt(curl, CURLOPT_PREREQDATA, reader);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, reader);
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
}

void reader_header(struct reader *reader, const char *line) {
  struct upload *upload = &reader->upload;

  upload->headers = curl_slist_append(upload->headers, line);
  curl_easy_setopt(upload->curl, CURLOPT_HTTPHEADER, upload->headers);
}

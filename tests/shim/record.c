/* Ports, keys and dates differ between runs and are left out. */
#define _GNU_SOURCE
#include "record.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The plan and what follows it: what is behind the key. */
static const char *tail_of(const char *url) {
  const char *key = url ? strstr(url, "/p") : NULL;
  const char *slash = key ? strchr(key + 1, '/') : NULL;

  return slash ? slash : "-";
}

/* Header lines whose values differ between runs. */
static bool varies(const char *line, size_t length) {
  return length > 17 && (!strncasecmp(line, "date:", 5) ||
                         !strncasecmp(line, "www-authenticate:", 17) ||
                         !strncasecmp(line, "location:", 9));
}

static void close_run(struct record *record) {
  if (record->is_open)
    fprintf(record->out, "body %ld %s: %lld bytes %08x\n", record->status,
            record->url, record->run, record->hash);
  record->is_open = false;
}

static size_t record_body(char *bytes, size_t size, size_t count, void *data) {
  struct record *record = data;
  size_t length = size * count;
  curl_off_t downloaded = 0;
  const char *url = NULL;
  long status = 0;

  curl_easy_getinfo(record->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(record->curl, CURLINFO_EFFECTIVE_URL, &url);
  curl_easy_getinfo(record->curl, CURLINFO_SIZE_DOWNLOAD_T, &downloaded);
  if (record->is_open &&
      (status != record->status || strcmp(tail_of(url), record->url)))
    close_run(record);
  if (!record->is_open) {
    record->is_open = true;
    record->run = 0;
    record->hash = 2166136261u;
    record->status = status;
    snprintf(record->url, sizeof record->url, "%s", tail_of(url));
  }
  for (size_t i = 0; i < length && !varies(bytes, length); i++)
    record->hash = (record->hash ^ (unsigned char)bytes[i]) * 16777619u;
  record->run += (long long)length;
  record->delivered += (long long)length;
  return length;
}

static size_t record_header(char *bytes, size_t size, size_t count,
                            void *data) {
  struct record *record = data;
  size_t length = size * count;
  int shown = (int)strcspn(bytes, "\r\n");
  curl_off_t downloaded = -1, speed = -1;
  const char *url = NULL, *scheme = NULL;
  long status = -1, version = -1;
  /* what libcurl doesn't promise and always does, and many rely on */
  bool is_string = strlen(bytes) == length;

  close_run(record);
  curl_easy_getinfo(record->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(record->curl, CURLINFO_EFFECTIVE_URL, &url);
  curl_easy_getinfo(record->curl, CURLINFO_SIZE_DOWNLOAD_T, &downloaded);
  curl_easy_getinfo(record->curl, CURLINFO_SPEED_DOWNLOAD_T, &speed);
  curl_easy_getinfo(record->curl, CURLINFO_SCHEME, &scheme);
  curl_easy_getinfo(record->curl, CURLINFO_HTTP_VERSION, &version);
  if (varies(bytes, length))
    shown = (int)strcspn(bytes, ":");
  /* at a trailer libcurl counts what it had read before: one read or two */
  if (!strncmp(bytes, "HTTP/", 5))
    record->delivered = 0;
  if (record->delivered)
    downloaded = speed = 0;
  fprintf(record->out, "header %ld %s %s %lld %s v%ld: %.*s (%zu%s)\n", status,
          scheme ? scheme : "-", tail_of(url), (long long)downloaded,
          speed ? "fast" : "0", version, shown, bytes, length,
          is_string ? "" : ", no string");
  bytes[length] = 0; /* some do */
  return length;
}

void record_begin(struct record *record, const char *key, const char *plan,
                  FILE *out) {
  memset(record, 0, sizeof *record);
  record->out = out;
  record->curl = handle_for(key, plan);
  curl_easy_setopt(record->curl, CURLOPT_WRITEFUNCTION, record_body);
  curl_easy_setopt(record->curl, CURLOPT_WRITEDATA, record);
  curl_easy_setopt(record->curl, CURLOPT_HEADERFUNCTION, record_header);
  curl_easy_setopt(record->curl, CURLOPT_HEADERDATA, record);
  curl_easy_setopt(record->curl, CURLOPT_ERRORBUFFER, record->error);
  fprintf(out, "== %s\n", key);
}

void record_result(struct record *record, CURLcode code) {
  curl_off_t downloaded = -1, announced = -1;
  const char *url = NULL;
  long status = -1, redirects = -1;

  close_run(record);
  curl_easy_getinfo(record->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(record->curl, CURLINFO_REDIRECT_COUNT, &redirects);
  curl_easy_getinfo(record->curl, CURLINFO_EFFECTIVE_URL, &url);
  curl_easy_getinfo(record->curl, CURLINFO_SIZE_DOWNLOAD_T, &downloaded);
  curl_easy_getinfo(record->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
                    &announced);
  fprintf(record->out, "result %d %ld %ld %s %lld of %lld: %s\n", code, status,
          redirects, tail_of(url), (long long)downloaded, (long long)announced,
          record->error);
}

void record_end(struct record *record) {
  record_result(record, curl_easy_perform(record->curl));
  curl_easy_cleanup(record->curl);
}

char *record_section(const char *trace, const char *name) {
  char mark[128];
  const char *start, *end;

  snprintf(mark, sizeof mark, "== %s\n", name);
  start = strstr(trace, mark);
  if (!start)
    return strdup("");
  start += strlen(mark);
  end = strstr(start, "\n== ");
  return end ? strndup(start, (size_t)(end + 1 - start)) : strdup(start);
}

void record_assert_same(const char *shimmed, const char *unshimmed) {
  while (*shimmed || *unshimmed) {
    int mine = (int)strcspn(shimmed, "\n");
    int its = (int)strcspn(unshimmed, "\n");
    if (mine != its || strncmp(shimmed, unshimmed, (size_t)mine))
      fail_msg("shimmed:   %.*s\nunshimmed: %.*s", mine, shimmed, its,
               unshimmed);
    shimmed += mine + (shimmed[mine] == '\n');
    unshimmed += its + (unshimmed[its] == '\n');
  }
}

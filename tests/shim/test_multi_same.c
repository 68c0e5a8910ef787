/* test_multi_same.c - where nothing fails, a program sees in every loop what
 * it sees without the shim: each header and byte, each code and getinfo, each
 * message. */
#define _GNU_SOURCE
#include "multi_pair.h"
#include "record.h"
#include "upload.h"

#include <stdlib.h>
#include <string.h>

enum kind { GET, HEAD, FOLLOW, FEW, FAIL, SMALL, SHORT, DECODE, LOGIN };

struct sort {
  const char *name;
  const char *plan;
  enum kind kind;
  int source; /* of an upload; -1: none */
  size_t size;
};

static const struct sort sorts[] = {
    {"small", "200:size=100:seed=s", GET, -1, 0},
    {"empty", "200:size=0", GET, -1, 0},
    {"large", "200:size=300000:seed=s", GET, -1, 0},
    {"slow", "200:size=3000:seed=s:rate=1000~10", GET, -1, 0},
    {"etag", "200:size=30000:seed=s:etag=v:ranges", GET, -1, 0},
    {"chunked", "200:size=3000:seed=s:chunked", GET, -1, 0},
    {"chunked-large", "200:size=300000:seed=s:chunked=5000", GET, -1, 0},
    {"chunked-slow", "200:size=3000:seed=s:chunked:rate=900~10", GET, -1, 0},
    {"chunked-empty", "200:size=0:chunked", GET, -1, 0},
    {"trailer", "200:size=300:seed=s:chunked:trailer=X-End~1", GET, -1, 0},
    {"gzip", "200:size=9000:seed=s:gzip", DECODE, -1, 0},
    {"gzip-chunked", "200:size=9000:seed=s:gzip:chunked", DECODE, -1, 0},
    {"gzip-raw", "200:size=9000:seed=s:gzip", GET, -1, 0},
    {"eof", "200:size=4000:seed=s:eof", GET, -1, 0},
    {"http10", "200:size=500:seed=s:http10", GET, -1, 0},
    {"close", "200:size=500:seed=s:connclose", GET, -1, 0},
    {"head", "200:size=5000", HEAD, -1, 0},
    {"204", "204", GET, -1, 0},
    {"304", "304", GET, -1, 0},
    {"404", "404", GET, -1, 0},
    {"404-chunked", "404:size=900:seed=s:chunked", GET, -1, 0},
    {"404-fail", "404", FAIL, -1, 0},
    {"103", "200:size=100:seed=s:info=103", GET, -1, 0},
    {"redirect", "302:next,200:size=700:seed=s", FOLLOW, -1, 0},
    {"redirects", "301:next,302:next:size=50,200:size=700:seed=s:chunked",
     FOLLOW, -1, 0},
    {"redirects-many", "302:next", FEW, -1, 0},
    {"redirect-shown", "302:next", GET, -1, 0},
    {"login", "200:size=400:seed=s:auth=basic", LOGIN, -1, 0},
    {"too-large", "200:size=5000:seed=s", SMALL, -1, 0},
    {"refused", "200:size=5000:seed=s", SHORT, -1, 0},
    {"put", "201:seed=s", GET, SOURCE_READ, 30000},
    {"put-chunked", "201:size=900:seed=s:chunked", GET, SOURCE_READ, 30000},
    {"put-redirect", "307:next,201:seed=s", FOLLOW, SOURCE_READ_SEEK, 3000},
    {"post-read", "201:seed=s", GET, SOURCE_READ_POST, 3000},
    {"fields", "200:size=100:seed=s", GET, SOURCE_FIELDS, 500},
    {"copied", "201:seed=s", GET, SOURCE_COPIED, 500},
    {"303", "303:next,200:size=80:seed=s", FOLLOW, SOURCE_FIELDS, 500},
    {"mime", "201:seed=s", GET, SOURCE_MIME_DATA, 5000},
    {"form", "201:seed=s", GET, SOURCE_FORM, 5000},
};

/* One transfer of it and what was recorded. */
struct same {
  const struct sort *sort;
  struct record record;
  struct upload upload;
  char *text;
  size_t length;
  int messages;
};

static size_t take_half(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  (void)data;
  return size * count / 2;
}

static void set_kind(CURL *curl, enum kind kind) {
  switch (kind) {
  case HEAD:
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    break;
  case FEW:
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 2L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    break;
  case FOLLOW:
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    break;
  case FAIL:
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    break;
  case SMALL:
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, 1000L);
    break;
  case SHORT:
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_half);
    break;
  case DECODE:
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    break;
  case LOGIN:
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_ANY);
    curl_easy_setopt(curl, CURLOPT_USERPWD, "user:secret");
    break;
  default:
    break;
  }
}

static void begin(struct same *same, const struct sort *sort, int round) {
  char key[64];
  FILE *out = open_memstream(&same->text, &same->length);

  snprintf(key, sizeof key, "%s-%d", sort->name, round);
  same->sort = sort;
  record_begin(&same->record, key, sort->plan, out);
  curl_easy_setopt(same->record.curl, CURLOPT_PRIVATE, same);
  set_kind(same->record.curl, sort->kind);
  if (sort->source >= 0) {
    upload_init(&same->upload, (enum source)sort->source, sort->size, 7);
    same->upload.is_chunked = strstr(sort->name, "chunked") != NULL;
    upload_put(&same->upload, same->record.curl);
  }
}

static void end(struct same *same, FILE *out) {
  fclose(same->record.out);
  fputs(same->text, out);
  curl_easy_cleanup(same->record.curl);
  if (same->sort->source >= 0)
    upload_free(&same->upload);
  free(same->text);
}

/* What a program asks at the message. */
static void note_message(const CURLMsg *message) {
  char *private = NULL;
  curl_off_t sent = -1;
  long header = -1, request = -1, code = -1, errors = -1;
  struct same *same;
  CURL *curl = message->easy_handle;

  curl_easy_getinfo(curl, CURLINFO_PRIVATE, &private);
  same = (struct same *)(void *)private;
  same->messages++;
  curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &sent);
  curl_easy_getinfo(curl, CURLINFO_HEADER_SIZE, &header);
  curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &request);
  curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &code);
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &errors);
  record_result(&same->record, message->data.result);
  fprintf(same->record.out,
          PAIR_MARK "%d: %lld sent, sizes %ld %ld, %ld %ld\n",
          (int)message->msg, (long long)sent, header, request, code, errors);
}

static bool turn(struct drive *drive) {
  size_t *left = drive->data;
  const CURLMsg *message;
  int queued;

  while ((message = curl_multi_info_read(drive->multi, &queued))) {
    CURL *curl = message->easy_handle;
    note_message(message);
    curl_multi_remove_handle(drive->multi, curl);
    --*left;
  }
  return !*left;
}

/* Some at once or one after the other: in the pool of one multi handle. */
static void run_round(struct drive *drive, int round, FILE *out) {
  struct same *all = calloc(COUNT(sorts), sizeof *all);
  size_t step = round ? 1 : COUNT(sorts);

  for (size_t i = 0; i < COUNT(sorts); i += step) {
    size_t left = step;
    drive->data = &left;
    for (size_t j = i; j < i + step; j++) {
      begin(&all[j], &sorts[j], round);
      drive_add(drive, all[j].record.curl);
    }
    if (!drive_end(drive))
      fprintf(out, "trouble: %s, %zu left\n", drive->trouble, left);
    for (size_t j = i; j < i + step; j++) {
      drive_remove(drive, all[j].record.curl);
      end(&all[j], out);
    }
  }
  free(all);
}

static void print_trace(const char *name, FILE *out) {
  struct drive drive;
  size_t none = 0;

  drive_open(&drive, loop_named(name), turn, &none);
  run_round(&drive, 0, out);
  run_round(&drive, 1, out);
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {NULL};
  static const struct multi_pair pair = {print_trace, policy,
                                         2 * COUNT(sorts)};

  return multi_pair(argc, argv, &pair);
}

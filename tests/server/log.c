/* The log that tests ask for. */
#include "log.h"

#include "text.h"

#include <ctype.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct entry {
  uint64_t id; /* 0: unused */
  uint64_t turn;
  unsigned connection;
  unsigned request;
  int64_t at_ms;
  int status;
  uint64_t sent;
  uint64_t upload;
  bool is_upload_complete;
  char sha256[65];
  char *text; /* key, step, method, version, target and headers as JSON */
  const char *key, *step, *method, *version, *target, *headers;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry entries[LOG_ENTRIES_MAX];
static uint64_t last_id;
static uint64_t dropped; /* entries overwritten since the last clear */

/* The slot of ID; NULL when it was overwritten since. */
static struct entry *slot(uint64_t id) {
  struct entry *entry = &entries[id % LOG_ENTRIES_MAX];

  return entry->id == id ? entry : NULL;
}

/* NAME in lower case as a JSON member name. */
static void write_name(FILE *out, const char *name) {
  char lower[128];
  size_t size = 0;

  for (; size < sizeof lower - 1 && name[size]; size++)
    lower[size] = (char)tolower((unsigned char)name[size]);
  lower[size] = '\0';
  text_json(out, lower);
}

/* The values of the header at FIRST and its repetitions, joined by ", ". */
static void write_values(FILE *out, const struct request *request,
                         size_t first) {
  const char *name = request->headers[first].name;
  char joined[REQUEST_HEAD_MAX] = "";
  size_t used = 0;

  for (size_t i = first; i < request->header_count; i++) {
    if (strcasecmp(request->headers[i].name, name) != 0)
      continue;
    used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%s",
                             used ? ", " : "", request->headers[i].value);
    if (used >= sizeof joined)
      break;
  }
  text_json(out, joined);
}

/* The headers as one JSON object with lower case names. */
static void write_headers(FILE *out, const struct request *request) {
  putc('{', out);
  for (size_t i = 0; i < request->header_count; i++) {
    size_t first = 0;

    while (strcasecmp(request->headers[first].name,
                      request->headers[i].name) != 0)
      first++;
    if (first < i)
      continue;
    if (i)
      fputs(", ", out);
    write_name(out, request->headers[i].name);
    fputs(": ", out);
    write_values(out, request, i);
  }
  putc('}', out);
}

/* Copies all texts of the entry into one allocation. */
static void set_texts(struct entry *entry, const struct request *request,
                      const char *key, const char *step) {
  const char *texts[] = {key, step, request->method, request->version,
                         request->target};
  const char **places[] = {&entry->key, &entry->step, &entry->method,
                           &entry->version, &entry->target};
  size_t offsets[5];
  size_t size = 0;
  FILE *out = open_memstream(&entry->text, &size);

  if (!out)
    abort();
  for (size_t i = 0; i < 5; i++) {
    offsets[i] = (size_t)ftell(out);
    fputs(texts[i], out);
    putc('\0', out);
  }
  size_t headers = (size_t)ftell(out);

  write_headers(out, request);
  if (fclose(out))
    abort();
  for (size_t i = 0; i < 5; i++)
    *places[i] = entry->text + offsets[i];
  entry->headers = entry->text + headers;
}

uint64_t log_open(const struct connection *connection,
                  const struct request *request, const char *key,
                  const char *step, uint64_t turn) {
  struct entry entry = {.turn = turn, .at_ms = request->at_ms};
  struct entry *place;

  entry.connection = connection->number;
  entry.request = connection->requests;
  set_texts(&entry, request, key, step);
  pthread_mutex_lock(&lock);
  entry.id = ++last_id;
  place = &entries[entry.id % LOG_ENTRIES_MAX];
  if (place->id)
    dropped++;
  free(place->text);
  *place = entry;
  pthread_mutex_unlock(&lock);
  return entry.id;
}

void log_upload(uint64_t id, uint64_t length, const char *sha256,
                bool is_complete) {
  struct entry *entry;

  pthread_mutex_lock(&lock);
  entry = slot(id);
  if (entry) {
    entry->upload = length;
    entry->is_upload_complete = is_complete;
    snprintf(entry->sha256, sizeof entry->sha256, "%s", sha256);
  }
  pthread_mutex_unlock(&lock);
}

void log_status(uint64_t id, int status) {
  struct entry *entry;

  pthread_mutex_lock(&lock);
  entry = slot(id);
  if (entry)
    entry->status = status;
  pthread_mutex_unlock(&lock);
}

void log_sent(uint64_t id, uint64_t count) {
  struct entry *entry;

  pthread_mutex_lock(&lock);
  entry = slot(id);
  if (entry)
    entry->sent += count;
  pthread_mutex_unlock(&lock);
}

static void write_json(FILE *out, const struct entry *entry) {
  fprintf(out, "{\"seq\": %" PRIu64 ", \"key\": ", entry->id);
  text_json(out, entry->key);
  fputs(", \"method\": ", out);
  text_json(out, entry->method);
  fputs(", \"path\": ", out);
  text_json(out, entry->target);
  fputs(", \"version\": ", out);
  text_json(out, entry->version);
  fprintf(out, ", \"connection\": %u, \"request\": %u", entry->connection,
          entry->request);
  fprintf(out, ", \"headers\": %s", entry->headers);
  fprintf(out,
          ", \"body_length\": %" PRIu64 ", \"body_sha256\": ", entry->upload);
  text_json(out, entry->sha256);
  fprintf(out, ", \"body_complete\": %s, \"step\": ",
          entry->is_upload_complete ? "true" : "false");
  text_json(out, entry->step);
  fprintf(out, ", \"turn\": %" PRIu64 ", \"status\": %d", entry->turn,
          entry->status);
  fprintf(out, ", \"time_ms\": %" PRId64 ", \"sent\": %" PRIu64 "}\n",
          entry->at_ms, entry->sent);
}

static void write_line(FILE *out, const struct entry *entry) {
  fprintf(out, "%" PRIu64 " %s %u %u %" PRIu64 " %s %s %d %" PRIu64, entry->id,
          entry->method, entry->connection, entry->request, entry->upload,
          entry->sha256[0] ? entry->sha256 : "-",
          entry->is_upload_complete ? "complete" : "partial", entry->status,
          entry->sent);
  fprintf(out, " %" PRId64 " %s %s\n", entry->at_ms, entry->step,
          entry->target);
}

/* Calls WRITE (if any) for the kept entries of KEY; returns how many. */
static uint64_t for_each(FILE *out, const char *key,
                         void (*write)(FILE *, const struct entry *)) {
  uint64_t count = 0;

  pthread_mutex_lock(&lock);
  if (!key)
    count = write ? 0 : dropped;
  for (uint64_t id = last_id > LOG_ENTRIES_MAX ? last_id - LOG_ENTRIES_MAX : 0;
       id++ < last_id;) {
    const struct entry *entry = slot(id);

    if (!entry || (key && strcmp(entry->key, key) != 0))
      continue;
    count++;
    if (write)
      write(out, entry);
  }
  pthread_mutex_unlock(&lock);
  return count;
}

void log_write_json(FILE *out, const char *key) {
  for_each(out, key, write_json);
}

void log_write_lines(FILE *out, const char *key) {
  for_each(out, key, write_line);
}

uint64_t log_count(const char *key) { return for_each(NULL, key, NULL); }

void log_clear(void) {
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < LOG_ENTRIES_MAX; i++) {
    free(entries[i].text);
    entries[i] = (struct entry){0};
  }
  dropped = 0;
  pthread_mutex_unlock(&lock);
}

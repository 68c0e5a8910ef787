/* Performing a transfer drawn by lot: the program's callbacks, which look at
 * each byte as it comes. */
#define _GNU_SOURCE
#include "lot.h"

#include <stdlib.h>
#include <string.h>

void lot_complain(struct lot *lot, const char *trouble) {
  if (!lot->trouble)
    lot->trouble = trouble;
}

void lot_refuse(struct lot *lot, CURLcode code) {
  if (!lot->refusals)
    lot->requests_refused = lot->requests;
  lot->refusals |= 1ULL << code;
}

void lot_pause(struct lot *lot) {
  curl_easy_pause(lot->curl, (lot->is_paused ? CURLPAUSE_RECV : 0) |
                                 (lot->is_send_paused ? CURLPAUSE_SEND : 0));
}

/* All may go on. */
static void lot_continue(struct lot *lot) {
  bool is_paused = lot->is_paused || lot->is_send_paused;

  /* libcurl may call us from within */
  lot->is_paused = false;
  lot->is_send_paused = false;
  if (is_paused)
    curl_easy_pause(lot->curl, CURLPAUSE_CONT);
}

/* Whether these bytes stand at `lot->got` in this version. */
static bool stands_in(const struct lot *lot, int version, const char *bytes,
                      size_t length) {
  unsigned long long hash = 0xcbf29ce484222325ULL, word = 0;
  long long at = lot->got;
  char text[64];

  snprintf(text, sizeof text, "s%uv%d", lot->number, version);
  for (const char *c = text; *c; c++)
    hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
  for (size_t i = 0; i < length; i++, at++) {
    if (i == 0 || at % 8 == 0)
      word = upload_word(hash, (unsigned long long)at / 8);
    if ((char)(word >> (8 * (at % 8))) != bytes[i])
      return false;
  }
  return at <= lot->sizes[version];
}

/* Whether the body is still a prefix of one version; an error's body is
 * "503 planned". A version without a strong validator is known by its bytes
 * alone, so nothing tells two apart before the first. */
static bool is_right(struct lot *lot, const char *bytes, size_t length) {
  char text[64];

  if (lot->version == 0) {
    int size = snprintf(text, sizeof text, "%d planned\n", lot->status);
    return lot->got + (long long)length <= size &&
           !memcmp(text + lot->got, bytes, length);
  }
  for (int version = 1; version < LOT_VERSIONS; version++)
    lot->is_other[version] |= !stands_in(lot, version, bytes, length);
  if (lot->has_validator)
    return !lot->is_other[lot->version];
  if (lot->is_other[lot->version] &&
      !lot->is_other[LOT_VERSIONS - lot->version])
    lot->version = LOT_VERSIONS - lot->version;
  return !lot->is_other[lot->version];
}

/* Whether the habit shows itself now; `at`: bytes or lines so far. */
static bool acts(struct lot *lot, enum habit habit, long long at) {
  if (lot->habit != habit || lot->habit_times <= 0 || at < lot->habit_at)
    return false;
  lot->habit_times--;
  return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct lot *lot = data;
  size_t length = size * count;

  if (!lot->is_after_block)
    lot_complain(lot, "a body byte before the headers' end");
  if (lot->is_paused)
    lot_complain(lot, "a body byte while paused");
  if (lot->has_refused)
    lot_complain(lot, "a body byte after the refusal");
  if (acts(lot, HABIT_PAUSE_BODY, lot->got)) {
    lot->is_paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (!is_right(lot, bytes, length))
    lot_complain(lot, "wrong bytes");
  if (length && acts(lot, HABIT_SHORT_BODY, lot->got + (long long)length)) {
    lot->has_refused = true;
    lot_refuse(lot, CURLE_WRITE_ERROR);
    return length / 2;
  }
  lot->got += (long long)length;
  if (acts(lot, HABIT_PAUSE_CALL, lot->got)) {
    lot->is_paused = true;
    lot_pause(lot);
  }
  return length;
}

/* Whether libcurl won't go on after this status. */
static bool is_final(const struct lot *lot) {
  if (lot->status < 200 || lot->status / 100 == 3)
    return false;
  return !lot->has_upload || (lot->status != 401 && lot->status != 417);
}

static void follow(struct lot *lot, const char *line) {
  if (!strncmp(line, "HTTP/", 5)) {
    if (is_final(lot))
      lot_complain(lot, "a status line after the final one");
    lot->is_after_block = false;
    lot->version = 0;
    lot->status = atoi(line + 9);
  } else if (lot->is_after_block) {
    lot_complain(lot, "a header after its block");
  }
  if (!strncasecmp(line, "X-Version:", 10))
    lot->version = atoi(line + 10);
  if (line[0] == '\r')
    lot->is_after_block = true;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  struct lot *lot = data;
  size_t length = size * count;
  char line[2048] = "";

  if (lot->is_paused)
    lot_complain(lot, "a header while paused");
  if (lot->got)
    lot_complain(lot, "a header after a body byte");
  if (lot->has_refused)
    lot_complain(lot, "a header after the refusal");
  if (acts(lot, HABIT_PAUSE_HEADER, lot->headers)) {
    lot->is_paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (acts(lot, HABIT_SHORT_HEADER, lot->headers)) {
    lot->has_refused = true;
    lot_refuse(lot, CURLE_WRITE_ERROR);
    return length / 2;
  }
  lot->headers++;
  if (length >= sizeof line || length < 2)
    lot_complain(lot, "an unlikely header");
  else
    memcpy(line, bytes, length);
  follow(lot, line);
  return length;
}

static int on_progress(void *data, curl_off_t total, curl_off_t now,
                       curl_off_t unused, curl_off_t unused_too) {
  struct lot *lot = data;

  (void)total;
  (void)unused;
  (void)unused_too;
  if (lot->got && now < lot->shown)
    lot_complain(lot, "the progress went back");
  if (lot->got)
    lot->shown = now;
  lot_continue(lot);
  if (lot->got && acts(lot, HABIT_ABORT, lot->got)) {
    lot->has_refused = true;
    lot_refuse(lot, CURLE_ABORTED_BY_CALLBACK);
    return 1;
  }
  return 0;
}

void lot_perform(struct lot *lot, CURL *curl) {
  bool has_progress = lot->has_progress || lot->habit != HABIT_NONE ||
                      lot->send_habit != SEND_ALL;

  lot->curl = curl;
  curl_easy_setopt(curl, CURLOPT_URL, url_of(lot->key, lot->plan).text);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 20L);
  /* one that hangs is to be told from the others */
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 100L * patience());
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING,
                   lot->is_gzip ? "gzip" : NULL);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, lot);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, lot);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, lot);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, has_progress ? 0L : 1L);
  if (lot->has_upload)
    lot_send(lot);
  lot->code = curl_easy_perform(curl);
}

/* The code the program should get. libcurl asks the progress callback once
 * more after a failure and doesn't mind its answer then. */
static bool is_right_code(const struct lot *lot) {
  if (lot->code < 64 && lot->refusals & 1ULL << lot->code)
    return true;
  if (lot->refusals && lot->habit != HABIT_ABORT && !lot->has_rounds)
    return false;
  switch (lot->code) {
  case CURLE_OK:
    return !lot->refusals || lot->is_repeated;
  case CURLE_PARTIAL_FILE:
  case CURLE_GOT_NOTHING:
  case CURLE_RECV_ERROR:
    return !lot->must_succeed;
  case CURLE_SEND_ERROR:
  case CURLE_SEND_FAIL_REWIND:
    return lot->has_upload && !lot->must_succeed;
  default:
    return false;
  }
}

/* What a call that ended well says. */
static const char *whole_trouble(const struct lot *lot) {
  curl_off_t downloaded = -1;
  long status = 0;

  curl_easy_getinfo(lot->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(lot->curl, CURLINFO_SIZE_DOWNLOAD_T, &downloaded);
  if (status != lot->status)
    return "getinfo has another status";
  if (lot->must_succeed && lot->version == 0)
    return "an error where none need be";
  if (lot->version && lot->got != lot->sizes[lot->version])
    return "code 0, and not all bytes";
  if (!lot->is_gzip && downloaded != lot->got)
    return "getinfo has another size";
  return NULL;
}

const char *lot_trouble(const struct lot *lot, const struct seen *seen,
                        size_t count) {
  const char *trouble = lot->trouble;

  if (!trouble && !is_right_code(lot))
    trouble = "wrong code";
  if (!trouble && lot->code == CURLE_OK)
    trouble = whole_trouble(lot);
  if (!trouble && lot->has_upload)
    trouble = lot_upload_trouble(lot, seen, count);
  return trouble;
}

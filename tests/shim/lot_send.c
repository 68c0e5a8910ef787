/* Performing a drawn upload: the program's options and its callbacks. */
#define _GNU_SOURCE
#include "lot.h"

#include <string.h>
#include <unistd.h>

/* Whether the habit shows itself now. */
static bool acts(struct lot *lot) {
  if (lot->send_habit == SEND_ALL || lot->send_times <= 0 ||
      (long long)lot->upload.at < lot->send_at)
    return false;
  lot->send_times--;
  return true;
}

static size_t read_as_usual(struct lot *lot, char *buffer, size_t length) {
  return upload_read(buffer, 1, length, &lot->upload);
}

/* libcurl 7.88 itself repeats what the program refused when it was the second
 * request of a transfer, on a pooled connection. */
static void go_on_after_refusal(struct lot *lot) {
  if (!lot->has_rounds)
    lot_complain(lot, "asked for bytes after the refusal");
  lot->is_repeated = true;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct lot *lot = data;

  /* a retry begins with nothing paused, and only has_prereq shows it */
  if (lot->is_send_paused && lot->has_prereq)
    lot_complain(lot, "asked for bytes while paused");
  if (lot->refusals)
    go_on_after_refusal(lot);
  if (!acts(lot))
    return read_as_usual(lot, buffer, size * count);
  switch (lot->send_habit) {
  case SEND_PAUSE:
    lot->is_send_paused = true;
    return CURL_READFUNC_PAUSE;
  case SEND_PAUSE_CALL:
    lot->is_send_paused = true;
    lot_pause(lot);
    break;
  case SEND_ABORT:
    lot_refuse(lot, CURLE_ABORTED_BY_CALLBACK);
    return CURL_READFUNC_ABORT;
  case SEND_TOO_MUCH:
    lot_refuse(lot, CURLE_READ_ERROR);
    return size * count + 1;
  default:
    usleep(500);
  }
  return read_as_usual(lot, buffer, size * count);
}

static int on_seek(void *data, curl_off_t offset, int origin) {
  struct lot *lot = data;

  return upload_seek(&lot->upload, offset, origin);
}

static int on_prereq(void *data, char *remote, char *local, int remote_port,
                     int local_port) {
  struct lot *lot = data;

  (void)remote;
  (void)local;
  (void)remote_port;
  (void)local_port;
  lot->requests++;
  lot->is_send_paused = false;
  return CURL_PREREQFUNC_OK;
}

static void put_headers(struct lot *lot) {
  struct upload *upload = &lot->upload;

  if (lot->gate)
    upload->headers = curl_slist_append(upload->headers, lot->gate);
  if (lot->expects)
    upload->headers =
        curl_slist_append(upload->headers, "Expect: 100-continue");
  curl_easy_setopt(lot->curl, CURLOPT_HTTPHEADER, upload->headers);
}

/* How long libcurl waits for 100: in vain, or for the 417 that is sure to
 * come. It waits so long, too, when it has another answer already. */
static long patience_for_100(const struct lot *lot) {
  if (strstr(lot->expectation, "417"))
    return 20000;
  return strstr(lot->expectation, "nocontinue") ? 30 : 500;
}

/* What is freed must not be in use, also where the handle is not reset. */
static void forget_body(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 0L);
  curl_easy_setopt(curl, CURLOPT_HTTPPOST, NULL);
  curl_easy_setopt(curl, CURLOPT_MIMEPOST, NULL);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
  curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, NULL);
  curl_easy_setopt(curl, CURLOPT_READDATA, stdin);
  curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, NULL);
  curl_easy_setopt(curl, CURLOPT_IOCTLFUNCTION, NULL);
}

void lot_send(struct lot *lot) {
  CURL *curl = lot->curl;

  lot->upload.read = on_read;
  lot->upload.seek = on_seek;
  lot->upload.data = lot;
  put_headers(lot);
  upload_put(&lot->upload, curl);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST,
                   lot_is_custom(lot) ? lot->method : NULL);
  curl_easy_setopt(curl, CURLOPT_EXPECT_100_TIMEOUT_MS, patience_for_100(lot));
  /* a dead pooled connection makes libcurl send it again */
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT,
                   lot->upload.source == SOURCE_FORM_READ ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_HTTPAUTH, lot->auth);
  curl_easy_setopt(curl, CURLOPT_USERPWD, lot->auth ? "user:secret" : NULL);
  curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION,
                   lot->has_prereq ? on_prereq : NULL);
  curl_easy_setopt(curl, CURLOPT_PREREQDATA, lot);
}

void lot_free(struct lot *lot) {
  if (!lot->has_upload)
    return;
  forget_body(lot->curl);
  /* a challenge that the handle remembers makes the next one a refusal of its
     credentials */
  if (lot->auth)
    curl_easy_reset(lot->curl);
  upload_free(&lot->upload);
}

/* test_pause.c - a program that pauses gets each byte once, in order, and
 * goes on when it says so, wherever the bytes are held. */
#define _GNU_SOURCE
#include "setup.h"

#include <pthread.h>
#include <string.h>

struct pauser {
  CURL *curl;
  pthread_t thread;
  CURLcode code;
  int pauses;        /* still to be made by the write callback */
  int header_pauses; /* by the header callback */
  int read_pauses;
  long long paused_at; /* ms; 0: not paused */
  long long paused_for;
  long long got;
  int headers;
  int calls_while_paused;
  long long upload; /* bytes still to be sent */
  unsigned hash;
  bool pauses_from_progress;
};

static void note_pause(struct pauser *pauser) { pauser->paused_at = now_ms(); }

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct pauser *pauser = data;
  size_t length = size * count;

  if (pauser->paused_at)
    pauser->calls_while_paused++;
  if (pauser->pauses > 0) {
    pauser->pauses--;
    note_pause(pauser);
    return CURL_WRITEFUNC_PAUSE;
  }
  for (size_t i = 0; i < length; i++)
    pauser->hash = (pauser->hash ^ (unsigned char)bytes[i]) * 16777619u;
  pauser->got += (long long)length;
  if (pauser->got < 2500 && pauser->pauses < 0) {
    pauser->pauses++;
    note_pause(pauser);
    curl_easy_pause(pauser->curl, CURLPAUSE_RECV);
  }
  return length;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  struct pauser *pauser = data;

  (void)bytes;
  if (pauser->header_pauses > 0) {
    pauser->header_pauses--;
    note_pause(pauser);
    return CURL_WRITEFUNC_PAUSE;
  }
  pauser->headers++;
  return size * count;
}

static int on_progress(void *data, curl_off_t dltotal, curl_off_t dlnow,
                       curl_off_t ultotal, curl_off_t ulnow) {
  struct pauser *pauser = data;

  (void)dltotal;
  (void)ultotal;
  (void)ulnow;
  if (pauser->pauses_from_progress && dlnow > 0) {
    pauser->pauses_from_progress = false;
    note_pause(pauser);
    curl_easy_pause(pauser->curl, CURLPAUSE_RECV);
    return 0;
  }
  if (pauser->paused_at && now_ms() - pauser->paused_at >= 150) {
    pauser->paused_for += now_ms() - pauser->paused_at;
    pauser->paused_at = 0;
    curl_easy_pause(pauser->curl, CURLPAUSE_CONT);
  }
  return 0;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct pauser *pauser = data;
  size_t length = size * count;

  if (pauser->read_pauses && pauser->upload < 1000) {
    pauser->read_pauses--;
    note_pause(pauser);
    return CURL_READFUNC_PAUSE;
  }
  if ((long long)length > pauser->upload)
    length = (size_t)pauser->upload;
  if (length > 400)
    length = 400;
  memset(buffer, 'u', length);
  pauser->upload -= (long long)length;
  return length;
}

static void begin(struct pauser *pauser, const char *key, const char *plan) {
  memset(pauser, 0, sizeof *pauser);
  pauser->hash = 2166136261u;
  pauser->curl = handle_for(key, plan);
  curl_easy_setopt(pauser->curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(pauser->curl, CURLOPT_WRITEDATA, pauser);
  curl_easy_setopt(pauser->curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(pauser->curl, CURLOPT_HEADERDATA, pauser);
  curl_easy_setopt(pauser->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(pauser->curl, CURLOPT_XFERINFODATA, pauser);
  curl_easy_setopt(pauser->curl, CURLOPT_NOPROGRESS, 0L);
}

static CURLcode end(struct pauser *pauser) {
  CURLcode code = curl_easy_perform(pauser->curl);

  curl_easy_cleanup(pauser->curl);
  return code;
}

/* FNV-1a of the same body, not paused. */
static unsigned plain_hash(const char *plan) {
  struct pauser pauser;

  begin(&pauser, "plain", plan);
  curl_easy_setopt(pauser.curl, CURLOPT_NOPROGRESS, 1L);
  assert_int_equal(end(&pauser), CURLE_OK);
  return pauser.hash;
}

struct scene {
  const char *name;
  const char *plan;
  const char *good; /* its last step */
  long long size;
  size_t requests;
};

static const struct scene scenes[] = {
    {"length", "200:size=5000:seed=s", "200:size=5000:seed=s", 5000, 1},
    {"chunked", "200:size=5000:chunked:seed=s", "200:size=5000:seed=s", 5000,
     1},
    {"gzip", "200:size=9000:gzip:seed=s", "200:size=9000:seed=s", 9000, 1},
    {"large", "200:size=900000:seed=s", "200:size=900000:seed=s", 900000, 1},
    {"large-chunked", "200:size=900000:chunked:seed=s",
     "200:size=900000:seed=s", 900000, 1},
    {"retried", "503,200:size=5000:seed=s", "200:size=5000:seed=s", 5000, 2},
    {"retried-chunked", "rst,200:size=5000:chunked:seed=s",
     "200:size=5000:seed=s", 5000, 2},
};

static void *perform(void *data) {
  struct pauser *pauser = data;

  pauser->code = curl_easy_perform(pauser->curl);
  return NULL;
}

/* All scenes at once: while a transfer is paused libcurl calls the progress
 * callback once a second. `name` parts their keys. */
static void run_scenes(struct pauser *pausers, const char *name,
                       void (*prepare)(struct pauser *)) {
  char key[64];

  for (size_t i = 0; i < COUNT(scenes); i++) {
    snprintf(key, sizeof key, "%s-%s", name, scenes[i].name);
    begin(&pausers[i], key, scenes[i].plan);
    curl_easy_setopt(pausers[i].curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    prepare(&pausers[i]);
    if (pthread_create(&pausers[i].thread, NULL, perform, &pausers[i]))
      fail_msg("no thread");
  }
  for (size_t i = 0; i < COUNT(scenes); i++) {
    pthread_join(pausers[i].thread, NULL);
    curl_easy_cleanup(pausers[i].curl);
  }
  for (size_t i = 0; i < COUNT(scenes); i++) {
    snprintf(key, sizeof key, "%s-%s", name, scenes[i].name);
    assert_int_equal(pausers[i].code, CURLE_OK);
    assert_int_equal(pausers[i].got, scenes[i].size);
    assert_int_equal(pausers[i].hash, plain_hash(scenes[i].good));
    assert_int_equal(pausers[i].calls_while_paused, 0);
    assert_int_equal(server_count(key), scenes[i].requests);
  }
}

static void pause_twice(struct pauser *pauser) { pauser->pauses = 2; }

static void write_pause_keeps_every_byte(void **state) {
  struct pauser pausers[COUNT(scenes)];

  (void)state;
  run_scenes(pausers, "write", pause_twice);
  for (size_t i = 0; i < COUNT(scenes); i++) {
    assert_int_equal(pausers[i].pauses, 0);
    assert_true(pausers[i].paused_for >= 300);
  }
}

static void pause_header(struct pauser *pauser) { pauser->header_pauses = 1; }

static void header_pause_keeps_every_line(void **state) {
  struct pauser pausers[COUNT(scenes)];

  (void)state;
  run_scenes(pausers, "header", pause_header);
  for (size_t i = 0; i < COUNT(scenes); i++) {
    assert_int_equal(pausers[i].header_pauses, 0);
    assert_true(pausers[i].paused_for >= 150);
    assert_int_equal(pausers[i].headers,
                     strstr(scenes[i].plan, "gzip") ? 6 : 5);
  }
}

static void pause_by_call(struct pauser *pauser) {
  pauser->pauses = -1;
  curl_easy_setopt(pauser->curl, CURLOPT_BUFFERSIZE, 1024L);
}

/* curl_easy_pause() in the write callback: the next piece waits. */
static void pause_call_in_write_callback_stops_the_rest(void **state) {
  struct pauser pausers[COUNT(scenes)];

  (void)state;
  run_scenes(pausers, "call", pause_by_call);
  for (size_t i = 0; i < COUNT(scenes); i++)
    assert_true(pausers[i].paused_for >= 150);
}

static void pause_call_from_progress_is_served(void **state) {
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    static const char *const plans[] = {
        "503,200:size=20000:seed=s:rate=2000~20",
        "503,200:size=20000:chunked:seed=s:rate=2000~20"};
    struct pauser pauser;
    begin(&pauser, i ? "progress1" : "progress0", plans[i]);
    pauser.pauses_from_progress = true;
    assert_int_equal(end(&pauser), CURLE_OK);
    assert_int_equal(pauser.got, 20000);
    assert_int_equal(pauser.hash, plain_hash("200:size=20000:seed=s"));
    assert_true(pauser.paused_for >= 150);
    assert_int_equal(server_count(i ? "progress1" : "progress0"), 2);
  }
}

static void read_pause_is_served_once_and_replayed(void **state) {
  static const char *const plans[] = {"201", "503,201", "uprst@3000,201"};
  char upload[5000];

  (void)state;
  memset(upload, 'u', sizeof upload);
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct pauser pauser;
    struct seen seen[3];
    size_t count;
    char key[32];
    snprintf(key, sizeof key, "read%zu", i);
    begin(&pauser, key, plans[i]);
    pauser.read_pauses = 1;
    pauser.upload = sizeof upload;
    curl_easy_setopt(pauser.curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(pauser.curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(pauser.curl, CURLOPT_READDATA, &pauser);
    assert_int_equal(end(&pauser), CURLE_OK);
    assert_int_equal(pauser.read_pauses, 0);
    /* a reset may meet the paused attempt: the retry isn't paused again */
    assert_true(i == 2 || pauser.paused_for >= 150);
    count = server_saw(key, seen, 3);
    assert_int_equal(count, i ? 2 : 1);
    assert_int_equal(seen[count - 1].status, 201);
    assert_string_equal(seen[count - 1].hash,
                        hash_of(upload, sizeof upload).text);
  }
}

static void pause_is_ended_by_the_timeout(void **state) {
  static const char *const plans[] = {"200:size=5000:seed=s",
                                      "200:size=5000:chunked:seed=s"};

  (void)state;
  for (size_t i = 0; i < 2; i++) {
    struct pauser pauser;
    long long began = now_ms();
    begin(&pauser, i ? "timeout1" : "timeout0", plans[i]);
    pauser.pauses = 1;
    curl_easy_setopt(pauser.curl, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(pauser.curl, CURLOPT_TIMEOUT_MS, 1000L);
    assert_int_equal(end(&pauser), CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(pauser.got, 0);
    assert_in_range(now_ms() - began, 950, 10000 * patience());
    assert_int_equal(server_count(i ? "timeout1" : "timeout0"), 1);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(write_pause_keeps_every_byte),
      cmocka_unit_test(header_pause_keeps_every_line),
      cmocka_unit_test(pause_call_in_write_callback_stops_the_rest),
      cmocka_unit_test(pause_call_from_progress_is_served),
      cmocka_unit_test(read_pause_is_served_once_and_replayed),
      cmocka_unit_test(pause_is_ended_by_the_timeout),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_HOLD_BYTES=100K", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}

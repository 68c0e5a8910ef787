/* scene.h - a call of the engine without libcurl and without time. A test
 * plays what libcurl would call, and the driver that asks what comes next:
 *
 *   call_begins();
 *   request_goes_out();
 *   response("HTTP/1.1 503 Busy", "Content-Length: 4");
 *   body("busy");
 *   transfer_ends(CURLE_OK);
 *   assert_waits_until(1000);
 *
 * Times are in ms since the scene began. Unless a test says otherwise the
 * program does a GET of http://host/path, has callbacks for headers and body
 * and an error buffer; delays are 1 s, 2 s, 4 s without jitter, nothing is
 * logged, and libcurl is 7.88.1.
 */
#ifndef CURLRETRY_SCENE_H
#define CURLRETRY_SCENE_H

#include "fake_libcurl.h"

#include "engine/engine.h"
#include "engine/meanwhile.h"
#include "engine/siblings.h"

/* The program: how its callbacks behave, and what they got. */
struct program {
  const char *refuses;   /* this header line or piece of a body; NULL: none */
  const char *pauses_at; /* the same */
  int progress_answer;
  int prerequest_answer;
  const char *upload;     /* what its read callback has; NULL: it aborts */
  size_t uploaded;        /* of it */
  void (*on_event)(void); /* called first in each of the others */
  const char *event;      /* the line or piece, meanwhile */
  char got[4096];         /* "<a header line>", "[a piece of a body]" ... */
  unsigned ticks;         /* calls of its progress callback */
  curl_off_t progress[4]; /* the last of them */
  struct options options; /* as it set them */
  char error[CURL_ERROR_SIZE];
};

struct scene {
  int64_t now;
  struct policy policy;
  struct handle handle;
  struct call *call;
  bool is_in_multi; /* calls that begin have these siblings */
  struct siblings siblings;
  enum verdict_reason reason; /* why the last call was ended */
  struct program program;
};

extern struct scene scene;

/* The setup and the teardown of each test. */
int scene_begin(void **unused);
int scene_end(void **unused);
#define SCENE(test)                                                           \
  cmocka_unit_test_setup_teardown(test, scene_begin, scene_end)

/* The policy: variables("MAX_RETRIES=1", "BUDGET=off"). */
#define variables(...) set_policy((const char *const[]){__VA_ARGS__, NULL})
void set_policy(const char *const *settings);

/* curl_easy_setopt() by the program. */
void set(CURLoption option, ...);

/* It sets its progress callback; its prerequest callback; it uploads. */
void watch_progress(void);
void guard_requests(int answer);
void upload(const char *text);

/* curl_easy_getinfo() by the program. */
int64_t info(CURLINFO id);
const char *info_text(CURLINFO id);

/* Retry tokens that are left for the call's origin; another call takes some.
 */
int tokens(void);
void take_tokens(int count);

/* --- what happens ----------------------------------------------------------
 */

void pass_time(int64_t ms);
void call_begins(void);

/* The request is about to be sent. */
void request_goes_out(void);

/* A header block. */
#define response(...) play_lines((const char *const[]){__VA_ARGS__, "", NULL})
void play_lines(const char *const *lines);

/* A piece of the body, which our callback takes. */
void body(const char *text);
void body_of(size_t length);

/* The transfer ends; with an error text of libcurl's. */
void transfer_ends(CURLcode code);
void transfer_fails(CURLcode code, const char *text);

/* Whole attempts: a 503 and a 200, and what the program gets of them. */
void busy_attempt(void);
void fine_attempt(void);
#define BUSY "<HTTP/1.1 503 Busy><Content-Length: 4><>[busy]"
#define FINE "<HTTP/1.1 200 OK><Content-Length: 4><>[fine]"

/* --- what comes of it ------------------------------------------------------
 */

#define HERE __FILE__, __LINE__

/* The driver asks: perform (again); come back at that time; the end. Then the
 * call is over, and the handle's options have to be the program's. */
#define assert_performs() check_performs(HERE)
#define assert_waits_until(ms) check_waits((ms), HERE)
#define assert_ends(code) check_ends((code), HERE)
void check_performs(const char *file, int line);
void check_waits(int64_t at, const char *file, int line);
void check_ends(CURLcode code, const char *file, int line);

/* It waits until then, the driver comes back in time, the next attempt
 * begins. */
#define assert_retries_at(ms) check_retries((ms), HERE)
void check_retries(int64_t at, const char *file, int line);

/* What the program got since the last look, in that order. */
#define assert_got(text) check_got((text), HERE)
void check_got(const char *text, const char *file, int line);

/* The options on the handle are the program's. */
#define assert_given_back() check_given_back(HERE)
void check_given_back(const char *file, int line);

#endif

/* test_multi_inside.c - what a program calls in its callbacks answers as
 * without the shim: while libcurl calls them, and while what was held is
 * handed over after the transfer's end. */
#include "multi_deeds.h"

enum place { HEADER, WRITE, PROGRESS, READ, PLACES };

static void act(struct actor *actor, enum place place) {
  if (actor->place == (int)place && !actor->calls++)
    deed_note(actor, deed_do(actor));
}

static void in_body(struct actor *actor) { act(actor, WRITE); }

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  act(data, HEADER);
  return size * count;
}

/* Once bytes have come: before, libcurl may not be connected. */
static int on_progress(void *data, curl_off_t total, curl_off_t now,
                       curl_off_t a, curl_off_t b) {
  (void)total, (void)a, (void)b;
  if (now > 0)
    act(data, PROGRESS);
  return 0;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct actor *actor = data;

  (void)size, (void)count;
  act(actor, READ);
  if (actor->calls > 1)
    return 0;
  actor->calls++;
  *buffer = 'x';
  return 1;
}

static void set_actor(struct actor *actor) {
  CURL *curl = actor->curl;

  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, actor);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, actor);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  if (actor->place != READ)
    return;
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(curl, CURLOPT_READDATA, actor);
}

int main(int argc, char **argv) {
  static const char *const plans[] = {"200:size=300", "200:size=300:chunked",
                                      "200:size=3000:rate=1500~2",
                                      "200:size=300:chunked:seed=again"};
  static const enum deed all[] = {PERFORM,
                                  SOCKET_ACTION,
                                  SOCKET_ALL,
                                  ADD,
                                  ADD_ELSEWHERE,
                                  REMOVE,
                                  REMOVE_OTHER,
                                  INFO_READ,
                                  CLEANUP,
                                  SETOPT,
                                  WAIT,
                                  POLL,
                                  FDSET,
                                  TIMEOUT,
                                  WAKEUP,
                                  EASY_PERFORM,
                                  EASY_PERFORM_OTHER,
                                  EASY_SETOPT,
                                  EASY_PAUSE,
                                  EASY_DUPHANDLE};
  static const struct deeds deeds = {.deeds = all,
                                     .deed_count = COUNT(all),
                                     .place_count = PLACES,
                                     .plans = plans,
                                     .plan_count = COUNT(plans),
                                     .set = set_actor,
                                     .on_body = in_body};

  return deeds_main(argc, argv, &deeds);
}

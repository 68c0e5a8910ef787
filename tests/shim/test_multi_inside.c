/* test_multi_inside.c - what a program calls in its callbacks answers as
 * without the shim: while libcurl calls them, and while what was held is
 * handed over after the transfer's end. */
#define _GNU_SOURCE
#include "multi_pair.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Of the transfer's own multi handle, unless said otherwise. */
enum deed {
  PERFORM,
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
  EASY_DUPHANDLE,
  DEEDS
};

#define PLANS 4

enum place { HEADER, WRITE, PROGRESS, READ, PLACES };

struct actor {
  CURL *curl;
  CURL *other; /* not added */
  CURL *added; /* runs beside it */
  CURLM *multi, *elsewhere;
  enum deed deed;
  enum place place;
  int calls; /* of the callback */
  long long got;
  int code; /* of the deed; -1: it wasn't done */
  int messages;
  CURLcode result;
};

static int do_multi(struct actor *actor) {
  long ms = 0;
  int count = 0;
  fd_set set;

  FD_ZERO(&set);
  switch (actor->deed) {
  case PERFORM:
    return curl_multi_perform(actor->multi, &count);
  case SOCKET_ACTION:
    return curl_multi_socket_action(actor->multi, CURL_SOCKET_TIMEOUT, 0,
                                    &count);
  case SOCKET_ALL:
    return curl_multi_socket_all(actor->multi, &count);
  case ADD:
    return curl_multi_add_handle(actor->multi, actor->other);
  case REMOVE:
    return curl_multi_remove_handle(actor->multi, actor->curl);
  case REMOVE_OTHER:
    return curl_multi_remove_handle(actor->multi, actor->added);
  case INFO_READ:
    return curl_multi_info_read(actor->multi, &count) ? 1000 : count;
  case CLEANUP:
    return curl_multi_cleanup(actor->multi);
  case SETOPT:
    return curl_multi_setopt(actor->multi, CURLMOPT_MAXCONNECTS, 20L);
  case WAIT:
    return curl_multi_wait(actor->multi, NULL, 0, 0, NULL);
  case POLL:
    return curl_multi_poll(actor->multi, NULL, 0, 0, NULL);
  case FDSET:
    return curl_multi_fdset(actor->multi, &set, &set, &set, &count);
  case TIMEOUT:
    return curl_multi_timeout(actor->multi, &ms);
  case WAKEUP:
    return curl_multi_wakeup(actor->multi);
  default:
    return -2;
  }
}

static int do_easy(struct actor *actor) {
  CURL *copy;
  int code;

  switch (actor->deed) {
  case ADD_ELSEWHERE:
    code = curl_multi_add_handle(actor->elsewhere, actor->other);
    return 100 * code +
           curl_multi_remove_handle(actor->elsewhere, actor->other);
  case EASY_PERFORM:
    return (int)curl_easy_perform(actor->curl);
  case EASY_PERFORM_OTHER:
    return (int)curl_easy_perform(actor->other);
  case EASY_SETOPT:
    return (int)curl_easy_setopt(actor->curl, CURLOPT_WRITEDATA, actor);
  case EASY_PAUSE:
    return (int)curl_easy_pause(actor->curl, CURLPAUSE_CONT);
  default:
    copy = curl_easy_duphandle(actor->curl);
    curl_easy_cleanup(copy);
    return copy != NULL;
  }
}

static void act(struct actor *actor, enum place place) {
  if (actor->place != place || actor->calls++)
    return;
  actor->code = do_multi(actor);
  if (actor->code == -2)
    actor->code = do_easy(actor);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct actor *actor = data;

  (void)bytes;
  act(actor, WRITE);
  actor->got += (long long)(size * count);
  return size * count;
}

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

static bool turn(struct drive *drive) {
  struct actor *actor = drive->data;
  const CURLMsg *message;
  int left;

  while ((message = curl_multi_info_read(drive->multi, &left)))
    if (message->easy_handle == actor->curl) {
      actor->messages++;
      actor->result = message->data.result;
    }
  return actor->messages > 0;
}

static void set_actor(struct actor *actor) {
  CURL *curl = actor->curl;

  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, actor);
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

/* One deed in one callback, as a line. */
static void run_one(struct drive *drive, enum place place, enum deed deed,
                    const char *plan, FILE *out) {
  struct actor actor = {.deed = deed, .place = place, .code = -1};
  char key[32];

  snprintf(key, sizeof key, "i%d-%d-%zu", place, deed, strlen(plan));
  actor.multi = drive->multi;
  actor.elsewhere = curl_multi_init();
  actor.curl = handle_for(key, plan);
  actor.other = handle_for("inner", "200:size=10");
  actor.added = handle_for("added", "hang");
  set_actor(&actor);
  drive->data = &actor;
  drive_add(drive, actor.added);
  drive_add(drive, actor.curl);
  if (!drive_end(drive))
    fprintf(out, "trouble: %s\n", drive->trouble);
  fprintf(out, "%d deed %d: %d\n" PAIR_MARK "%d, code %d, %lld bytes\n", place,
          deed, actor.code, actor.messages, (int)actor.result, actor.got);
  drive_remove(drive, actor.curl);
  drive_remove(drive, actor.added);
  curl_easy_cleanup(actor.curl);
  curl_easy_cleanup(actor.added);
  curl_easy_cleanup(actor.other);
  curl_multi_cleanup(actor.elsewhere);
}

/* Retried ones only where they are: the program sees no difference. */
static void print_deeds(const char *name, FILE *out) {
  static const char *const plans[PLANS] = {
      "200:size=300", "200:size=300:chunked", "200:size=3000:rate=1500~2",
      "200:size=300:chunked:seed=again"};
  bool is_shimmed = dlsym(RTLD_DEFAULT, "curlretry_active") != NULL;
  struct drive drive;

  drive_open(&drive, loop_named(name), turn, NULL);
  for (int place = 0; place < PLACES; place++)
    for (size_t i = 0; i < PLANS; i++)
      for (int deed = 0; deed < DEEDS; deed++) {
        char plan[128];
        snprintf(plan, sizeof plan, "%s%s", is_shimmed && i == 3 ? "503," : "",
                 plans[i]);
        fprintf(out, "%s: place ", plans[i]);
        run_one(&drive, (enum place)place, (enum deed)deed, plan, out);
      }
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=1ms",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_pair pair = {
      print_deeds, policy, (size_t)PLACES * (size_t)PLANS * (size_t)DEEDS};

  return multi_pair(argc, argv, &pair);
}

/* test_multi_places.c - what a program calls in the callbacks that aren't for
 * a response or a request answers as without the shim: those of its sockets
 * and of its timer, also where it is told of a retry's time. */
#define _GNU_SOURCE
#include "multi_pair.h"
#include "multi_socket.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum deed {
  PERFORM,
  SOCKET_ACTION,
  ADD,
  REMOVE,
  REMOVE_OTHER,
  INFO_READ,
  SETOPT,
  POLL,
  TIMEOUT,
  WAKEUP,
  ASSIGN,
  EASY_PERFORM,
  EASY_SETOPT,
  EASY_PAUSE,
  EASY_PAUSE_OTHER,
  EASY_GETINFO,
  EASY_DUPHANDLE,
  EASY_PERFORM_OTHER,
  DEEDS
};
enum place {
  SOCKET,
  TIMER,
  OPEN,
  CLOSE,
  SOCKOPT,
  RESOLVER,
  PREREQ,
  DEBUG,
  PLACES
};

#define PLANS 2
#define ANSWERS 12

/* A transfer whose callback does it. */
struct actor {
  CURL *curl;
  CURL *other; /* not added */
  CURL *added; /* runs beside it */
  CURLM *multi;
  enum deed deed;
  enum place place;
  long long got;
  int codes[ANSWERS]; /* of the deed, each once */
  int used;
  int calls; /* of the callback */
  int messages;
  CURLcode result;
  bool is_acting;
};

static struct actor *now;

static int read_message(struct actor *actor) {
  int left = 0;
  const CURLMsg *message = curl_multi_info_read(actor->multi, &left);

  if (message && message->easy_handle == actor->curl) {
    actor->messages++;
    actor->result = message->data.result;
  }
  return left;
}

/* Whether it may be: what it answers to one that is not connected yet depends
 * on the moment. */
static int pause_none(CURL *curl) {
  CURLcode code = curl_easy_pause(curl, CURLPAUSE_CONT);

  return code == CURLE_BAD_FUNCTION_ARGUMENT ? 0 : (int)code;
}

static int do_easy(struct actor *actor) {
  long status = 0;
  CURL *copy;

  switch (actor->deed) {
  case EASY_PERFORM:
    return (int)curl_easy_perform(actor->curl);
  case EASY_PERFORM_OTHER:
    return (int)curl_easy_perform(actor->other);
  case EASY_SETOPT: /* while it waits, that would end the wait */
    return (int)curl_easy_setopt(actor->curl, CURLOPT_PRIVATE, actor);
  case EASY_PAUSE:
    return pause_none(actor->curl);
  case EASY_PAUSE_OTHER:
    return pause_none(actor->added);
  case EASY_GETINFO:
    return (int)curl_easy_getinfo(actor->curl, CURLINFO_RESPONSE_CODE,
                                  &status);
  default:
    copy = curl_easy_duphandle(actor->curl);
    curl_easy_cleanup(copy);
    return copy != NULL;
  }
}

static int do_it(struct actor *actor) {
  long ms = 0;
  int count = 0;

  switch (actor->deed) {
  case PERFORM:
    return curl_multi_perform(actor->multi, &count);
  case SOCKET_ACTION:
    return curl_multi_socket_action(actor->multi, CURL_SOCKET_TIMEOUT, 0,
                                    &count);
  case ADD:
    return curl_multi_add_handle(actor->multi, actor->other);
  case REMOVE:
    return curl_multi_remove_handle(actor->multi, actor->curl);
  case REMOVE_OTHER:
    return curl_multi_remove_handle(actor->multi, actor->added);
  case INFO_READ:
    return read_message(actor);
  case SETOPT:
    return curl_multi_setopt(actor->multi, CURLMOPT_MAXCONNECTS, 20L);
  case POLL:
    return curl_multi_poll(actor->multi, NULL, 0, 0, NULL);
  case TIMEOUT:
    return curl_multi_timeout(actor->multi, &ms);
  case WAKEUP:
    return curl_multi_wakeup(actor->multi);
  case ASSIGN:
    return curl_multi_assign(actor->multi, 900, NULL);
  default:
    return do_easy(actor);
  }
}

static void note(struct actor *actor, int code) {
  for (int i = 0; i < actor->used; i++)
    if (actor->codes[i] == code)
      return;
  if (actor->used < ANSWERS)
    actor->codes[actor->used++] = code;
}

/* Once; in those of the loop each time, which is more often with retries. */
static void act(enum place place) {
  if (!now || now->place != place || now->is_acting ||
      (place > TIMER && now->calls++))
    return;
  now->is_acting = true;
  note(now, do_it(now));
  now->is_acting = false;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct actor *actor = data;
  (void)bytes;
  actor->got += (long long)(size * count);
  return size * count;
}
static void on_loop(bool is_timer) { act(is_timer ? TIMER : SOCKET); }
static curl_socket_t on_open(void *data, curlsocktype kind,
                             struct curl_sockaddr *a) {
  (void)data, (void)kind;
  act(OPEN);
  return socket(a->family, a->socktype, a->protocol);
}
static int on_close(void *data, curl_socket_t socket) {
  (void)data;
  act(CLOSE);
  return close(socket);
}
static int on_sockopt(void *data, curl_socket_t socket, curlsocktype kind) {
  (void)data, (void)socket, (void)kind;
  act(SOCKOPT);
  return 0;
}
static int on_resolver(void *state, void *reserved, void *data) {
  (void)state, (void)reserved, (void)data;
  act(RESOLVER);
  return 0;
}
static int on_prereq(void *data, char *a, char *b, int c, int d) {
  (void)data, (void)a, (void)b, (void)c, (void)d;
  act(PREREQ);
  return CURL_PREREQFUNC_OK;
}
static int on_debug(CURL *curl, curl_infotype type, char *bytes, size_t size,
                    void *data) {
  (void)curl, (void)bytes, (void)size, (void)data;
  if (type == CURLINFO_HEADER_IN)
    act(DEBUG);
  return 0;
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
  if (actor->place == OPEN)
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
  if (actor->place == CLOSE)
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  if (actor->place == SOCKOPT)
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_sockopt);
  if (actor->place == RESOLVER)
    curl_easy_setopt(curl, CURLOPT_RESOLVER_START_FUNCTION, on_resolver);
  if (actor->place == PREREQ)
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_prereq);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  if (actor->place == DEBUG) {
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  }
}

static int compare(const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}

static void run_one(struct drive *drive, enum place place, enum deed deed,
                    const char *plan, FILE *out) {
  struct actor actor = {.deed = deed, .place = place};
  char key[32];

  snprintf(key, sizeof key, "p%d-%d-%zu", place, deed, strlen(plan));
  actor.multi = drive->multi;
  actor.curl = handle_for(key, plan);
  actor.other = handle_for("inner", "200:size=10");
  actor.added = handle_for("added", "hang");
  set_actor(&actor);
  drive->data = &actor;
  now = &actor;
  drive_add(drive, actor.added);
  drive_add(drive, actor.curl);
  if (!drive_end(drive))
    fprintf(out, "trouble: %s\n", drive->trouble);
  now = NULL;
  qsort(actor.codes, (size_t)actor.used, sizeof(int), compare);
  fprintf(out, "%d deed %d:", place, deed);
  for (int i = 0; i < actor.used; i++)
    fprintf(out, " %d", actor.codes[i]);
  fprintf(out, "\n" PAIR_MARK "%d, code %d, %lld bytes\n", actor.messages,
          (int)actor.result, actor.got);
  drive_remove(drive, actor.curl);
  drive_remove(drive, actor.added);
  curl_easy_cleanup(actor.curl);
  curl_easy_cleanup(actor.added);
  curl_easy_cleanup(actor.other);
}

static void print_deeds(const char *name, FILE *out) {
  static const char *const plans[PLANS] = {"200:size=300",
                                           "200:size=300:chunked:seed=again"};
  bool is_shimmed = dlsym(RTLD_DEFAULT, "curlretry_active") != NULL;
  struct drive drive;

  drive_open(&drive, loop_named(name), turn, NULL);
  loop_hook = on_loop;
  for (int place = 0; place < PLACES; place++)
    for (size_t i = 0; i < PLANS; i++)
      for (int deed = 0; deed < DEEDS; deed++) {
        char plan[128];
        snprintf(plan, sizeof plan, "%s%s", is_shimmed && i ? "503," : "",
                 plans[i]);
        fprintf(out, "%s: place ", plans[i]);
        run_one(&drive, (enum place)place, (enum deed)deed, plan, out);
      }
  drive_close(&drive);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=1ms",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct multi_pair pair = {print_deeds, policy,
                                         (size_t)PLACES * PLANS * DEEDS};

  return multi_pair(argc, argv, &pair);
}

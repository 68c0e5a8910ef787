/* test_multi_places.c - what a program calls in the callbacks that aren't for
 * a response or a request answers as without the shim: those of its sockets
 * and of its timer, also where it is told of a retry's time. */
#include "multi_deeds.h"
#include "multi_socket.h"

#include <sys/socket.h>
#include <unistd.h>

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

static bool is_acting;

static int read_message(struct actor *actor) {
  int left = 0;
  const CURLMsg *message = curl_multi_info_read(actor->multi, &left);

  if (message && message->easy_handle == actor->curl) {
    actor->messages++;
    actor->result = message->data.result;
  }
  return left;
}

static int do_it(struct actor *actor) {
  int code;

  switch (actor->deed) {
  case INFO_READ: /* what the loop would have read */
    return read_message(actor);
  case EASY_SETOPT: /* while it waits, another one would end the wait */
    return (int)curl_easy_setopt(actor->curl, CURLOPT_PRIVATE, actor);
  case EASY_PAUSE:
  case EASY_PAUSE_OTHER: /* what it answers to one that is not connected yet
                            depends on the moment */
    code = deed_do(actor);
    return code == CURLE_BAD_FUNCTION_ARGUMENT ? 0 : code;
  default:
    return deed_do(actor);
  }
}

/* Once; in those of the loop each time, which is more often with retries. */
static void act(enum place place) {
  struct actor *actor = actor_now;

  if (!actor || actor->place != (int)place || is_acting ||
      (place > TIMER && actor->calls++))
    return;
  is_acting = true;
  deed_note(actor, do_it(actor));
  is_acting = false;
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

static void set_actor(struct actor *actor) {
  CURL *curl = actor->curl;

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

int main(int argc, char **argv) {
  static const char *const plans[] = {"200:size=300",
                                      "200:size=300:chunked:seed=again"};
  static const enum deed all[] = {
      PERFORM,      SOCKET_ACTION,  ADD,
      REMOVE,       REMOVE_OTHER,   INFO_READ,
      SETOPT,       POLL,           TIMEOUT,
      WAKEUP,       ASSIGN,         EASY_PERFORM,
      EASY_SETOPT,  EASY_PAUSE,     EASY_PAUSE_OTHER,
      EASY_GETINFO, EASY_DUPHANDLE, EASY_PERFORM_OTHER};
  static const struct deeds deeds = {.deeds = all,
                                     .deed_count = COUNT(all),
                                     .place_count = PLACES,
                                     .plans = plans,
                                     .plan_count = COUNT(plans),
                                     .set = set_actor};

  loop_hook = on_loop;
  return deeds_main(argc, argv, &deeds);
}

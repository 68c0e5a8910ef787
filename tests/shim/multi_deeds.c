#define _GNU_SOURCE
#include "multi_deeds.h"

#include "multi_pair.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct actor *actor_now;

static const struct deeds *current;

/* --- the deeds -------------------------------------------------------------
 */

static int do_easy(struct actor *actor) {
  long status = 0;
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
  case EASY_PAUSE_OTHER:
    return (int)curl_easy_pause(actor->added, CURLPAUSE_CONT);
  case EASY_GETINFO:
    return (int)curl_easy_getinfo(actor->curl, CURLINFO_RESPONSE_CODE,
                                  &status);
  default:
    copy = curl_easy_duphandle(actor->curl);
    curl_easy_cleanup(copy);
    return copy != NULL;
  }
}

/* Where libcurl drives, or could wait. */
static int do_drive(struct actor *actor) {
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
  case WAIT:
    return curl_multi_wait(actor->multi, NULL, 0, 0, NULL);
  case POLL:
    return curl_multi_poll(actor->multi, NULL, 0, 0, NULL);
  case FDSET:
    return curl_multi_fdset(actor->multi, &set, &set, &set, &count);
  default:
    return do_easy(actor);
  }
}

int deed_do(struct actor *actor) {
  long ms = 0;
  int count = 0;

  switch (actor->deed) {
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
  case TIMEOUT:
    return curl_multi_timeout(actor->multi, &ms);
  case WAKEUP:
    return curl_multi_wakeup(actor->multi);
  case ASSIGN:
    return curl_multi_assign(actor->multi, 900, NULL);
  default:
    return do_drive(actor);
  }
}

void deed_note(struct actor *actor, int code) {
  for (int i = 0; i < actor->used; i++)
    if (actor->codes[i] == code)
      return;
  if (actor->used < DEED_CODES)
    actor->codes[actor->used++] = code;
}

/* --- a transfer ------------------------------------------------------------
 */

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct actor *actor = data;

  (void)bytes;
  if (current->on_body)
    current->on_body(actor);
  actor->got += (long long)(size * count);
  return size * count;
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

static int compare(const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}

static void print(struct actor *actor, FILE *out) {
  qsort(actor->codes, (size_t)actor->used, sizeof(int), compare);
  fprintf(out, "%d deed %d:", actor->place, actor->deed);
  for (int i = 0; i < actor->used; i++)
    fprintf(out, " %d", actor->codes[i]);
  fprintf(out, "\n" PAIR_MARK "%d, code %d, %lld bytes\n", actor->messages,
          (int)actor->result, actor->got);
}

/* One deed in one callback. */
static void run_one(struct drive *drive, int place, enum deed deed,
                    const char *plan, FILE *out) {
  struct actor actor = {.deed = deed, .place = place};
  char key[32];

  snprintf(key, sizeof key, "d%d-%d-%zu", place, deed, strlen(plan));
  actor.multi = drive->multi;
  actor.elsewhere = curl_multi_init();
  actor.curl = handle_for(key, plan);
  actor.other = handle_for("inner", "200:size=10");
  actor.added = handle_for("added", "hang");
  curl_easy_setopt(actor.curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(actor.curl, CURLOPT_WRITEDATA, &actor);
  current->set(&actor);
  drive->data = &actor;
  actor_now = &actor;
  drive_add(drive, actor.added);
  drive_add(drive, actor.curl);
  if (!drive_end(drive))
    fprintf(out, "trouble: %s\n", drive->trouble);
  actor_now = NULL;
  print(&actor, out);
  drive_remove(drive, actor.curl);
  drive_remove(drive, actor.added);
  curl_easy_cleanup(actor.curl);
  curl_easy_cleanup(actor.added);
  curl_easy_cleanup(actor.other);
  curl_multi_cleanup(actor.elsewhere);
}

/* Retried ones only where they are: the program sees no difference. */
static void print_deeds(const char *name, FILE *out) {
  bool is_shimmed = dlsym(RTLD_DEFAULT, "curlretry_active") != NULL;
  struct drive drive;

  drive_open(&drive, loop_named(name), turn, NULL);
  for (int place = 0; place < current->place_count; place++)
    for (size_t i = 0; i < current->plan_count; i++)
      for (size_t j = 0; j < current->deed_count; j++) {
        bool is_last = i == current->plan_count - 1;
        char plan[128];
        snprintf(plan, sizeof plan, "%s%s",
                 is_shimmed && is_last ? "503," : "", current->plans[i]);
        fprintf(out, "%s: place ", current->plans[i]);
        run_one(&drive, place, current->deeds[j], plan, out);
      }
  drive_close(&drive);
}

int deeds_main(int argc, char **argv, const struct deeds *deeds) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=1ms",
                                       "CURLRETRY_BUDGET=off", NULL};
  const struct multi_pair pair = {print_deeds, policy,
                                  (size_t)deeds->place_count *
                                      deeds->plan_count * deeds->deed_count};

  current = deeds;
  return multi_pair(argc, argv, &pair);
}

#include "drive/multi.h"

#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FORGETFUL_VERSION 0x080100 /* 8.1.0 */
#define THOROUGH_VERSION 0x080d00  /* 8.13.0 */

struct multi *multi_make(const struct library *library, CURLM *real) {
  struct multi *multi = calloc(1, sizeof(*multi));

  if (!multi)
    return NULL;
  multi->library = library;
  multi->real = real;
  multi->alarm = alarm_none();
  multi->timer.told = INT64_MAX;
  return multi;
}

static void append(struct member *member) {
  struct member_list *list = multi_list(member->multi, member->state);

  member->next = NULL;
  member->previous = list->last;
  if (list->last)
    list->last->next = member;
  else
    list->first = member;
  list->last = member;
  list->count++;
}

static void unlink_member(struct member *member) {
  struct member_list *list = multi_list(member->multi, member->state);

  if (member->previous)
    member->previous->next = member->next;
  else
    list->first = member->next;
  if (member->next)
    member->next->previous = member->previous;
  else
    list->last = member->previous;
  list->count--;
}

void multi_move(struct member *member, enum member_state state) {
  unlink_member(member);
  member->state = state;
  append(member);
}

bool multi_has_spare(struct multi *multi) {
  int saved = errno;

  if (!multi->spares)
    multi->spares = calloc(1, sizeof(*multi->spares));
  errno = saved;
  return multi->spares != NULL;
}

/* A spare one, as a member of this handle; NULL: a stranger. */
static struct member *join(struct multi *multi, struct handle *handle) {
  struct member *member = multi->spares;

  multi->spares = member->next;
  multi->members++;
  member->multi = multi;
  member->handle = handle;
  append(member);
  return member;
}

bool multi_has_room(struct multi *multi) {
  size_t room = (size_t)multi->members + 1;
  int saved = errno;
  bool has_room = clocks_reserve(&multi->clocks, room);

  errno = saved;
  return has_room && multi_has_spare(multi);
}

bool multi_join(struct multi *multi, struct handle *handle) {
  if (!multi_has_room(multi))
    return false;
  handle->member = join(multi, handle);
  return true;
}

struct member *multi_join_stranger(struct multi *multi) {
  multi->strangers++;
  return join(multi, NULL);
}

/* Out of everything that leads to it; its memory is for the next one. What a
 * message says is looked at after the removal, too, by many. */
static void detach(struct member *member) {
  struct multi *multi = member->multi;
  const CURLMsg message = member->message;

  clocks_stop(&multi->clocks, &member->clock);
  unlink_member(member);
  multi->members--;
  if (multi->stepping == member)
    multi->stepping = NULL;
  if (member->handle)
    member->handle->member = NULL;
  else
    multi->strangers--;
  memset(member, 0, sizeof(*member));
  member->message = message;
  member->next = multi->spares;
  multi->spares = member;
}

void multi_leave(struct member *member) {
  struct call *call = member->handle ? call_of(member->handle) : NULL;

  detach(member);
  if (call)
    engine_abandon(call);
}

void multi_leave_running(struct member *member) {
  if (call_of(member->handle))
    siblings_leave(member->handle->call);
  detach(member);
}

void multi_forget_stranger(struct multi *multi, const CURL *curl) {
  for (int state = MEMBER_ENDED; state <= MEMBER_READ; state++) {
    struct member *member = multi->lists[state].first;
    while (member && (member->handle || member->message.easy_handle != curl))
      member = member->next;
    if (member) {
      multi_leave(member);
      return;
    }
  }
}

struct stand multi_enter(struct multi *multi, enum guard guard,
                         const void *frame) {
  struct stand before = {multi->mark, multi->guard};

  if (!multi_is_nested(multi, frame)) {
    before.mark.frame = NULL; /* what a longjmp left */
    multi->mark = mark_here(frame);
  }
  multi->guard = guard;
  return before;
}

void multi_return(struct multi *multi, struct stand before) {
  multi->mark = before.mark;
  multi->guard = before.guard;
}

/* Those versions free a multi handle and let go of the first at most of the
 * transfers that it is done with (unlink_all_msgsent_handles() in
 * lib/multi.c): the others point to freed memory, and crash when they are used
 * or freed. To the program some of them run: those that wait for their retry.
 */
void multi_let_ended_go(struct multi *multi) {
  const struct library *library = multi->library;

  if (library->version < FORGETFUL_VERSION ||
      library->version >= THOROUGH_VERSION)
    return;
  (void)library->multi_setopt(multi->real, CURLMOPT_TIMERFUNCTION, NULL);
  for (int state = MEMBER_ENDED; state <= MEMBER_READ; state++)
    for (const struct member *member = multi->lists[state].first; member;
         member = member->next)
      if (member->handle)
        (void)library->multi_remove_handle(multi->real, member->handle->curl);
}

void multi_forget_all(struct multi *multi) {
  for (int state = 0; state <= MEMBER_READ; state++)
    while (multi->lists[state].first)
      multi_leave(multi->lists[state].first);
}

void multi_free(struct multi *multi) {
  struct member *spare;

  multi_forget_all(multi);
  clocks_free(&multi->clocks);
  alarm_close(&multi->alarm);
  while ((spare = multi->spares)) {
    multi->spares = spare->next;
    free(spare);
  }
  free(multi);
}

#include "drive/multi.h"

#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>

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

static int count_members(const struct multi *multi) {
  int count = 0;

  for (int state = 0; state <= MEMBER_READ; state++)
    count += multi->lists[state].count;
  return count;
}

static void join(struct multi *multi, struct member *member) {
  member->multi = multi;
  append(member);
}

bool multi_join(struct multi *multi, struct handle *handle) {
  size_t room = (size_t)count_members(multi) + 1;
  int saved = errno;
  struct member *member =
      clocks_reserve(&multi->clocks, room) ? calloc(1, sizeof(*member)) : NULL;

  errno = saved;
  if (!member)
    return false;
  member->handle = handle;
  handle->member = member;
  join(multi, member);
  return true;
}

bool multi_has_spare(struct multi *multi) {
  if (!multi->spare)
    multi->spare = calloc(1, sizeof(*multi->spare));
  return multi->spare != NULL;
}

struct member *multi_join_stranger(struct multi *multi) {
  struct member *member = multi->spare;

  multi->spare = NULL;
  multi->strangers++;
  join(multi, member);
  return member;
}

/* Out of everything that leads to it. */
static void detach(struct member *member) {
  struct multi *multi = member->multi;

  clocks_stop(&multi->clocks, &member->clock);
  unlink_member(member);
  if (multi->stepping == member)
    multi->stepping = NULL;
  if (member->handle)
    member->handle->member = NULL;
  else
    multi->strangers--;
}

void multi_leave(struct member *member) {
  struct call *call = member->handle ? call_of(member->handle) : NULL;

  detach(member);
  if (call)
    engine_abandon(call);
  free(member);
}

void multi_leave_running(struct member *member) {
  siblings_leave(member->handle->call);
  detach(member);
  free(member);
}

void multi_forget_stranger(struct multi *multi, const CURL *curl) {
  for (int state = MEMBER_QUEUED; state <= MEMBER_READ; state++) {
    struct member *member = multi->lists[state].first;
    while (member && (member->handle || member->message.easy_handle != curl))
      member = member->next;
    if (member) {
      multi_leave(member);
      return;
    }
  }
}

void multi_forget_all(struct multi *multi) {
  for (int state = 0; state <= MEMBER_READ; state++)
    while (multi->lists[state].first)
      multi_leave(multi->lists[state].first);
}

void multi_free(struct multi *multi) {
  multi_forget_all(multi);
  clocks_free(&multi->clocks);
  alarm_close(&multi->alarm);
  free(multi->spare);
  free(multi);
}

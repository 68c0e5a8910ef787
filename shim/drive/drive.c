/* Why it is done in this order: a finished transfer's message counts from the
 * moment it is no longer "running", so what becomes of it has to be decided
 * before the program sees either; and options that it sets after adding still
 * count, so nothing is installed before the first drive call.
 *
 * From any callback the program may leave by longjmp or an exception, so each
 * member is on a list and each state is whole before one is called. */
#include "drive/drive.h"

#include "drive/notify.h"
#include "drive/table.h"
#include "drive/unwind.h"
#include "drive/wake.h"
#include "engine/callbacks.h"
#include "engine/engine.h"
#include "engine/meanwhile.h"
#include "host/clock.h"
#include "host/config.h"

#include <errno.h>
#include <stdatomic.h>

#define TICK_MS 50         /* between two ticks of ours */
#define TICK_MOST_MS 1000  /* where each is a look at many transfers */
#define TICK_MEMBERS_MS 20 /* so many make it a millisecond longer */

CURLMcode drive_real(const struct library *library, CURLM *multi,
                     const struct drive *drive, int *running) {
  switch (drive->kind) {
  case DRIVE_SOCKET_ACTION:
    return library->multi_socket_action(multi, drive->socket, drive->events,
                                        running);
  case DRIVE_SOCKET_ALL:
    return library->multi_socket_all(multi, running);
  case DRIVE_SOCKET:
    return library->multi_socket(multi, drive->socket, running);
  default:
    return library->multi_perform(multi, running);
  }
}

/* --- a member's steps ------------------------------------------------------
 */

/* The program may read it. */
static void post(struct member *member, CURLcode code) {
  struct multi *multi = member->multi;

  clocks_stop(&multi->clocks, &member->clock);
  member->message.msg = CURLMSG_DONE;
  member->message.data.result = code;
  if (member->handle)
    member->message.easy_handle = member->handle->curl;
  multi_move(member, MEMBER_QUEUED);
  notify_posted(member);
}

/* The next attempt: the real transfer is removed and added. False: libcurl
 * can't; the attempt has failed with that. */
static bool restart(struct member *member) {
  struct multi *multi = member->multi;
  CURL *curl = member->handle->curl;
  CURLMcode code;

  multi->guard = GUARD_LIBCURL;
  code = multi->library->multi_remove_handle(multi->real, curl);
  if (code == CURLM_RECURSIVE_API_CALL) { /* in a callback: later */
    clocks_set(&multi->clocks, &member->clock, clock_now_ms() + TICK_MS);
    return true;
  }
  multi_move(member, MEMBER_RUNNING);
  clocks_stop(&multi->clocks, &member->clock);
  siblings_watch(member->handle->call);
  code = multi->library->multi_add_handle(multi->real, curl);
  if (!code) {
    multi->late++;
    multi->restarted++;
    return true;
  }
  multi->failure = code;
  engine_performed(member->handle->call, code == CURLM_ABORTED_BY_CALLBACK
                                             ? CURLE_ABORTED_BY_CALLBACK
                                             : CURLE_OUT_OF_MEMORY);
  return false;
}

/* What comes next for a member whose transfer ended, or that waits. */
static void step(struct member *member) {
  struct multi *multi = member->multi;
  struct call *call = member->handle->call;
  struct next next;

  do {
    multi_move(member, MEMBER_WAITING);
    multi->stepping = member;
    multi->guard = GUARD_OURS;
    next = engine_next(call, clock_now_ms());
    multi->stepping = NULL;
  } while (next.step == NEXT_PERFORM && !restart(member));
  if (next.step == NEXT_WAIT)
    clocks_set(&multi->clocks, &member->clock, next.at);
  else if (next.step == NEXT_END)
    post(member, engine_end(call));
}

/* --- before libcurl's turn -------------------------------------------------
 */

/* A callback of ours was left for good: its call ends as it stands. */
static void release_left(struct multi *multi) {
  struct member *member = multi->stepping;

  if (!member)
    return;
  multi->stepping = NULL;
  engine_abandon(member->handle->call);
  post(member, CURLE_ABORTED_BY_CALLBACK);
}

static void begin_fresh(struct multi *multi) {
  struct member *member;

  while ((member = multi_list(multi, MEMBER_FRESH)->first)) {
    multi_move(member, MEMBER_RUNNING);
    if (member->handle)
      (void)engine_begin(member->handle, multi->policy, &multi->siblings);
  }
}

/* Whose time has come. Running ones are for libcurl's progress callback. */
static void step_due(struct multi *multi) {
  struct clock *clock = clocks_first(&multi->clocks);
  struct member *member;
  int64_t now = clock ? clock_now_ms() : 0;

  for (; clock && clock->due <= now; clock = clocks_first(&multi->clocks)) {
    member = (struct member *)clock;
    clocks_stop(&multi->clocks, clock);
    if (member->state == MEMBER_WAITING) {
      step(member);
    } else {
      siblings_watch(member->handle->call);
      multi->needs_tick = true;
    }
  }
}

/* --- after it --------------------------------------------------------------
 */

/* A transfer ended. Of a handle that is passed through its message is all. */
static void take(struct multi *multi, const CURLMsg *message) {
  struct handle *handle = table_find(message->easy_handle);
  struct member *member = handle ? handle->member : NULL;

  if (!member || member->multi != multi) {
    member = multi_join_stranger(multi);
    table_add_stranger(message->easy_handle, multi);
  } else if (call_of(handle)) {
    engine_performed(handle->call, message->data.result);
  }
  member->message = *message;
  multi_move(member, MEMBER_ENDED);
}

/* Members bring their own memory for it. */
static bool has_room(struct multi *multi) {
  return multi_has_spare(multi) || !multi->has_strangers;
}

/* All that libcurl has to say. Without memory for it, it is said later; where
 * all is passed through since a callback's addition, by libcurl alone. */
static void drain(struct multi *multi) {
  const CURLMsg *real;
  CURLMsg message;
  int left;

  multi->is_behind = false;
  while (multi_is_active(multi) && has_room(multi)) {
    multi->guard = GUARD_LIBCURL;
    real = multi->library->multi_info_read(multi->real, &left);
    if (!real)
      return;
    message = *real;
    take(multi, &message);
  }
  multi->is_behind = true; /* so that the program comes back */
  multi->late++;
}

/* What comes of those that ended: after all of them are known, since the
 * program is told of some. */
static void settle(struct multi *multi) {
  struct member *member;

  while ((member = multi_list(multi, MEMBER_ENDED)->first)) {
    if (member->handle && call_of(member->handle))
      step(member);
    else
      post(member, member->message.data.result);
  }
}

/* Thousands whose clocks are over one after the other don't keep each other
 * busy: no clock of ours is that exact. */
static int64_t tick_ms(const struct multi *multi) {
  int64_t ms = TICK_MS + multi->members / TICK_MEMBERS_MS;

  return ms < TICK_MOST_MS ? ms : TICK_MOST_MS;
}

/* Those that began a clock, or that the program changed. */
static void look_at_watched(struct multi *multi) {
  struct call *call = siblings_next(&multi->siblings);
  struct member *member;
  int64_t now = call ? clock_now_ms() : 0;
  int64_t soonest = call ? now + tick_ms(multi) : 0;
  int64_t due;

  for (; call; call = siblings_next(&multi->siblings)) {
    member = call->handle->member;
    if (!member)
      continue; /* freed inside its own callback */
    if (member->state == MEMBER_RUNNING) {
      due = callbacks_due(call);
      if (due < soonest)
        due = soonest;
      clocks_set(&multi->clocks, &member->clock, due);
    } else if (call_is_over(call)) {
      clocks_set(&multi->clocks, &member->clock, now);
    }
  }
}

/* libcurl calls progress callbacks in curl_multi_perform() alone: where the
 * program drives sockets, an idle transfer's clocks are looked at by this. */
static CURLMcode tick(struct multi *multi, const struct drive *drive,
                      int *running) {
  int64_t now;

  if (!multi->needs_tick)
    return CURLM_OK;
  multi->needs_tick = false;
  now = clock_now_ms();
  if (drive->kind == DRIVE_PERFORM || drive->kind == DRIVE_SOCKET_ALL ||
      now - multi->ticked_at < tick_ms(multi))
    return CURLM_OK;
  multi->ticked_at = now;
  multi->late = 0;
  begin_fresh(multi); /* those that libcurl's callbacks let the program add */
  return multi->library->multi_socket_all(multi->real, running);
}

/* --- the whole -------------------------------------------------------------
 */

struct run {
  struct multi *multi;
  const struct drive *drive;
  int *running;
  CURLMcode code;
};

static CURLcode run(void *data) {
  struct run *run = data;
  struct multi *multi = run->multi;
  int running = -1; /* libcurl doesn't say, where it refuses */
  int saved = errno;
  CURLMcode code;

  multi->failure = CURLM_OK;
  if (run->drive->kind == DRIVE_SOCKET_ACTION &&
      run->drive->socket == CURL_SOCKET_TIMEOUT)
    wake_fired(multi);
  release_left(multi);
  begin_fresh(multi);
  step_due(multi);
  multi->late = 0;
  multi->guard = GUARD_LIBCURL;
  errno = saved;
  run->code = drive_real(multi->library, multi->real, run->drive, &running);
  saved = errno;
  code = tick(multi, run->drive, &running);
  if (run->code == CURLM_OK)
    run->code = code;
  drain(multi);
  settle(multi);
  look_at_watched(multi);
  if (run->running && running >= 0)
    *run->running = running + multi->late + multi_undecided(multi);
  code = wake_tell(multi);
  if (run->code == CURLM_OK)
    run->code = multi->failure ? multi->failure : code;
  errno = saved;
  return CURLE_OK;
}

static atomic_bool left_out;

bool drive_was_left_out(void) { return atomic_load(&left_out); }

/* Whether transfers are retried here is known from the first drive call on.
 */
static void learn_policy(struct multi *multi) {
  multi->is_driven = true;
  multi->policy = config_policy();
  if (multi->policy && !multi->policy->multi) {
    multi->policy = NULL;
    atomic_store(&left_out, true);
  }
  if (!multi->policy)
    multi_forget_all(multi);
}

CURLMcode drive_run(struct multi *multi, const struct drive *drive,
                    int *running, const void *frame) {
  struct run data = {multi, drive, running, CURLM_OK};

  if (!multi->is_driven)
    learn_policy(multi);
  if (!multi_is_active(multi))
    return drive_real(multi->library, multi->real, drive, running);
  multi->siblings.drive++;
  multi->mark = mark_here(frame);
  (void)unwind_watch(run, &data, &multi->mark);
  multi->mark.frame = NULL;
  return data.code;
}

/* --- outside of drive calls ------------------------------------------------
 */

/* Go on with what a pause left, as libcurl does in curl_easy_pause(). What
 * comes after it, the next drive call does. */
static void hand_over_rest(struct member *member, const void *frame) {
  struct multi *multi = member->multi;
  struct member *stepping = multi->stepping;
  bool is_nested = multi_is_nested(multi, frame);
  struct stand before = multi_enter(multi, GUARD_OURS, frame);
  int64_t now = clock_now_ms();
  struct next next;

  multi->stepping = member;
  next = engine_next(member->handle->call, now);
  clocks_set(&multi->clocks, &member->clock,
             next.step == NEXT_WAIT ? next.at : now);
  multi->stepping = stepping;
  if (!is_nested)
    (void)wake_tell(multi);
  multi_return(multi, before);
}

CURLcode drive_pause(struct member *member, int action, const void *frame) {
  struct multi *multi = member->multi;
  struct call *call = member->handle->call;
  struct stand before = multi_enter(multi, GUARD_LIBCURL, frame);
  CURLcode code = meanwhile_pause_transfer(call, action);

  /* out of libcurl, unless it called who pauses */
  multi->guard = before.mark.frame ? before.guard : GUARD_OURS;
  if (!code)
    code = meanwhile_show_held(call);
  multi_return(multi, before);
  if (member->state == MEMBER_WAITING && call->phase == PHASE_HAND_OVER &&
      multi->stepping != member && !atomic_load(&call->sink.is_paused)) {
    hand_over_rest(member, frame);
    code = call->sink.refusal.code;
  }
  return code;
}

CURLMsg *drive_read(struct multi *multi, int *left) {
  struct member *member = multi_list(multi, MEMBER_QUEUED)->first;

  *left = 0;
  if (!member)
    return NULL;
  multi_move(member, MEMBER_READ);
  *left = multi_list(multi, MEMBER_QUEUED)->count;
  if (!member->handle)
    return &member->message;
  member->handle->message = member->message;
  return &member->handle->message;
}

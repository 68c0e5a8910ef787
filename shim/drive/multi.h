/* multi.h - one multi handle as the program has it, and the easy handles in
 * it. The easy handles stay in the real multi all the time, also while they
 * wait for a retry: so libcurl itself answers for them.
 *
 *   FRESH -> RUNNING -> ENDED -> WAITING -> RUNNING ...
 *                             -> QUEUED -> READ
 */
#ifndef CURLRETRY_MULTI_H
#define CURLRETRY_MULTI_H

#include "drive/clocks.h"
#include "engine/siblings.h"
#include "host/alarm.h"

enum member_state {
  MEMBER_FRESH,   /* added; options set now still count */
  MEMBER_RUNNING, /* libcurl has it */
  MEMBER_ENDED,   /* libcurl is done with it; what comes of that isn't decided
                   */
  MEMBER_WAITING, /* libcurl is done with it, the program isn't told: for its
                     retry, or while the program paused a hand-over */
  MEMBER_QUEUED,  /* its message is to be read */
  MEMBER_READ     /* it was */
};

/* A transfer, from curl_multi_add_handle() to curl_multi_remove_handle(). */
struct member {
  struct clock clock; /* first: when the driver has to look at it */
  struct multi *multi;
  struct handle *handle; /* NULL: of a handle we know nothing of */
  CURLMsg message;       /* once QUEUED */
  enum member_state state;
  struct member *next; /* in the list of its state */
  struct member *previous;
};

struct member_list {
  struct member *first;
  struct member *last;
  int count;
};

/* Whose callbacks the program is in, while mark.frame is above it. */
enum guard {
  GUARD_LIBCURL, /* libcurl's, which refuses by itself what it doesn't allow */
  GUARD_OURS,    /* ours, outside libcurl: we refuse the same */
  GUARD_EVENT,   /* the same in a callback for timers */
  GUARD_NOTIFY   /* CURLMOPT_NOTIFYFUNCTION, which may do nearly everything */
};

/* CURLMOPT_TIMERFUNCTION as the program set it, and what it was told. */
struct timer {
  curl_multi_timer_callback callback; /* NULL: none */
  void *data;
  int64_t told; /* monotonic ms; INT64_MAX: that there is no timeout */
  bool is_ours; /* not the real one's */
};

/* CURLMOPT_NOTIFYFUNCTION(3), of libcurl 8.17 and later. */
typedef void (*notify_callback)(CURLM *multi, unsigned notification,
                                CURL *easy, void *data);
struct notify {
  notify_callback callback; /* NULL: none */
  void *data;
  unsigned enabled; /* a bit a notification */
  CURL *admin;      /* libcurl's internal handle, which comes with INFO_READ;
                       NULL: not seen yet */
};

struct multi {
  const struct library *library;
  CURLM *real;
  const struct policy *policy; /* NULL: everything is forwarded */
  bool is_driven;              /* `policy` is known */
  struct member_list lists[MEMBER_READ + 1]; /* by state */
  int members;                               /* in all lists */
  int strangers;                             /* ... without a handle */
  bool has_strangers; /* transfers that are no members may have been added */
  struct member *spares;   /* memory for the next ones */
  struct member *stepping; /* whose callbacks we call; NULL: none */
  struct clocks clocks;
  struct siblings siblings;
  struct mark mark; /* of the call that libcurl or we may call back from */
  enum guard guard;
  struct timer timer;
  struct notify notify;
  curl_push_callback push;
  void *push_data;
  struct alarm alarm;
  int64_t ticked_at;    /* the last real curl_multi_socket_all() of ours */
  bool needs_tick;      /* clocks of running transfers are over */
  bool is_behind;       /* there was no memory for what libcurl has to say */
  CURLMcode failure;    /* of an addition of ours in this drive call */
  int late;             /* transfers that began, less those removed, since
                           libcurl counted */
  curl_off_t restarted; /* additions of ours, ever */
};

/* A row for a multi handle that was just made. NULL: out of memory; it is then
 * passed through. */
struct multi *multi_make(const struct library *library, CURLM *real);

/* Before the real one is freed: what libcurl 8.1 to 8.12 would leave of
 * transfers that it is done with is taken out of it. */
void multi_let_ended_go(struct multi *multi);

/* Its members are let go of, their calls ended as by removal. */
void multi_forget_all(struct multi *multi);

/* The same; then it is freed. */
void multi_free(struct multi *multi);

/* libcurl took `handle` in: a FRESH member. False: out of memory; its message
 * is then passed on as a stranger's. */
bool multi_join(struct multi *multi, struct handle *handle);

/* Whether there is memory for one more of them. */
bool multi_has_room(struct multi *multi);

/* Whether there is memory for one more stranger: a member without a handle,
 * whose message came. */
bool multi_has_spare(struct multi *multi);
struct member *multi_join_stranger(struct multi *multi);

/* It is no longer in the multi handle, or about to be freed: its call ends
 * without an outcome, what is held and its message are dropped. */
void multi_leave(struct member *member);

/* The same for a handle that is freed inside its own call, which the stack
 * still uses. */
void multi_leave_running(struct member *member);

/* A stranger's message, if there is one, is dropped. */
void multi_forget_stranger(struct multi *multi, const CURL *curl);

/* Put the member into another state, at the end of its list. */
void multi_move(struct member *member, enum member_state state);

static inline struct member_list *multi_list(struct multi *multi,
                                             enum member_state state) {
  return &multi->lists[state];
}

/* Whether transfers are retried here. */
static inline bool multi_is_active(const struct multi *multi) {
  return multi->policy != NULL;
}

/* How many run as the program sees it, although libcurl is done with them. */
static inline int multi_undecided(const struct multi *multi) {
  return multi->lists[MEMBER_ENDED].count + multi->lists[MEMBER_WAITING].count;
}

/* While callbacks of that kind may be called from below `frame`; what is to be
 * given back. */
struct stand {
  struct mark mark;
  enum guard guard;
};
struct stand multi_enter(struct multi *multi, enum guard guard,
                         const void *frame);
void multi_return(struct multi *multi, struct stand before);

/* A use of the multi handle from a callback. */
static inline bool multi_is_nested(const struct multi *multi,
                                   const void *frame) {
  return mark_is_above(&multi->mark, frame);
}

#endif

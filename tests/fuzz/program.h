/* program.h - a program that uses libcurl by the shim's interposed functions,
 * in whatever way the input says, and that knows what it may see: options,
 * bytes and outcomes.
 */
#ifndef CURLRETRY_FUZZ_PROGRAM_H
#define CURLRETRY_FUZZ_PROGRAM_H

#include "model.h"

#include "interpose/entry.h"
#include "policy.h"

/* An easy handle. */
struct user {
  CURL *curl;             /* NULL: none */
  bool is_stranger;       /* the shim didn't see it being made */
  struct options options; /* as it set them */
  struct crowd *in;       /* the multi handle it is added to */
  bool is_performing;     /* curl_easy_perform() */
  bool is_told;           /* its message was read */
  bool is_noted;          /* its end was told to the notification callback */
  bool is_begun;          /* a drive call came since it was added */
  bool is_left_alone;     /* reset or set so that bytes can't be known */

  /* what it saw in this transfer */
  int status;
  int version;
  size_t at;
  int blocks;
  bool is_in_block;
  bool is_paused, is_send_paused;
  unsigned refusals; /* CURLcodes of its own, a bit each: 23, 26, 42 */
  size_t uploaded;
  unsigned ticks;
};

/* A multi handle. */
struct crowd {
  CURLM *multi;   /* NULL: none */
  bool has_timer; /* a timer callback */
  bool has_notes; /* a notification callback */
  bool is_noted;  /* which said that there are messages */
  bool is_notifying;
  int64_t due; /* what that was told; INT64_MAX: nothing */
  int running; /* as the last drive call said; -1: not known any more */
};

#define USERS 6
#define CROWDS 3

extern struct program {
  struct user users[USERS];
  struct crowd crowds[CROWDS];
  const struct policy *policy; /* NULL: the shim passes everything through */
  bool checks_bytes;
  bool lacks_memory;       /* some of the shim's allocations fail */
  struct user *performing; /* the innermost one */
  int depth;               /* of its callbacks on the stack */
  bool is_quiet;           /* callbacks only take */
} program;

#define HERE                                                                  \
  ((struct entrance){&model.library, NULL, __builtin_frame_address(0)})

/* A policy, by lot; a version of libcurl, by lot. */
void program_begin(void);

/* All handles that are left are ended; nothing may be left of anything. */
void program_end(void);

void user_init(struct user *user);
void user_cleanup(struct user *user);

/* curl_easy_setopt(), curl_easy_reset(), curl_easy_duphandle() whose copy has
 * to have the same options, curl_easy_perform(), curl_easy_pause(). */
void user_set(struct user *user, CURLoption option, void *word);
void user_set_any(struct user *user);
void user_reset(struct user *user);
void user_copy(struct user *user);
void user_perform(struct user *user);
void user_pause(struct user *user, int action);

/* The options on the handle are the program's, outside of a transfer. */
void user_check_options(const struct user *user);

/* A transfer begins: it has seen nothing yet. It ended. */
void user_forget(struct user *user);
void user_ended(struct user *user, CURLcode code);

/* Sets callbacks, and a request by lot. */
void user_prepare(struct user *user);

/* One of the other functions, by lot, out of a callback: libcurl refuses most
 * of them there. callbacks.c calls it, the target has it. */
void program_act_in_callback(struct user *user);

#endif

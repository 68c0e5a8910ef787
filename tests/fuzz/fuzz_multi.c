/* A multi handle's calls in any order: no message comes twice or is lost, the
 * running count is right, each transfer's bytes are those of one answer, and
 * the program's options are on the handle before and after. */
#include "program.h"

enum { INFO_READ, EASY_DONE };            /* CURLMNOTIFY_... */
#define XFERS_RUNNING ((CURLMinfo_offt)2) /* CURLMINFO_XFERS_RUNNING */

#define TURNS 400 /* of the program's loop, at the end */

static struct user *user_of(const CURL *curl) {
  for (size_t i = 0; i < USERS; i++)
    if (program.users[i].curl == curl)
      return &program.users[i];
  return NULL;
}

static int on_timer(CURLM *multi, long timeout, void *data) {
  struct crowd *crowd = data;

  CHECK(crowd->multi == multi, "the timer callback of another one");
  CHECK(timeout >= -1, "a timeout of %ld ms", timeout);
  crowd->due = timeout < 0 ? INT64_MAX : model.now + timeout;
  return 0;
}

static void on_notify(CURLM *multi, unsigned notification, CURL *curl,
                      void *data);

/* --- what the program calls ------------------------------------------------
 */

static void crowd_init(struct crowd *crowd) {
  crowd->multi =
      draw_once_in(10) ? model.library.multi_init() : entry_multi_init(HERE);
  crowd->running = -1;
  crowd->due = INT64_MAX;
  if (draw_once_in(3))
    (void)entry_multi_setopt(HERE, crowd->multi,
                             CURLMOPT_MAX_TOTAL_CONNECTIONS,
                             (void *)(uintptr_t)(1 + draw(2)));
  if (model.library.multi_notify_enable && draw_once_in(2)) {
    crowd->has_notes = true;
    (void)entry_multi_setopt(HERE, crowd->multi, CURLMOPT_NOTIFYDATA, crowd);
    (void)entry_multi_setopt(HERE, crowd->multi, CURLMOPT_NOTIFYFUNCTION,
                             (void *)(uintptr_t)on_notify);
    (void)entry_multi_notify_enable(HERE, crowd->multi, INFO_READ);
    (void)entry_multi_notify_enable(HERE, crowd->multi, EASY_DONE);
  }
  if (draw_once_in(3)) {
    crowd->has_timer = true;
    (void)entry_multi_setopt(HERE, crowd->multi, CURLMOPT_TIMERDATA, crowd);
    (void)entry_multi_setopt(HERE, crowd->multi, CURLMOPT_TIMERFUNCTION,
                             (void *)(uintptr_t)on_timer);
  }
}

static void user_left(struct user *user) {
  user->in = NULL;
  user_check_options(user);
}

static void crowd_cleanup(struct crowd *crowd) {
  CHECK(!entry_multi_cleanup(HERE, crowd->multi), "cleanup is refused");
  memset(crowd, 0, sizeof *crowd);
  for (size_t i = 0; i < USERS; i++)
    if (program.users[i].in == crowd)
      user_left(&program.users[i]);
}

static void add(struct crowd *crowd, struct user *user) {
  bool is_in_use = user->in || user->is_performing;
  CURLMcode code;

  if (!is_in_use)
    user_forget(user);
  code = entry_multi_add_handle(HERE, crowd->multi, user->curl);
  fuzz_show("  %d is added: %d", (int)(user - program.users), code);
  if (code == CURLM_OUT_OF_MEMORY && program.lacks_memory)
    return;
  CHECK(code == (is_in_use ? CURLM_ADDED_ALREADY : CURLM_OK),
        "an addition answers %d", code);
  if (code)
    return;
  user->in = crowd;
  user->is_noted = false;
  crowd->running = -1;
  user_check_options(user);
}

static void take_away(struct crowd *crowd, struct user *user) {
  CURLMcode expected =
      user->in && user->in != crowd ? CURLM_BAD_EASY_HANDLE : CURLM_OK;
  CURLMcode code = entry_multi_remove_handle(HERE, crowd->multi, user->curl);

  fuzz_show("  %d is removed: %d", (int)(user - program.users), code);
  CHECK(code == expected, "a removal answers %d", code);
  if (code || user->in != crowd)
    return;
  crowd->running = -1;
  user_left(user);
}

static int count_unfinished(const struct crowd *crowd) {
  int count = 0;

  for (size_t i = 0; i < USERS; i++)
    count += program.users[i].in == crowd && !program.users[i].is_told;
  return count;
}

/* The same number, asked for. */
static void check_running(struct crowd *crowd, int running) {
  curl_off_t counted = -1;

  if (!model.library.multi_get_offt || program.lacks_memory)
    return;
  CHECK(!entry_multi_get_offt(HERE, crowd->multi, XFERS_RUNNING, &counted) &&
            counted == running,
        "%d run, and are %d", running, (int)counted);
}

static void drive(struct crowd *crowd) {
  int running = -1;
  CURLMcode code = CURLM_OK;

  crowd->running = -1;
  for (size_t i = 0; i < USERS; i++)
    if (program.users[i].in == crowd)
      program.users[i].is_begun = true;
  switch (crowd->has_timer && program.is_quiet ? 1 : draw(4)) {
  case 1:
    crowd->due = INT64_MAX; /* it has fired */
    code = entry_multi_socket_action(HERE, crowd->multi, CURL_SOCKET_TIMEOUT,
                                     0, &running);
    break;
  case 2:
    code = entry_multi_socket_all(HERE, crowd->multi, &running);
    break;
  case 3:
    code = entry_multi_socket(HERE, crowd->multi, 5, &running);
    break;
  default:
    code = entry_multi_perform(HERE, crowd->multi, &running);
    break;
  }
  fuzz_show("  driven: %d, %d run", code, running);
  CHECK(!code, "a drive call answers %d", code);
  /* without memory for a message it says that one more runs */
  CHECK(running >= 0 &&
            running <= count_unfinished(crowd) + program.lacks_memory,
        "%d run of %d", running, count_unfinished(crowd));
  check_running(crowd, running);
  crowd->running = program.lacks_memory ? -1 : running;
}

/* One message. False: there is none. */
static bool read_one(struct crowd *crowd) {
  int left = -1;
  const CURLMsg *message = entry_multi_info_read(HERE, crowd->multi, &left);
  struct user *user;

  CHECK(left >= 0 && (message || !left), "%d messages are left", left);
  if (!message) {
    CHECK(crowd->running < 0 || count_unfinished(crowd) == crowd->running,
          "%d run and %d have no message", crowd->running,
          count_unfinished(crowd));
    crowd->is_noted = false;
    return false;
  }
  CHECK(message->msg == CURLMSG_DONE, "message %d", message->msg);
  user = user_of(message->easy_handle);
  CHECK(user && user->in == crowd, "a message of a handle that isn't there");
  CHECK(!user->is_told, "two messages of one transfer");
  CHECK(!crowd->has_notes || crowd->is_notifying || program.lacks_memory ||
            (crowd->is_noted && user->is_noted),
        "a message that nobody told of");
  user->is_told = true;
  user_ended(user, message->data.result);
  return true;
}

/* Most things are allowed there, also to read what is there already. */
static void act_in_notification(struct crowd *crowd) {
  struct user *user = &program.users[draw(USERS)];

  switch (draw(5)) {
  case 1:
  case 2:
    while (read_one(crowd) && draw(2))
      ;
    break;
  case 3:
    if (user->curl && !user->is_stranger) /* whose end we don't count */
      take_away(crowd, user);
    break;
  case 4:
    if (user->curl)
      add(crowd, user);
    break;
  default:
    break;
  }
}

static void on_notify(CURLM *multi, unsigned notification, CURL *curl,
                      void *data) {
  struct user *user = user_of(curl);
  struct crowd *crowd = data;
  int running;

  CHECK(crowd->multi == multi, "a notification of another one");
  fuzz_show("  notification %u", notification);
  if (notification == EASY_DONE) {
    CHECK(user && user->in == crowd, "a handle ends that isn't there");
    CHECK(!user->is_noted, "it ends twice");
    user->is_noted = true;
  } else {
    crowd->is_noted = true;
  }
  CHECK(entry_multi_perform(HERE, multi, &running) == CURLM_RECURSIVE_API_CALL,
        "a drive call in a notification");
  crowd->is_notifying = true;
  if (!program.is_quiet && !program.depth)
    act_in_notification(crowd);
  crowd->is_notifying = false;
}

/* It sleeps for as long as it may. False: for ever. */
static bool wait_for_more(struct crowd *crowd) {
  long timeout = -2;
  int ready;

  if (crowd->has_timer && program.is_quiet) {
    if (crowd->due > model.now && crowd->due < INT64_MAX)
      model.now = crowd->due;
    return crowd->due < INT64_MAX;
  }

  CHECK(!entry_multi_timeout(HERE, crowd->multi, &timeout), "no timeout");
  if (timeout < 0)
    return false;
  if (timeout > 0)
    CHECK(!entry_multi_poll(HERE, crowd->multi, NULL, 0, (int)timeout, &ready),
          "no poll");
  return true;
}

/* --- by lot ----------------------------------------------------------------
 */

void program_act_in_callback(struct user *user) {
  struct crowd *crowd = &program.crowds[draw(CROWDS)];
  int running = 0;

  switch (draw(6)) {
  case 1:
    if (user->is_performing || user->in)
      user_perform(user);
    break;
  case 2:
    if (user->in)
      CHECK(entry_multi_perform(HERE, user->in->multi, &running) ==
                CURLM_RECURSIVE_API_CALL,
            "a drive call in a callback");
    break;
  case 3:
    if (user->in)
      CHECK(entry_multi_remove_handle(HERE, user->in->multi, user->curl) ==
                CURLM_RECURSIVE_API_CALL,
            "a removal in a callback");
    break;
  case 4:
    if (crowd->multi && crowd != user->in)
      (void)read_one(crowd);
    break;
  default:
    break;
  }
}

static void free_user(struct user *user) {
  if (user->in)
    user->in->running = -1;
  user_cleanup(user);
}

static void act_on_user(struct user *user, unsigned action) {
  switch (action) {
  case 0:
    free_user(user);
    break;
  case 1:
  case 2:
    user_perform(user);
    break;
  case 3:
    user_reset(user);
    break;
  case 4:
    user_copy(user);
    break;
  case 5:
    user_pause(user, CURLPAUSE_CONT);
    break;
  case 6:
    user_pause(user, CURLPAUSE_RECV);
    break;
  default:
    user_set_any(user);
    break;
  }
}

static void act_on_crowd(struct crowd *crowd, struct user *user,
                         unsigned action) {
  switch (action) {
  case 0:
    crowd_cleanup(crowd);
    break;
  case 1:
  case 2:
  case 3:
  case 4:
  case 5:
    add(crowd, user);
    break;
  case 6:
  case 7:
    take_away(user->in ? user->in : crowd, user);
    break;
  case 8:
    take_away(crowd, user);
    break;
  case 9:
  case 10:
    (void)wait_for_more(crowd);
    break;
  case 11:
  case 12:
    (void)read_one(crowd);
    break;
  case 13:
    while (read_one(crowd))
      ;
    break;
  default:
    drive(crowd);
    break;
  }
}

static void act(void) {
  struct user *user = &program.users[draw(USERS)];
  struct crowd *crowd = &program.crowds[draw(CROWDS)];
  unsigned action = draw(32);

  if (!user->curl)
    user_init(user);
  if (!crowd->multi)
    crowd_init(crowd);
  if (action < 8)
    act_on_user(user, action);
  else
    act_on_crowd(crowd, user, action - 8);
}

/* Everything goes well from now on: each transfer has to come to its end. */
static void finish(struct crowd *crowd) {
  int turns = 0;

  while (count_unfinished(crowd)) {
    CHECK(turns++ < TURNS, "%d transfers never end", count_unfinished(crowd));
    for (size_t i = 0; i < USERS; i++)
      if (program.users[i].in == crowd && !program.users[i].is_told &&
          program.users[i].is_begun)
        user_pause(&program.users[i], CURLPAUSE_CONT);
    drive(crowd);
    while (read_one(crowd))
      ;
    if (count_unfinished(crowd))
      CHECK(wait_for_more(crowd), "nobody wakes %d transfers",
            count_unfinished(crowd));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  input = (struct input){bytes, size};
  program_begin();
  program.checks_bytes = true;
  while (input.left)
    act();
  model.drains = program.is_quiet = true;
  for (size_t i = 0; i < CROWDS; i++)
    if (program.crowds[i].multi)
      finish(&program.crowds[i]);
  program_end();
  return 0;
}

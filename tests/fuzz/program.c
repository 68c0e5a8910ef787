/* The program's easy handles. */
#include "callbacks.h"

#include "judge.h"

/* --- a handle --------------------------------------------------------------
 */

static struct model_easy *easy_of(const struct user *user) {
  return (struct model_easy *)user->curl;
}

void user_check_options(const struct user *user) {
  const char *name;

  if (user->is_performing || (user->in && user->is_begun && !user->is_told))
    return;
  name = options_difference(&easy_of(user)->options, &user->options);
  CHECK(!name, "handle %d: option %s is not the program's",
        (int)(user - program.users), name);
}

void user_init(struct user *user) {
  memset(user, 0, sizeof *user);
  user->is_stranger = draw_once_in(8);
  user->curl =
      user->is_stranger ? model.library.easy_init() : entry_easy_init(HERE);
  fuzz_show("  %d is made%s", (int)(user - program.users),
            user->is_stranger ? " without the shim" : "");
  options_begin(&user->options);
  user_prepare(user);
}

void user_cleanup(struct user *user) {
  fuzz_show("  %d is freed", (int)(user - program.users));
  entry_easy_cleanup(HERE, user->curl);
  options_end(&user->options);
  memset(user, 0, sizeof *user);
}

void user_set(struct user *user, CURLoption option, void *word) {
  CURLcode code = entry_easy_setopt(HERE, user->curl, option, word);
  CURLcode expected;

  if (code == CURLE_OUT_OF_MEMORY && program.lacks_memory)
    return;
  expected = options_put(&user->options, option, word);
  CHECK(code == expected, "handle %d: setopt of %d answers %d, libcurl %d",
        (int)(user - program.users), option, code, expected);
  user_check_options(user);
}

static void *draw_word(const struct curl_easyoption *about, char *text,
                       size_t size) {
  static struct curl_slist list = {(char *)(uintptr_t) "X-Own: 1", NULL};
  static const long numbers[] = {0,  1,    -1,         2,   60,  5000, 1 << 20,
                                 -2, 1000, 4294967296, 100, 300, 299,  40};

  switch (about->type) {
  case CURLOT_LONG:
  case CURLOT_OFF_T:
  case CURLOT_VALUES:
    return (void *)numbers[draw(COUNT(numbers))];
  case CURLOT_STRING:
    snprintf(text, size, "%u-%u", draw(64), draw(256));
    return draw(4) ? text : NULL;
  case CURLOT_SLIST:
    return draw(2) ? &list : NULL;
  case CURLOT_CBPTR:
    return draw(2) ? (void *)((uintptr_t)text & ~(uintptr_t)4095) : NULL;
  case CURLOT_FUNCTION:
    return draw(2) ? callbacks_for(about->id) : NULL;
  default: /* what is followed when it isn't NULL */
    return NULL;
  }
}

/* Where bytes are checked: options that leave them alone. */
static const struct curl_easyoption *draw_option(void) {
  static const CURLoption quiet[] = {
      CURLOPT_TIMEOUT,        CURLOPT_TIMEOUT_MS,
      CURLOPT_FRESH_CONNECT,  CURLOPT_FORBID_REUSE,
      CURLOPT_HTTPHEADER,     CURLOPT_VERBOSE,
      CURLOPT_CONNECTTIMEOUT, CURLOPT_DNS_CACHE_TIMEOUT,
      CURLOPT_NOPROGRESS,     CURLOPT_RESUME_FROM,
      CURLOPT_USERAGENT,      CURLOPT_HTTPGET,
      CURLOPT_POST,           CURLOPT_UPLOAD,
      CURLOPT_CUSTOMREQUEST,  CURLOPT_PRIVATE,
      CURLOPT_FOLLOWLOCATION, CURLOPT_MAXFILESIZE};

  return program.checks_bytes
             ? curl_easy_option_by_id(quiet[draw(COUNT(quiet))])
             : options_draw();
}

void user_set_any(struct user *user) {
  const struct curl_easyoption *about = draw_option();
  char text[32];
  void *word;

  /* who has no URL, transfers nothing; libcurl's own callbacks would follow
     any pointer */
  if (about->id == CURLOPT_URL || about->id == CURLOPT_WILDCARDMATCH ||
      about->id == CURLOPT_WRITEFUNCTION || about->id == CURLOPT_READFUNCTION)
    return;
  word = draw_word(about, text, sizeof text);
  fuzz_show("  %d sets %s %p", (int)(user - program.users), about->name, word);
  user_set(user, about->id, word);
}

void user_reset(struct user *user) {
  bool is_refused = program.depth && model.library.version >= LIBRARY_GUARDED;

  fuzz_show("  %d is reset", (int)(user - program.users));
  entry_easy_reset(HERE, user->curl);
  if (is_refused)
    return;
  options_end(&user->options);
  options_begin(&user->options);
  user_check_options(user);
  user->is_left_alone = true;
  user_prepare(user);
}

void user_copy(struct user *user) {
  CURL *copy = entry_easy_duphandle(HERE, user->curl);
  const char *name;

  name = options_difference(&((struct model_easy *)copy)->options,
                            &user->options);
  CHECK(!name, "a copy of handle %d: option %s is not the program's",
        (int)(user - program.users), name);
  entry_easy_cleanup(HERE, copy);
}

void user_pause(struct user *user, int action) {
  CURLcode code;
  bool was_paused = user->is_paused, was_send_paused = user->is_send_paused;

  if (!user->is_performing && !user->in)
    return;
  user->is_paused = (action & CURLPAUSE_RECV) != 0;
  user->is_send_paused = (action & CURLPAUSE_SEND) != 0;
  code = entry_easy_pause(HERE, user->curl, action);
  fuzz_show("  %d pauses %d: %d", (int)(user - program.users), action, code);
  if (code) {
    user->is_paused = was_paused;
    user->is_send_paused = was_send_paused;
  }
}

/* --- a transfer ------------------------------------------------------------
 */

void user_prepare(struct user *user) {
  callbacks_set(user);
  callbacks_set_some(user);
  user_set(user, CURLOPT_URL, (void *)(uintptr_t) "http://h/path");
  user_set(user, CURLOPT_FOLLOWLOCATION, (void *)1L);
  switch (draw(12)) {
  case 1:
  case 2:
    user_set(user, CURLOPT_UPLOAD, (void *)1L);
    break;
  case 3:
    user_set(user, CURLOPT_POSTFIELDS, (void *)(uintptr_t) "fields");
    break;
  case 4:
    user_set(user, CURLOPT_POST, (void *)1L);
    break;
  case 5:
    user_set(user, CURLOPT_NOBODY, (void *)1L);
    break;
  case 6:
    user_set(user, CURLOPT_RANGE, (void *)(uintptr_t) "5-");
    break;
  default:
    break;
  }
}

void user_forget(struct user *user) {
  user->is_told = false;
  user->is_begun = false;
  user->is_left_alone = false;
  user->status = user->version = user->blocks = 0;
  user->at = user->uploaded = 0;
  user->is_in_block = false;
  user->is_paused = user->is_send_paused = false;
  user->refusals = 0;
  user->ticks = 0;
  model_forget(easy_of(user));
}

static bool is_own_refusal(const struct user *user, CURLcode code) {
  return code < 64 && user->refusals & 1u << code % 32 &&
         (code == CURLE_WRITE_ERROR || code == CURLE_READ_ERROR ||
          code == CURLE_ABORTED_BY_CALLBACK);
}

/* Our own end of a body that was to be thrown away, or had come whole. */
static bool is_stopped(const struct made *made) {
  return made->code == CURLE_ABORTED_BY_CALLBACK ||
         made->code == CURLE_WRITE_ERROR;
}

/* The outcome is one attempt's. A pause that never ends, MAX_TIME and the like
 * are timeouts. */
static void check_outcome(const struct user *user, CURLcode code) {
  const struct model_easy *easy = easy_of(user);
  long status = -1;

  (void)entry_easy_getinfo(HERE, user->curl, CURLINFO_RESPONSE_CODE, &status);
  if (is_own_refusal(user, code) || code == CURLE_OPERATION_TIMEDOUT)
    return;
  for (unsigned i = 0; i < easy->made_count; i++)
    if ((easy->made[i].status == status ||
         (easy->made[i].status == 206 && status == 200)) && /* resumed */
        (user->status == status || user->status == 302) &&
        (easy->made[i].code == code ||
         ((code == CURLE_PARTIAL_FILE || !code) &&
          is_stopped(&easy->made[i]))))
      return;
  CHECK(false,
        "handle %d: %d with status %ld after %d is no attempt's outcome",
        (int)(user - program.users), code, status, user->status);
}

static void check_whole(const struct user *user, CURLcode code) {
  bool has_body = user->options.request != MODEL_HEAD && user->status != 204 &&
                  user->status != 304;

  if (code || user->refusals || user->is_left_alone)
    return;
  CHECK(!user->is_in_block, "a block isn't whole");
  CHECK(!has_body || user->at == model_size(user->version),
        "handle %d: %zu of %zu bytes", (int)(user - program.users), user->at,
        model_size(user->version));
}

/* Whether another attempt may follow this one. */
static bool may_be_repeated(const struct user *user, const struct made *made) {
  const struct policy *policy = program.policy;
  int code = made->code == CURLE_ABORTED_BY_CALLBACK
                 ? CURLE_OPERATION_TIMEDOUT /* STALL_TIMEOUT */
                 : (int)made->code;
  struct outcome outcome = {.code = code,
                            .status = made->status,
                            .method = easy_of(user)->method,
                            .url = "http://h/path",
                            .nothing_sent = !made->was_sent,
                            .connects = 1,
                            .can_rewind = true,
                            .time_left_ms = POLICY_UNLIMITED,
                            .tokens = 1000000};

  if (policy && policy_judge(policy, &outcome).reason == VERDICT_RETRY)
    return true;
  outcome.status = 0; /* it isn't the answer: its code says what failed */
  return policy && !made->is_final &&
         policy_judge(policy, &outcome).reason == VERDICT_RETRY;
}

static void check_attempts(const struct user *user) {
  const struct model_easy *easy = easy_of(user);
  unsigned bound =
      program.policy && !user->is_stranger && !program.policy->dry_run
          ? (unsigned)program.policy->max_retries + 1
          : 1;

  CHECK(easy->made_count <= bound, "handle %d: %u attempts",
        (int)(user - program.users), easy->made_count);
  /* a body that was begun may be resumed: what isn't its rest costs a retry */
  for (unsigned i = 0; i + 1 < easy->made_count && !user->is_left_alone &&
                       !easy->made[i].version;
       i++)
    CHECK(may_be_repeated(user, &easy->made[i]),
          "handle %d: attempt %u (%d, %d) was repeated",
          (int)(user - program.users), i + 1, easy->made[i].code,
          easy->made[i].status);
}

void user_ended(struct user *user, CURLcode code) {
  fuzz_show("  %d ends with %d", (int)(user - program.users), code);
  user_check_options(user);
  check_attempts(user);
  if (!program.checks_bytes || user->is_left_alone)
    return;
  check_outcome(user, code);
  check_whole(user, code);
}

void user_perform(struct user *user) {
  struct user *outer = program.performing;
  CURLcode code;

  if (user->in || user->is_performing) {
    code = entry_easy_perform(HERE, user->curl);
    CHECK(code == CURLE_FAILED_INIT || code == CURLE_RECURSIVE_API_CALL,
          "perform of a handle in use: %d", code);
    return;
  }
  user_forget(user);
  user->is_performing = true;
  program.performing = user;
  fuzz_show("  %d performs", (int)(user - program.users));
  code = entry_easy_perform(HERE, user->curl);
  user->is_performing = false;
  program.performing = outer;
  user_ended(user, code);
}

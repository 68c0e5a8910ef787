/* The program's callbacks: what they may be given, and what they do. */
#include "callbacks.h"

static void complain(const struct user *user, const char *text) {
  CHECK(false, "handle %d: %s (status %d, version %d, byte %zu)",
        (int)(user - program.users), text, user->status, user->version,
        user->at);
}

/* Where every option is set, that of the data is, too. */
static struct user *who(void *data) {
  return program.checks_bytes ? data : program.performing;
}

static bool checks(const struct user *user) {
  return program.checks_bytes && !user->is_left_alone;
}

/* What a callback does beside its work. True: nothing that matters here. */
static void do_more(struct user *user) {
  if (program.is_quiet || program.depth > 2)
    return;
  switch (draw(32)) {
  case 1:
    user_set_any(user);
    break;
  case 2:
    user_pause(user, CURLPAUSE_RECV);
    break;
  case 3:
    user_copy(user);
    break;
  case 4:
  case 5:
    program_act_in_callback(user);
    break;
  case 6:
    user_pause(user, CURLPAUSE_CONT);
    break;
  case 7:
    model.now += 50 * (1 + draw(40));
    break;
  default:
    break;
  }
}

/* What it returns; its own refusal and pause are noted. */
static size_t answer(struct user *user, size_t length) {
  if (program.is_quiet)
    return length;
  switch (draw(24)) {
  case 1:
    user->refusals |= 1u << CURLE_WRITE_ERROR % 32;
    return length ? 0 : 1;
  case 2:
    user->is_paused = true;
    return CURL_WRITEFUNC_PAUSE;
  default:
    return length;
  }
}

/* --- the response ----------------------------------------------------------
 */

static void see_line(struct user *user, const char *line, size_t length) {
  char text[160];

  CHECK(length < sizeof text, "a long header line");
  memcpy(text, line, length);
  text[length] = 0;
  if (!strncmp(text, "HTTP/", 5)) {
    if (checks(user) && user->is_in_block)
      complain(user, "a block in a block");
    user->status = atoi(text + 9);
    user->version = 0;
    user->at = 0;
    user->blocks++;
    user->is_in_block = true;
  } else if (!strncmp(text, "X-Version: ", 11)) {
    user->version = atoi(text + 11);
  } else if (!strncmp(text, "Content-Range: bytes ", 21)) {
    user->at = (size_t)atol(text + 21);
  } else if (!strcmp(text, "\r\n")) {
    user->is_in_block = false;
  }
}

/* What was held before the program refused in another way still comes. */
static void check_alive(const struct user *user, bool is_response) {
  unsigned refusals = user->refusals;

  if (!checks(user))
    return;
  if (is_response)
    refusals &= 1u << CURLE_WRITE_ERROR % 32;
  if (refusals)
    complain(user, "called after its refusal");
  if (user->in ? user->is_told : !user->is_performing)
    complain(user, "called outside of a transfer");
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  struct user *user = who(data);
  size_t length = size * count;
  size_t taken;

  check_alive(user, true);
  program.depth++;
  do_more(user);
  taken = answer(user, length);
  program.depth--;
  fuzz_show("    %d gets <%.*s> %s", (int)(user - program.users),
            (int)length - 2, bytes, taken == length ? "" : "refused");
  if (taken == length)
    see_line(user, bytes, length);
  return taken;
}

static void see_body(struct user *user, const char *bytes, size_t length) {
  if (user->is_in_block)
    complain(user, "a body in a block");
  for (size_t i = 0; i < length; i++)
    if (bytes[i] != model_byte(user->version, user->at + i))
      complain(user, "another byte");
}

static size_t on_write(char *bytes, size_t size, size_t count, void *data) {
  struct user *user = who(data);
  size_t length = size * count;
  size_t taken;

  check_alive(user, true);
  if (checks(user))
    see_body(user, bytes, length);
  program.depth++;
  do_more(user);
  taken = answer(user, length);
  program.depth--;
  fuzz_show("    %d gets %zu bytes at %zu %s", (int)(user - program.users),
            length, user->at, taken == length ? "" : "refused");
  if (taken == length)
    user->at += length;
  return taken;
}

/* --- the request -----------------------------------------------------------
 */

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct user *user = who(data);
  size_t length = size * count;

  check_alive(user, false);
  program.depth++;
  do_more(user);
  program.depth--;
  if (!program.is_quiet)
    switch (draw(32)) {
    case 1:
      user->refusals |= 1u << CURLE_ABORTED_BY_CALLBACK % 32;
      return CURL_READFUNC_ABORT;
    case 2:
      user->is_send_paused = true;
      return CURL_READFUNC_PAUSE;
    case 3:
      user->refusals |= 1u << CURLE_READ_ERROR % 32;
      return length + 1;
    default:
      break;
    }
  if (length > UPLOAD_SIZE - user->uploaded)
    length = UPLOAD_SIZE - user->uploaded;
  for (size_t i = 0; i < length; i++)
    buffer[i] = model_upload(user->uploaded + i);
  user->uploaded += length;
  return length;
}

static int on_seek(void *data, curl_off_t offset, int origin) {
  struct user *user = who(data);

  CHECK(origin == SEEK_SET && offset >= 0, "seek from %d to %lld", origin,
        (long long)offset);
  if (offset > UPLOAD_SIZE)
    return CURL_SEEKFUNC_FAIL;
  user->uploaded = (size_t)offset;
  return CURL_SEEKFUNC_OK;
}

static int on_prerequest(void *data, char *remote, char *local,
                         int remote_port, int local_port) {
  struct user *user = who(data);

  (void)remote, (void)local, (void)remote_port, (void)local_port;
  check_alive(user, false);
  if (program.is_quiet || !draw_once_in(20))
    return CURL_PREREQFUNC_OK;
  user->refusals |= 1u << CURLE_ABORTED_BY_CALLBACK % 32;
  return CURL_PREREQFUNC_ABORT;
}

/* --- progress --------------------------------------------------------------
 */

/* Now and then it goes on with what it paused. */
static int on_progress(void *data, curl_off_t total, curl_off_t now,
                       curl_off_t up_total, curl_off_t up) {
  struct user *user = who(data);

  (void)total, (void)now, (void)up_total, (void)up;
  check_alive(user, false);
  program.depth++;
  do_more(user);
  program.depth--;
  if ((user->is_paused || user->is_send_paused) && ++user->ticks % 4 == 0)
    user_pause(user, CURLPAUSE_CONT);
  if (program.is_quiet || !draw_once_in(60))
    return 0;
  user->refusals |= 1u << CURLE_ABORTED_BY_CALLBACK % 32;
  return 1;
}

static int on_old_progress(void *data, double total, double now,
                           double up_total, double up) {
  return on_progress(data, (curl_off_t)total, (curl_off_t)now,
                     (curl_off_t)up_total, (curl_off_t)up);
}

/* What nobody calls here. */
static void nothing(void) {}

void *callbacks_for(CURLoption option) {
  switch ((int)option) {
  case CURLOPT_HEADERFUNCTION:
    return (void *)(uintptr_t)on_header;
  case CURLOPT_XFERINFOFUNCTION:
    return (void *)(uintptr_t)on_progress;
  case CURLOPT_SEEKFUNCTION:
    return (void *)(uintptr_t)on_seek;
  case CURLOPT_PREREQFUNCTION:
    return (void *)(uintptr_t)on_prerequest;
  case CURLOPT_PROGRESSFUNCTION:
    return (void *)(uintptr_t)on_old_progress;
  case CURLOPT_IOCTLFUNCTION:
    return NULL;
  default:
    return (void *)(uintptr_t)nothing;
  }
}

void callbacks_set(struct user *user) {
  user_set(user, CURLOPT_WRITEFUNCTION, (void *)(uintptr_t)on_write);
  user_set(user, CURLOPT_WRITEDATA, user);
  user_set(user, CURLOPT_HEADERFUNCTION, (void *)(uintptr_t)on_header);
  user_set(user, CURLOPT_HEADERDATA, user);
  user_set(user, CURLOPT_XFERINFOFUNCTION, (void *)(uintptr_t)on_progress);
  user_set(user, CURLOPT_XFERINFODATA, user);
  user_set(user, CURLOPT_READFUNCTION, (void *)(uintptr_t)on_read);
  user_set(user, CURLOPT_READDATA, user);
}

void callbacks_set_some(struct user *user) {
  if (draw(2))
    user_set(user, CURLOPT_NOPROGRESS, NULL);
  if (draw_once_in(3)) {
    user_set(user, CURLOPT_PREREQFUNCTION, (void *)(uintptr_t)on_prerequest);
    user_set(user, CURLOPT_PREREQDATA, user);
  }
  if (draw_once_in(3)) {
    user_set(user, CURLOPT_SEEKFUNCTION, (void *)(uintptr_t)on_seek);
    user_set(user, CURLOPT_SEEKDATA, user);
  }
}

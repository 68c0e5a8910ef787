/* The multi interface of the model. */
#include "model.h"

#include <stdarg.h>

static struct model_multi *multi_of(CURLM *real) { return real; }
static struct model_easy *easy_of(CURL *curl) { return curl; }

static bool is_running(const struct model_easy *easy) {
  return easy->stage > AT_REST && easy->stage < MESSAGE;
}

static bool is_idle(const struct model_easy *easy) {
  return easy->is_paused || easy->is_send_paused;
}

static bool is_guarded(void) {
  return model.library.version >= LIBRARY_GUARDED;
}

/* libcurl tells when that has changed. */
static CURLMcode tell_timer(struct model_multi *multi, long timeout) {
  int answer;

  if (!multi->timer || multi->told == timeout)
    return CURLM_OK;
  multi->told = timeout;
  multi->callbacks++;
  answer = multi->timer((CURLM *)multi, timeout, multi->timer_data);
  multi->callbacks--;
  return answer == -1 ? CURLM_ABORTED_BY_CALLBACK : CURLM_OK;
}

static CURLM *fake_init(void) {
  struct model_multi *multi = calloc(1, sizeof *multi);

  multi->told = -1;
  model.multis++;
  return (CURLM *)multi;
}

/* Whether it runs, or may begin to. */
static bool may_run(const struct model_easy *easy) {
  const struct model_multi *multi = easy->multi;
  int connected = 0;

  if (!is_running(easy) || easy->is_connected || !multi->most)
    return is_running(easy);
  for (easy = multi->first; easy; easy = easy->next)
    connected += is_running(easy) && easy->is_connected;
  return connected < multi->most;
}

static long timeout_of(const struct model_multi *multi) {
  const struct model_easy *easy = multi->first;
  long timeout = -1;

  for (; easy; easy = easy->next)
    if (may_run(easy))
      timeout = is_idle(easy) && timeout ? 500 : 0;
  return timeout;
}

CURLMcode multi_take_out(struct model_easy *easy) {
  struct model_multi *multi = easy->multi;
  struct model_easy **place = &multi->first;

  while (*place != easy)
    place = &(*place)->next;
  *place = easy->next;
  easy->multi = NULL;
  easy->stage = AT_REST;
  easy->has_note = easy->is_connected = false;
  return tell_timer(multi, timeout_of(multi));
}

static CURLMcode fake_cleanup(CURLM *real) {
  struct model_multi *multi = multi_of(real);

  if (multi->callbacks || multi->is_notifying)
    return CURLM_RECURSIVE_API_CALL;
  while (multi->first)
    (void)multi_take_out(multi->first);
  model.multis--;
  free(multi);
  return CURLM_OK;
}

static CURLMcode fake_add(CURLM *real, CURL *curl) {
  struct model_multi *multi = multi_of(real);
  struct model_easy *easy = easy_of(curl);
  bool is_added = easy->multi || easy->is_performing;
  struct model_easy **place = &multi->first;

  if (is_added && !is_guarded())
    return CURLM_ADDED_ALREADY;
  if (multi->callbacks)
    return CURLM_RECURSIVE_API_CALL;
  if (is_added)
    return CURLM_ADDED_ALREADY;
  while (*place)
    place = &(*place)->next;
  *place = easy;
  easy->next = NULL;
  easy->multi = multi;
  easy->has_note = easy->is_connected = false;
  transfer_begin(easy);
  return tell_timer(multi, 0);
}

static CURLMcode fake_remove(CURLM *real, CURL *curl) {
  struct model_multi *multi = multi_of(real);
  struct model_easy *easy = easy_of(curl);

  if (is_guarded() && multi->callbacks)
    return CURLM_RECURSIVE_API_CALL;
  if (!easy->multi)
    return CURLM_OK;
  if (easy->multi != multi)
    return CURLM_BAD_EASY_HANDLE;
  if (multi->callbacks)
    return CURLM_RECURSIVE_API_CALL;
  return multi_take_out(easy);
}

/* What is enabled is told at the end of the drive call; that there are
 * messages, where there were none. */
static void note_end(struct model_easy *easy) {
  struct model_multi *multi = easy->multi;
  bool is_first = true;

  for (struct model_easy *other = multi->first; other; other = other->next)
    is_first = is_first && (other == easy || other->stage != MESSAGE);
  if (!multi->notify)
    return;
  easy->has_note = multi->notifications & 2;
  if (is_first && multi->notifications & 1)
    multi->has_note = true;
}

/* In it the program may remove any of them. */
static void notify(struct model_multi *multi) {
  struct model_easy *easy = multi->first;

  multi->is_notifying = true;
  while (easy) {
    if (easy->has_note) {
      easy->has_note = false;
      multi->notify((CURLM *)multi, 1, (CURL *)easy, multi->notify_data);
      easy = multi->first;
    } else {
      easy = easy->next;
    }
  }
  if (multi->has_note) {
    multi->has_note = false;
    multi->notify((CURLM *)multi, 0, (CURL *)&multi->notify_data,
                  multi->notify_data);
  }
  multi->is_notifying = false;
}

static void run(struct model_easy *easy, unsigned steps) {
  CURLcode code;

  easy->is_connected = true;
  while (steps-- && !transfer_step(easy, &code))
    ;
  if (steps == (unsigned)-1)
    return;
  easy->stage = MESSAGE;
  easy->ended = model.ended++;
  easy->message.msg = CURLMSG_DONE;
  easy->message.easy_handle = (CURL *)easy;
  easy->message.data.result = code;
  note_end(easy);
}

static CURLMcode fake_perform(CURLM *real, int *running) {
  struct model_multi *multi = multi_of(real);
  int count = 0;

  if (multi->callbacks || multi->is_notifying)
    return CURLM_RECURSIVE_API_CALL;
  for (struct model_easy *easy = multi->first; easy; easy = easy->next)
    if (may_run(easy))
      run(easy, model.drains ? 20 : draw(24));
  notify(multi);
  for (struct model_easy *easy = multi->first; easy; easy = easy->next)
    count += is_running(easy);
  if (running)
    *running = count;
  return tell_timer(multi, timeout_of(multi));
}

static CURLMcode fake_socket_action(CURLM *real, curl_socket_t socket,
                                    int events, int *running) {
  (void)events;
  if (socket == CURL_SOCKET_TIMEOUT && !multi_of(real)->callbacks)
    multi_of(real)->told = -2; /* it has fired: it is told anew */
  return fake_perform(real, running);
}

static CURLMcode fake_socket(CURLM *real, curl_socket_t socket, int *running) {
  (void)socket;
  return fake_perform(real, running);
}

static CURLMsg *fake_read(CURLM *real, int *left) {
  struct model_multi *multi = multi_of(real);
  struct model_easy *first = NULL;

  *left = 0;
  if (multi->callbacks && !is_guarded())
    return NULL;
  for (struct model_easy *easy = multi->first; easy; easy = easy->next)
    if (easy->stage == MESSAGE) {
      *left += first != NULL;
      if (!first || easy->ended < first->ended)
        first = easy;
    }
  if (!first)
    return NULL;
  first->stage = TOLD;
  return &first->message;
}

static CURLMcode fake_timeout(CURLM *real, long *timeout) {
  if (multi_of(real)->callbacks)
    return CURLM_RECURSIVE_API_CALL;
  *timeout = timeout_of(multi_of(real));
  return CURLM_OK;
}

/* It waits until there is something to do. */
static CURLMcode fake_poll(CURLM *real, struct curl_waitfd *extra,
                           unsigned count, int timeout, int *ready) {
  long own = timeout_of(multi_of(real));

  (void)extra, (void)count;
  if (multi_of(real)->callbacks)
    return CURLM_RECURSIVE_API_CALL;
  if (timeout < 0)
    return CURLM_BAD_FUNCTION_ARGUMENT;
  model.now += own >= 0 && own < timeout ? own : timeout;
  if (ready)
    *ready = 0;
  return CURLM_OK;
}

static CURLMcode fake_wait(CURLM *real, struct curl_waitfd *extra,
                           unsigned count, int timeout, int *ready) {
  return fake_poll(real, extra, count, multi_of(real)->first ? timeout : 0,
                   ready);
}

static CURLMcode fake_fdset(CURLM *real, fd_set *reading, fd_set *writing,
                            fd_set *exceptional, int *highest) {
  (void)reading, (void)writing, (void)exceptional;
  if (multi_of(real)->callbacks)
    return CURLM_RECURSIVE_API_CALL;
  *highest = -1;
  return CURLM_OK;
}

static CURLMcode fake_setopt(CURLM *real, CURLMoption option, ...) {
  struct model_multi *multi = multi_of(real);
  va_list arguments;
  void *word;

  if (multi->callbacks)
    return CURLM_RECURSIVE_API_CALL;
  va_start(arguments, option);
  word = va_arg(arguments, void *);
  va_end(arguments);
  if (option == CURLMOPT_TIMERFUNCTION)
    multi->timer = (curl_multi_timer_callback)(uintptr_t)word;
  else if (option == CURLMOPT_TIMERDATA)
    multi->timer_data = word;
  else if (option == CURLMOPT_NOTIFYFUNCTION)
    multi->notify = (notifier)(uintptr_t)word;
  else if (option == CURLMOPT_NOTIFYDATA)
    multi->notify_data = word;
  else if (option == CURLMOPT_MAX_TOTAL_CONNECTIONS)
    multi->most = (int)(intptr_t)word;
  return CURLM_OK;
}

static CURLMcode fake_notify_enable(CURLM *real, unsigned notification) {
  multi_of(real)->notifications |= 1u << notification;
  return CURLM_OK;
}

static CURLMcode fake_notify_disable(CURLM *real, unsigned notification) {
  multi_of(real)->notifications &= ~(1u << notification);
  return CURLM_OK;
}

static CURLMcode fake_get_offt(CURLM *real, CURLMinfo_offt info,
                               curl_off_t *value) {
  (void)info; /* CURLMINFO_XFERS_RUNNING */
  *value = 0;
  for (struct model_easy *easy = multi_of(real)->first; easy;
       easy = easy->next)
    *value += is_running(easy);
  return CURLM_OK;
}

void multi_pausing(struct model_easy *easy) {
  if (easy->multi)
    (void)tell_timer(easy->multi, timeout_of(easy->multi));
}

void multi_fill(struct library *library) {
  library->multi_init = fake_init;
  library->multi_cleanup = fake_cleanup;
  library->multi_add_handle = fake_add;
  library->multi_remove_handle = fake_remove;
  library->multi_perform = fake_perform;
  library->multi_socket_action = fake_socket_action;
  library->multi_socket_all = fake_perform;
  library->multi_socket = fake_socket;
  library->multi_info_read = fake_read;
  library->multi_timeout = fake_timeout;
  library->multi_wait = fake_wait;
  library->multi_poll = fake_poll;
  library->multi_fdset = fake_fdset;
  library->multi_setopt = fake_setopt;
  if (!is_guarded())
    return;
  library->multi_notify_enable = fake_notify_enable;
  library->multi_notify_disable = fake_notify_disable;
  library->multi_get_offt = fake_get_offt;
}

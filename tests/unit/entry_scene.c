/* What is modelled: the manual pages of the functions and options, and
 * lib/multi.c, lib/multi_ntfy.c of 8.17 to 8.22. */
#include "entry_scene.h"

#include "host/clock.h"
#include "host/config.h"

#define BEGAN_AT 1000000

struct entry_scene entry_scene;

/* --- what the process gives ------------------------------------------------
 */

static struct budget_table budgets;

int64_t clock_now_ms(void) { return BEGAN_AT + entry_scene.now; }

int64_t clock_about_now_ms(void) { return clock_now_ms(); }

int64_t clock_date_s(void) { return clock_now_ms() / 1000; }

struct budget_table *config_budgets(void) {
  return &budgets;
}

const struct policy *config_policy(void) { return &entry_scene.policy; }

/* --- libcurl ---------------------------------------------------------------
 */

static CURL *fake_easy_init(void) { return the_easy(); }

static CURL *fake_easy_duphandle(CURL *curl) {
  assert_ptr_equal(curl, the_easy());
  libcurl.options_of_copy = libcurl.options;
  return the_copy();
}

static void fake_easy_cleanup(CURL *curl) {
  assert_non_null(curl);
  entry_scene.cleanups++;
}

static void fake_easy_reset(CURL *curl) {
  assert_ptr_equal(curl, the_easy());
  memset(&libcurl.options, 0, sizeof libcurl.options);
}

static CURLcode fake_easy_perform(CURL *curl) {
  assert_ptr_equal(curl, the_easy());
  entry_scene.plays();
  return CURLE_OK;
}

static CURLM *fake_init(void) { return the_multi(); }

static CURLMcode answer(const CURLM *multi) {
  assert_ptr_equal(multi, the_multi());
  return entry_scene.refusal;
}

static CURLMcode fake_cleanup(CURLM *multi) { return answer(multi); }

static CURLMcode fake_add(CURLM *multi, CURL *curl) {
  assert_non_null(curl);
  if (answer(multi) || entry_scene.addition)
    return entry_scene.refusal ? entry_scene.refusal : entry_scene.addition;
  entry_scene.running++;
  return CURLM_OK;
}

static CURLMcode fake_remove(CURLM *multi, CURL *curl) {
  assert_non_null(curl);
  if (answer(multi) || entry_scene.removal)
    return entry_scene.refusal ? entry_scene.refusal : entry_scene.removal;
  entry_scene.removals++;
  if (entry_scene.running)
    entry_scene.running--;
  return CURLM_OK;
}

static CURLMcode fake_perform(CURLM *multi, int *running) {
  assert_int_equal(answer(multi), CURLM_OK);
  entry_scene.plays();
  if (running)
    *running = entry_scene.running;
  return CURLM_OK;
}

static CURLMcode fake_socket_action(CURLM *multi, curl_socket_t socket,
                                    int events, int *running) {
  (void)socket, (void)events;
  return fake_perform(multi, running);
}

static CURLMcode fake_socket(CURLM *multi, curl_socket_t socket,
                             int *running) {
  (void)socket;
  return fake_perform(multi, running);
}

static CURLMsg *fake_read(CURLM *multi, int *left) {
  static CURLMsg first;

  (void)answer(multi);
  *left = 0;
  if (!entry_scene.message_count)
    return NULL;
  first = entry_scene.messages[0];
  *left = (int)--entry_scene.message_count;
  memmove(entry_scene.messages, entry_scene.messages + 1,
          entry_scene.message_count * sizeof first);
  return &first;
}

static CURLMcode fake_timeout(CURLM *multi, long *timeout) {
  *timeout = -1;
  return answer(multi);
}

static CURLMcode fake_wait(CURLM *multi, struct curl_waitfd *extra,
                           unsigned count, int timeout, int *ready) {
  (void)extra, (void)count, (void)timeout;
  if (ready)
    *ready = 0;
  return answer(multi);
}

static CURLMcode fake_fdset(CURLM *multi, fd_set *reading, fd_set *writing,
                            fd_set *exceptional, int *highest) {
  (void)reading, (void)writing, (void)exceptional;
  *highest = entry_scene.descriptors ? 99 + (int)entry_scene.descriptors : -1;
  return answer(multi);
}

/* curl_multi_waitfds(3): "If size is too small, it fails with
 * CURLM_OUT_OF_MEMORY", and counts on. */
static CURLMcode fake_waitfds(CURLM *multi, struct curl_waitfd *fds,
                              unsigned size, unsigned *count) {
  if (answer(multi))
    return entry_scene.refusal;
  if (!fds && (size || !count))
    return CURLM_BAD_FUNCTION_ARGUMENT;
  for (unsigned i = 0; fds && i < entry_scene.descriptors && i < size; i++)
    fds[i] =
        (struct curl_waitfd){(curl_socket_t)(100 + i), CURL_WAIT_POLLOUT, 0};
  if (count)
    *count = entry_scene.descriptors;
  return fds && entry_scene.descriptors > size ? CURLM_OUT_OF_MEMORY
                                               : CURLM_OK;
}

static CURLMcode fake_get_offt(CURLM *multi, CURLMinfo_offt info,
                               curl_off_t *value) {
  (void)info;
  *value = entry_scene.counted;
  return answer(multi);
}

static CURLMcode fake_setopt(CURLM *multi, CURLMoption option, ...) {
  va_list arguments;
  void *word;

  va_start(arguments, option);
  word = va_arg(arguments, void *);
  va_end(arguments);
  if (!answer(multi))
    options_put(&entry_scene.multi_options, (CURLoption)option, word);
  return entry_scene.refusal;
}

static CURLMcode fake_notify_enable(CURLM *multi, unsigned notification) {
  if (!answer(multi))
    entry_scene.notifications |= 1u << notification;
  return entry_scene.refusal;
}

static CURLMcode fake_notify_disable(CURLM *multi, unsigned notification) {
  if (!answer(multi))
    entry_scene.notifications &= ~(1u << notification);
  return entry_scene.refusal;
}

static void fill(struct library *library) {
  library->easy_init = fake_easy_init;
  library->easy_cleanup = fake_easy_cleanup;
  library->easy_reset = fake_easy_reset;
  library->easy_duphandle = fake_easy_duphandle;
  library->easy_perform = fake_easy_perform;
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
  library->multi_poll = fake_wait;
  library->multi_fdset = fake_fdset;
  library->multi_waitfds = fake_waitfds;
  library->multi_get_offt = fake_get_offt;
  library->multi_setopt = fake_setopt;
  library->multi_notify_enable = fake_notify_enable;
  library->multi_notify_disable = fake_notify_disable;
}

static void *option_of(CURLMoption option) {
  return options_pointer(&entry_scene.multi_options, (CURLoption)option);
}

void libcurl_notifies(unsigned notification, CURL *easy) {
  union {
    void *pointer;
    void (*function)(CURLM *, unsigned, CURL *, void *);
  } on = {option_of(CURLMOPT_NOTIFYFUNCTION)};

  if (on.pointer && entry_scene.notifications & 1u << notification)
    on.function(the_multi(), notification, easy,
                option_of(CURLMOPT_NOTIFYDATA));
}

int libcurl_pushes(void) {
  union {
    void *pointer;
    curl_push_callback function;
  } on = {option_of(CURLMOPT_PUSHFUNCTION)};

  libcurl.options_of_copy = libcurl.options;
  return on.pointer ? on.function(the_easy(), the_copy(), 0, NULL,
                                  option_of(CURLMOPT_PUSHDATA))
                    : CURL_PUSH_DENY;
}

void libcurl_is_done(CURL *curl, CURLcode code) {
  CURLMsg *message = &entry_scene.messages[entry_scene.message_count++];

  assert_true(entry_scene.message_count <= COUNT(entry_scene.messages));
  message->msg = CURLMSG_DONE;
  message->easy_handle = curl;
  message->data.result = code;
}

static void play(const char *status_line, const char *field,
                 const char *text) {
  libcurl_performs();
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_OK);
  assert_true(libcurl_header(status_line) > 0);
  assert_true(libcurl_header(field) > 0);
  assert_true(libcurl_header("") > 0);
  assert_int_equal(libcurl_body(text, strlen(text)), strlen(text));
  entry_scene.running--;
  libcurl_is_done(the_easy(), CURLE_OK);
}

void plays_busy(void) {
  play("HTTP/1.1 503 Busy", "Content-Length: 4", "busy");
}

void plays_fine(void) { play("HTTP/1.1 200 OK", "Content-Length: 4", "fine"); }

void plays_unsized(void) {
  play("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "fine");
}

void plays_nothing(void) {}

/* --- the program -----------------------------------------------------------
 */

static size_t on_write(const char *bytes, size_t size, size_t count,
                       void *unused) {
  (void)unused;
  if (entry_scene.on_write && size * count == 4 && bytes[0] != '\r')
    entry_scene.on_write();
  return size * count;
}

static void set(CURLoption option, void *word) {
  options_put(&entry_scene.options, option, word);
  assert_int_equal(entry_easy_setopt(ENTERED, the_easy(), option, word),
                   CURLE_OK);
}

void program_makes_easy(void) {
  static char url[] = "http://host/path";

  assert_ptr_equal(entry_easy_init(ENTERED), the_easy());
  assert_non_null(table_find(the_easy()));
  set(CURLOPT_URL, url);
  set(CURLOPT_WRITEFUNCTION, (void *)(uintptr_t)on_write);
  set(CURLOPT_HEADERFUNCTION, (void *)(uintptr_t)on_write);
}

void program_makes_multi(void) {
  assert_ptr_equal(entry_multi_init(ENTERED), the_multi());
  assert_non_null(table_find_multi(the_multi()));
}

void program_adds(void) {
  assert_int_equal(entry_multi_add_handle(ENTERED, the_multi(), the_easy()),
                   CURLM_OK);
}

int program_drives(void) {
  int running = -1;

  assert_int_equal(entry_multi_perform(ENTERED, the_multi(), &running),
                   CURLM_OK);
  return running;
}

void program_comes_to_wait(void) {
  entry_scene.plays = plays_busy;
  assert_int_equal(program_drives(), 1);
  entry_scene.plays = plays_nothing;
}

void program_reads(const CURL *curl, CURLcode code) {
  const CURLMsg *message;
  int left;

  message = entry_multi_info_read(ENTERED, the_multi(), &left);
  assert_non_null(message);
  assert_ptr_equal(message->easy_handle, curl);
  assert_int_equal(message->data.result, code);
}

int entry_begin_added(unsigned version) {
  (void)entry_begin(version);
  program_makes_easy();
  program_makes_multi();
  program_adds();
  return 0;
}

/* --- the scene -------------------------------------------------------------
 */

int entry_begin(unsigned version) {
  static const char *const entries[] = {"CURLRETRY_JITTER=none",
                                        "CURLRETRY_LOG=off"};
  char message[POLICY_MESSAGE_SIZE];

  memset(&entry_scene, 0, sizeof entry_scene);
  memset(&budgets, 0, sizeof budgets);
  entry_scene.plays = plays_nothing;
  libcurl_begin(version);
  fill(&libcurl.library);
  if (!policy_parse(&entry_scene.policy, entries, COUNT(entries), message))
    fail_msg("%s", message);
  return 0;
}

/* What the program has left. */
int entry_end(void **unused) {
  (void)unused;
  entry_scene.refusal = entry_scene.addition = entry_scene.removal = CURLM_OK;
  if (table_find_multi(the_multi()))
    (void)entry_multi_cleanup(ENTERED, the_multi());
  entry_easy_cleanup(ENTERED, the_easy());
  return 0;
}

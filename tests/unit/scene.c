#include "scene.h"

#include "engine/meanwhile.h"
#include "engine/options.h"
#include "host/clock.h"
#include "host/config.h"

#define BEGAN_AT 1000000 /* of the scene: a clock doesn't begin with 0 */

struct scene scene;

/* --- what the process gives ------------------------------------------------
 */

static struct budget_table budgets;

int64_t clock_now_ms(void) { return BEGAN_AT + scene.now; }

int64_t clock_about_now_ms(void) { return clock_now_ms(); }

int64_t clock_date_s(void) { return clock_now_ms() / 1000; }

struct budget_table *config_budgets(void) {
  return &budgets;
}

/* --- the program -----------------------------------------------------------
 */

/* What its callbacks are to get as their data. */
static char write_data, header_data, read_data, progress_data, prereq_data;

static void note(char open, const char *bytes, size_t length, char close) {
  struct program *program = &scene.program;
  size_t used = strlen(program->got);
  char text[120];

  if (length < sizeof text)
    snprintf(text, sizeof text, "%.*s", (int)length, bytes);
  else
    snprintf(text, sizeof text, "%zu bytes", length);
  snprintf(program->got + used, sizeof program->got - used, "%c%s%c", open,
           text, close);
}

static size_t take(bool is_header, const char *bytes, size_t length) {
  struct program *program = &scene.program;
  size_t visible = length;
  char event[120] = "";

  while (visible && strchr("\r\n", bytes[visible - 1]))
    visible--;
  if (visible < sizeof event)
    memcpy(event, bytes, visible);
  program->event = event;
  if (program->on_event)
    program->on_event();
  program->event = NULL;
  if (program->refuses && !strcmp(event, program->refuses))
    return 0;
  if (program->pauses_at && !strcmp(event, program->pauses_at))
    return CURL_WRITEFUNC_PAUSE;
  note(is_header ? '<' : '[', bytes, visible, is_header ? '>' : ']');
  return length;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *data) {
  assert_ptr_equal(data, &write_data);
  return take(false, bytes, size * count);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  assert_ptr_equal(data, &header_data);
  return take(true, bytes, size * count);
}

static int on_prerequest(void *data, char *remote, char *local,
                         int remote_port, int local_port) {
  assert_ptr_equal(data, &prereq_data);
  assert_string_equal(remote, "127.0.0.1");
  assert_string_equal(local, "127.0.0.2");
  assert_int_equal(remote_port, 80);
  assert_int_equal(local_port, 50000);
  return scene.program.prerequest_answer;
}

static int on_progress(void *data, curl_off_t download_total,
                       curl_off_t download_now, curl_off_t upload_total,
                       curl_off_t upload_now) {
  struct program *program = &scene.program;
  const curl_off_t values[4] = {download_total, download_now, upload_total,
                                upload_now};

  assert_ptr_equal(data, &progress_data);
  memcpy(program->progress, values, sizeof values);
  program->ticks++;
  return program->progress_answer;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  struct program *program = &scene.program;
  size_t left;

  assert_ptr_equal(data, &read_data);
  if (program->on_event)
    program->on_event();
  if (!program->upload)
    return CURL_READFUNC_ABORT;
  left = strlen(program->upload) - program->uploaded;
  if (size * count < left)
    left = size * count;
  memcpy(buffer, program->upload + program->uploaded, left);
  program->uploaded += left;
  return left;
}

/* As entry_easy_setopt(), without its look-up. */
static void set_word(CURLoption option, void *word) {
  struct call *call = call_of(&scene.handle);
  const union option_value value = {.pointer = word};

  if (call)
    meanwhile_set(call, option);
  options_put(&scene.program.options, option, word);
  if (!call || !options_hold(call, option))
    options_put(&libcurl.options, option, word);
  shadow_set(&scene.handle.shadow, option, &value);
  if (call && options_hold(call, option))
    options_changed(call, option);
}

void set(CURLoption option, ...) {
  va_list arguments;

  va_start(arguments, option);
  set_word(option, va_arg(arguments, void *));
  va_end(arguments);
}

void watch_progress(void) {
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, on_progress);
  set(CURLOPT_XFERINFODATA, &progress_data);
}

void upload(const char *text) {
  scene.program.upload = text;
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, on_read);
  set(CURLOPT_READDATA, &read_data);
}

void guard_requests(int answer) {
  scene.program.prerequest_answer = answer;
  set(CURLOPT_PREREQFUNCTION, on_prerequest);
  set(CURLOPT_PREREQDATA, &prereq_data);
}

int64_t info(CURLINFO id) {
  int64_t number = 0;

  if (!answers_info(&scene.handle.answers, id, &number))
    (void)libcurl.library.easy_getinfo(&libcurl.handle, id, &number);
  return number;
}

const char *info_text(CURLINFO id) { return (const char *)(intptr_t)info(id); }

int tokens(void) {
  return budget_left(&budgets, url_origin(scene.handle.shadow.url),
                     scene.policy.budget, 0);
}

void take_tokens(int count) {
  assert_true(budget_take(&budgets, url_origin(scene.handle.shadow.url), count,
                          scene.policy.budget, 0));
}

/* --- the scene -------------------------------------------------------------
 */

void set_policy(const char *const *settings) {
  char text[16][64], message[POLICY_MESSAGE_SIZE];
  const char *entries[18];
  size_t count = 0;

  for (; settings[count]; count++) {
    assert_true(count < COUNT(text));
    snprintf(text[count], sizeof text[count], "CURLRETRY_%s", settings[count]);
    entries[count] = text[count];
  }
  entries[count++] = "CURLRETRY_JITTER=none"; /* the first of a name counts */
  entries[count++] = "CURLRETRY_LOG=off";
  if (!policy_parse(&scene.policy, entries, count, message))
    fail_msg("%s", message);
}

int scene_begin(void **unused) {
  struct handle *handle = &scene.handle;

  (void)unused;
  memset(&scene, 0, sizeof scene);
  memset(&budgets, 0, sizeof budgets);
  libcurl_begin(0x075801);
  set_policy((const char *const[]){NULL});
  handle->library = &libcurl.library;
  handle->curl = (CURL *)&libcurl.handle;
  shadow_reset(&handle->shadow);
  set(CURLOPT_URL, "http://host/path");
  set(CURLOPT_WRITEFUNCTION, on_write);
  set(CURLOPT_WRITEDATA, &write_data);
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, &header_data);
  set(CURLOPT_ERRORBUFFER, scene.program.error);
  return 0;
}

int scene_end(void **unused) {
  (void)unused;
  call_free(scene.handle.call);
  answers_free(&scene.handle.answers);
  shadow_free(&scene.handle.shadow);
  return 0;
}

void pass_time(int64_t ms) { scene.now += ms; }

void call_begins(void) {
  answers_forget(&scene.handle.answers);
  scene.call = engine_begin(&scene.handle, &scene.policy,
                            scene.is_in_multi ? &scene.siblings : NULL);
  assert_non_null(scene.call);
  libcurl_performs();
}

void request_goes_out(void) {
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_OK);
}

void play_lines(const char *const *lines) {
  for (; *lines; lines++)
    assert_int_equal(libcurl_header(*lines), strlen(*lines) + 2);
}

void body(const char *text) {
  assert_int_equal(libcurl_body(text, strlen(text)), strlen(text));
}

void body_of(size_t length) {
  char *bytes = malloc(length);

  assert_non_null(bytes);
  memset(bytes, '.', length);
  assert_int_equal(libcurl_body(bytes, length), length);
  free(bytes);
}

void transfer_fails(CURLcode code, const char *text) {
  if (libcurl.refused && libcurl.refused != code)
    fail_msg("libcurl would say %d", (int)libcurl.refused);
  if (code)
    snprintf(scene.program.error, sizeof scene.program.error, "%s", text);
  engine_performed(scene.call, code);
}

void transfer_ends(CURLcode code) { transfer_fails(code, "libcurl's text"); }

void busy_attempt(void) {
  request_goes_out();
  response("HTTP/1.1 503 Busy", "Content-Length: 4");
  body("busy");
  transfer_ends(CURLE_OK);
}

void fine_attempt(void) {
  request_goes_out();
  response("HTTP/1.1 200 OK", "Content-Length: 4");
  body("fine");
  transfer_ends(CURLE_OK);
}

/* --- what comes of it ------------------------------------------------------
 */

__attribute__((format(printf, 4, 5))) static void
check(bool is_right, const char *file, int line, const char *text, ...) {
  va_list arguments;

  if (is_right)
    return;
  va_start(arguments, text);
  vprint_error(text, arguments);
  va_end(arguments);
  print_error("\n");
  _fail(file, line);
}

static struct next ask(void) {
  return engine_next(scene.call, clock_now_ms());
}

void check_performs(const char *file, int line) {
  struct next next = ask();

  check(next.step == NEXT_PERFORM, file, line, "next is %d", (int)next.step);
  libcurl_performs();
}

void check_waits(int64_t at, const char *file, int line) {
  struct next next = ask();

  check(next.step == NEXT_WAIT, file, line, "next is %d", (int)next.step);
  check(next.at == BEGAN_AT + at, file, line, "waits until %lld",
        (long long)next.at - BEGAN_AT);
}

void check_retries(int64_t at, const char *file, int line) {
  check_waits(at, file, line);
  scene.now = at;
  check_performs(file, line);
}

void check_given_back(const char *file, int line) {
  CURLoption other =
      options_difference(&libcurl.options, &scene.program.options);

  check(!other, file, line, "option %d is not the program's", (int)other);
}

void check_ends(CURLcode code, const char *file, int line) {
  struct next next = ask();
  CURLcode ended;

  check(next.step == NEXT_END, file, line, "next is %d", (int)next.step);
  scene.reason = scene.call->verdict.reason;
  ended = engine_end(scene.call);
  check(ended == code, file, line, "ends with %d", (int)ended);
  check(!call_of(&scene.handle), file, line, "the call isn't over");
  check_given_back(file, line);
}

void check_got(const char *text, const char *file, int line) {
  bool is_right = !strcmp(scene.program.got, text);

  check(is_right, file, line, "got %s\n not %s", scene.program.got, text);
  scene.program.got[0] = 0;
}

/* test_callback.c - the program's callbacks are called as libcurl would call
 * them: which one, with what, and what it does where there is none. */
#include "exchange_test.h"

#include "program/callback.h"

#include <stdlib.h>

/* What was called last, and with what. */
static struct {
  char callback; /* 0: nothing */
  const char *bytes;
  size_t size, count;
  const void *data;
  double at[4];
  long long numbers[4];
  const char *addresses[2];
  const CURL *handle;
} last;

static size_t answer; /* of all of them */

/* Called, and with these: then forgotten. */
static void assert_called(char callback, const void *data) {
  assert_int_equal(last.callback, callback);
  assert_ptr_equal(last.data, data);
  last.callback = 0;
}

static size_t note(char callback, const char *bytes, size_t size, size_t count,
                   const void *data) {
  last.callback = callback;
  last.bytes = bytes;
  last.size = size;
  last.count = count;
  last.data = data;
  return answer;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *data) {
  return note('w', bytes, size, count, data);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  return note('h', bytes, size, count, data);
}

static size_t on_read(char *bytes, size_t size, size_t count, void *data) {
  return note('r', bytes, size, count, data);
}

/* --- the response ----------------------------------------------------------
 */

static void an_event_goes_to_its_callback(void **state) {
  (void)state;
  static char text[] = "abcdef";
  static char write_data, header_data;
  static const struct {
    enum event_kind kind;
    bool has_header;
    char callback;
    const void *data;
  } rows[] = {{EVENT_BODY, true, 'w', &write_data},
              {EVENT_COPY, true, 'w', &write_data},
              {EVENT_HEADER, true, 'h', &header_data},
              {EVENT_BODY, false, 'w', &write_data},
              {EVENT_HEADER, false, 'w', &header_data}};
  static const size_t answers[] = {6, 0, CURL_WRITEFUNC_PAUSE,
                                   CURL_WRITEFUNC_ERROR};

  for (size_t i = 0; i < COUNT(rows) * COUNT(answers); i++) {
    size_t row = i / COUNT(answers);
    const struct event event = {rows[row].kind, text, 6};
    const struct shadow shadow = {
        .held = {.write = on_write,
                 .write_data = &write_data,
                 .header = rows[row].has_header ? on_header : NULL,
                 .header_data = &header_data}};
    answer = answers[i % COUNT(answers)];
    assert_int_equal(callback_event(&shadow, &event), answer);
    assert_called(rows[row].callback, rows[row].data);
    assert_ptr_equal(last.bytes, text);
    assert_int_equal(last.size, 1);
    assert_int_equal(last.count, 6);
  }
}

/* CURLOPT_HEADERDATA(3). */
static void header_lines_are_wanted_by_either_option(void **state) {
  (void)state;
  static char data;
  static const struct shadow shadows[] = {
      {.held = {.write = on_write, .write_data = &data}},
      {.held = {.header = on_header}},
      {.held = {.header_data = &data}},
      {.held = {.header = on_header, .header_data = &data}}};

  for (size_t i = 0; i < COUNT(shadows); i++)
    assert_int_equal(callback_wants_headers(&shadows[i]), i > 0);
}

/* WRITEFUNCTION NULL: WRITEDATA is a FILE, and so is HEADERDATA. */
static void without_a_callback_a_file_is_written(void **state) {
  (void)state;
  static char text[] = "abcdef";
  char *written = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&written, &size);
  const struct shadow shadow = {
      .held = {.write_data = file, .header_data = file}};
  const struct event body = {EVENT_BODY, text, 4};
  const struct event header = {EVENT_HEADER, text + 4, 2};

  assert_non_null(file);
  assert_int_equal(callback_event(&shadow, &body), 4);
  assert_int_equal(callback_event(&shadow, &header), 2);
  assert_int_equal(fclose(file), 0);
  assert_string_equal(written, "abcdef");
  free(written);
}

static void a_file_that_is_full_refuses(void **state) {
  (void)state;
  static char text[] = "abcdef";
  FILE *file = fopen("/dev/full", "w");
  const struct shadow shadow = {.held = {.write_data = file}};
  const struct event body = {EVENT_BODY, text, 6};

  assert_non_null(file);
  setbuf(file, NULL);
  assert_int_not_equal(callback_event(&shadow, &body), 6);
  assert_int_equal(fclose(file), 0);
}

/* --- the request -----------------------------------------------------------
 */

static void the_reader_is_the_programs_or_libcurls(void **state) {
  (void)state;
  static char data;
  FILE *file = tmpfile();
  const struct {
    curl_read_callback function;
    void *data;
    bool is_file;
  } rows[] = {{on_read, &data, false},
              {NULL, file, true},
              {(curl_read_callback)fread, file, true}};

  assert_non_null(file);
  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct shadow shadow = {
        .held = {.read = rows[i].function, .read_data = rows[i].data}};
    struct reader reader = callback_reader(&shadow);
    assert_ptr_equal(reader.data, rows[i].data);
    assert_ptr_equal(reader.file, rows[i].is_file ? file : NULL);
    assert_true(reader.function ==
                (rows[i].is_file ? (curl_read_callback)fread : on_read));
  }
  assert_int_equal(fclose(file), 0);
}

static void the_reader_reads(void **state) {
  (void)state;
  static char data;
  char buffer[32] = "";
  char text[] = "abcdef";
  struct reader own = {on_read, &data, NULL};
  FILE *file = fmemopen(text, 6, "r");
  const struct shadow shadow = {.held = {.read_data = file}};
  struct reader libcurls = callback_reader(&shadow);

  assert_non_null(file);
  answer = CURL_READFUNC_PAUSE;
  assert_int_equal(callback_read(&own, buffer, 3, 7), CURL_READFUNC_PAUSE);
  assert_called('r', &data);
  assert_ptr_equal(last.bytes, buffer);
  assert_int_equal(last.size, 3);
  assert_int_equal(last.count, 7);
  assert_int_equal(callback_read(&libcurls, buffer, 1, 4), 4);
  assert_string_equal(buffer, "abcd");
  assert_int_equal(callback_read(&libcurls, buffer, 1, 4), 2);
  assert_int_equal(callback_read(&libcurls, buffer, 1, 4), 0);
  assert_int_equal(fclose(file), 0);
}

static int on_seek(void *data, curl_off_t offset, int origin) {
  (void)note('s', NULL, 0, 0, data);
  last.numbers[0] = offset;
  last.numbers[1] = origin;
  return (int)answer;
}

static curlioerr on_ioctl(CURL *handle, int command, void *data) {
  (void)note('i', NULL, 0, 0, data);
  last.numbers[0] = command;
  last.handle = handle;
  return (curlioerr)answer;
}

/* SEEKFUNCTION first, as libcurl asks; IOCTLFUNCTION knows only the start. */
static void the_source_is_rewound_by_seek_or_ioctl(void **state) {
  (void)state;
  static char seek_data, ioctl_data, handle;
  static const struct {
    bool has_seek, has_ioctl;
    curl_off_t offset;
    int origin;
    char callback; /* 0: none */
    int answers, result;
  } rows[] = {
      {true, false, 0, SEEK_SET, 's', CURL_SEEKFUNC_OK, CURL_SEEKFUNC_OK},
      {true, true, 0, SEEK_SET, 's', CURL_SEEKFUNC_OK, CURL_SEEKFUNC_OK},
      {true, true, 9, SEEK_SET, 's', CURL_SEEKFUNC_FAIL, CURL_SEEKFUNC_FAIL},
      {true, true, 9, SEEK_CUR, 's', CURL_SEEKFUNC_CANTSEEK,
       CURL_SEEKFUNC_CANTSEEK},
      {false, true, 0, SEEK_SET, 'i', CURLIOE_OK, CURL_SEEKFUNC_OK},
      {false, true, 0, SEEK_SET, 'i', CURLIOE_UNKNOWNCMD, CURL_SEEKFUNC_FAIL},
      {false, true, 0, SEEK_SET, 'i', CURLIOE_FAILRESTART, CURL_SEEKFUNC_FAIL},
      {false, true, 1, SEEK_SET, 0, CURLIOE_OK, CURL_SEEKFUNC_CANTSEEK},
      {false, true, 0, SEEK_CUR, 0, CURLIOE_OK, CURL_SEEKFUNC_CANTSEEK},
      {false, false, 0, SEEK_SET, 0, 0, CURL_SEEKFUNC_CANTSEEK},
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct shadow shadow = {
        .held = {.seek = rows[i].has_seek ? on_seek : NULL,
                 .seek_data = &seek_data,
                 .ioctl = rows[i].has_ioctl ? on_ioctl : NULL,
                 .ioctl_data = &ioctl_data}};
    answer = (size_t)rows[i].answers;
    last.callback = 0;
    assert_int_equal(callback_has_seek(&shadow),
                     rows[i].has_seek || rows[i].has_ioctl);
    assert_int_equal(
        callback_seek(&shadow, &handle, rows[i].offset, rows[i].origin),
        rows[i].result);
    if (!rows[i].callback) {
      assert_int_equal(last.callback, 0);
    } else if (rows[i].callback == 's') {
      assert_called('s', &seek_data);
      assert_int_equal(last.numbers[0], rows[i].offset);
      assert_int_equal(last.numbers[1], rows[i].origin);
    } else {
      assert_called('i', &ioctl_data);
      assert_int_equal(last.numbers[0], CURLIOCMD_RESTARTREAD);
      assert_ptr_equal(last.handle, &handle);
    }
  }
}

/* --- progress, prerequest --------------------------------------------------
 */

static int on_xferinfo(void *data, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d) {
  const double at[] = {(double)a, (double)b, (double)c, (double)d};

  memcpy(last.at, at, sizeof at);
  return (int)note('x', NULL, 0, 0, data);
}

static int on_progress(void *data, double a, double b, double c, double d) {
  const double at[] = {a, b, c, d};

  memcpy(last.at, at, sizeof at);
  return (int)note('p', NULL, 0, 0, data);
}

static void progress_goes_to_the_newer_callback(void **state) {
  (void)state;
  static char data;
  static const curl_off_t at[] = {1000, 10, INT64_C(5000000000), 50};
  static const struct {
    bool has_xferinfo, has_progress;
    long no_progress;
    char callback; /* 0: none */
  } rows[] = {{true, true, 0, 'x'},  {true, false, 0, 'x'},
              {false, true, 0, 'p'}, {false, false, 0, 0},
              {true, true, 1, 0},    {false, true, 1, 0}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct shadow shadow = {
        .held = {.xferinfo = rows[i].has_xferinfo ? on_xferinfo : NULL,
                 .progress = rows[i].has_progress ? on_progress : NULL,
                 .progress_data = &data,
                 .no_progress = rows[i].no_progress}};
    answer = CURL_PROGRESSFUNC_CONTINUE;
    last.callback = 0;
    assert_int_equal(callback_wants_progress(&shadow), rows[i].callback != 0);
    assert_int_equal(callback_progress(&shadow, at),
                     rows[i].callback ? CURL_PROGRESSFUNC_CONTINUE : 0);
    assert_called(rows[i].callback, rows[i].callback ? &data : last.data);
    for (size_t k = 0; rows[i].callback && k < COUNT(at); k++)
      assert_true(last.at[k] == (double)at[k]);
    answer = 1;
    assert_int_equal(callback_progress(&shadow, at), rows[i].callback ? 1 : 0);
  }
}

static int on_prerequest(void *data, char *remote, char *local,
                         int remote_port, int local_port) {
  last.addresses[0] = remote;
  last.addresses[1] = local;
  last.numbers[0] = remote_port;
  last.numbers[1] = local_port;
  return (int)note('q', NULL, 0, 0, data);
}

static void a_request_is_announced_to_who_asked(void **state) {
  (void)state;
  static char data, remote[] = "192.0.2.1", local[] = "192.0.2.2";
  struct shadow shadow = {.held = {.prereq_data = &data}};

  last.callback = 0;
  assert_int_equal(callback_prerequest(&shadow, remote, local, 80, 40000),
                   CURL_PREREQFUNC_OK);
  assert_int_equal(last.callback, 0);
  shadow.held.prereq = on_prerequest;
  answer = CURL_PREREQFUNC_ABORT;
  assert_int_equal(callback_prerequest(&shadow, remote, local, 80, 40000),
                   CURL_PREREQFUNC_ABORT);
  assert_called('q', &data);
  assert_ptr_equal(last.addresses[0], remote);
  assert_ptr_equal(last.addresses[1], local);
  assert_int_equal(last.numbers[0], 80);
  assert_int_equal(last.numbers[1], 40000);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(an_event_goes_to_its_callback),
      cmocka_unit_test(header_lines_are_wanted_by_either_option),
      cmocka_unit_test(without_a_callback_a_file_is_written),
      cmocka_unit_test(a_file_that_is_full_refuses),
      cmocka_unit_test(the_reader_is_the_programs_or_libcurls),
      cmocka_unit_test(the_reader_reads),
      cmocka_unit_test(the_source_is_rewound_by_seek_or_ioctl),
      cmocka_unit_test(progress_goes_to_the_newer_callback),
      cmocka_unit_test(a_request_is_announced_to_who_asked),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

/* test_answers.c - who answers getinfo: the event that is delivered, the
 * response that was resumed, the outcome that was kept, or libcurl; each for
 * what it knows. */
#include "exchange_test.h"

#include "program/answers.h"

#include <stdio.h>
#include <stdlib.h>

#define SIZE_DELIVERED (CURLINFO)(CURLINFO_OFF_T + 71) /* 8.20.0 */
#define NEWER (CURLINFO)(CURLINFO_LONG + 77)           /* than our headers */

/* --- a libcurl -------------------------------------------------------------
 */

/* Every answer says of which transfer it is. */
static int transfer;
static bool has_long_texts;
static char texts[100][2000];
static char libcurl; /* its handle */

static CURLcode fake_getinfo(CURL *curl, CURLINFO id, ...) {
  int n = id & CURLINFO_MASK, class = id & CURLINFO_TYPEMASK;
  void *answer;
  va_list list;

  assert_ptr_equal(curl, &libcurl);
  va_start(list, id);
  answer = va_arg(list, void *);
  va_end(list);
  if (id == CURLINFO_FTP_ENTRY_PATH)
    fail_msg("a pointer that may dangle was asked for");
  if (n > (class == CURLINFO_LONG ? 30 : 20) && id != CURLINFO_TOTAL_TIME_T &&
      id != SIZE_DELIVERED && id != NEWER && class != CURLINFO_STRING)
    return CURLE_UNKNOWN_OPTION;
  snprintf(texts[n], sizeof *texts, "%d-%d%0*d", transfer, n,
           has_long_texts ? 1900 : 1, 0);
  if (class == CURLINFO_LONG)
    *(long *)answer = transfer * 1000 + n;
  else if (class == CURLINFO_DOUBLE)
    *(double *)answer = transfer * 1000 + n + 0.5;
  else if (class == CURLINFO_OFF_T)
    *(curl_off_t *)answer = ((curl_off_t)transfer << 40) + n;
  else
    *(char **)answer = texts[n];
  return CURLE_OK;
}

static const struct library library = {.easy_getinfo = fake_getinfo};

/* What `library` says of a transfer. */
static struct info *capture(int number) {
  struct info *info = calloc(1, sizeof *info);

  assert_non_null(info);
  transfer = number;
  (void)info_capture(info, &library, &libcurl, NULL);
  memset(texts, '!', sizeof texts); /* they were copied */
  return info;
}

/* --- who answers -----------------------------------------------------------
 */

enum { NOW, FIRST = 1, PAST = 2, VIEW = 3 };

/* Which transfer the answer is of; NOW: libcurl is to be asked. */
static int who(const struct answers *answers, CURLINFO id) {
  int class = id & CURLINFO_TYPEMASK, n = id & CURLINFO_MASK;
  union {
    long number;
    double real;
    curl_off_t offset;
    const char *text;
  } answer = {.offset = -1};

  if (!answers_info(answers, id, &answer)) {
    assert_int_equal(answer.offset, -1); /* it was left alone */
    return NOW;
  }
  if (class == CURLINFO_STRING)
    return answer.text ? answer.text[0] - '0' : -1;
  if (class == CURLINFO_LONG)
    return (int)(answer.number - n) / 1000;
  if (class == CURLINFO_DOUBLE)
    return (int)(answer.real - n) / 1000;
  return (int)(answer.offset >> 40);
}

static const struct info_view views[] = {
    {.status = VIEW * 1000 + (CURLINFO_RESPONSE_CODE & CURLINFO_MASK),
     .has_status = true,
     .url = "3",
     .scheme = "3"},
    {.is_header = false}, /* as now */
};

static const struct {
  CURLINFO id;
  int with_view, resumed, past, resumed_and_past;
} rows[] = {
    /* the view knows the hop */
    {CURLINFO_RESPONSE_CODE, VIEW, FIRST, PAST, FIRST},
    {CURLINFO_EFFECTIVE_URL, VIEW, FIRST, PAST, FIRST},
    {CURLINFO_SCHEME, VIEW, NOW, PAST, PAST},
    /* the first response is what the program sees after a resume */
    {CURLINFO_CONTENT_TYPE, NOW, FIRST, PAST, FIRST},
    {CURLINFO_CONTENT_LENGTH_DOWNLOAD, NOW, FIRST, PAST, FIRST},
    {CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, NOW, FIRST, PAST, FIRST},
    {CURLINFO_HEADER_SIZE, NOW, FIRST, PAST, FIRST},
    {CURLINFO_FILETIME, NOW, FIRST, PAST, FIRST},
    {CURLINFO_FILETIME_T, NOW, FIRST, PAST, FIRST},
    {CURLINFO_REDIRECT_COUNT, NOW, FIRST, PAST, FIRST},
    /* the rest is of the attempt that was delivered */
    {CURLINFO_REDIRECT_URL, NOW, NOW, PAST, PAST},
    {CURLINFO_TOTAL_TIME, NOW, NOW, PAST, PAST},
    {CURLINFO_TOTAL_TIME_T, NOW, NOW, PAST, PAST},
    {CURLINFO_PRIMARY_IP, NOW, NOW, PAST, PAST},
    {CURLINFO_NUM_CONNECTS, NOW, NOW, PAST, PAST},
    {CURLINFO_HTTP_CONNECTCODE, NOW, NOW, PAST, PAST},
    {CURLINFO_SIZE_UPLOAD_T, NOW, NOW, PAST, PAST},
    {CURLINFO_SPEED_DOWNLOAD, NOW, NOW, PAST, PAST},
    {CURLINFO_SPEED_DOWNLOAD_T, NOW, NOW, PAST, PAST},
    {NEWER, NOW, NOW, PAST, PAST},
    /* what isn't an outcome's */
    {CURLINFO_PRIVATE, NOW, NOW, NOW, NOW},
    {CURLINFO_LASTSOCKET, NOW, NOW, NOW, NOW},
    {CURLINFO_ACTIVESOCKET, NOW, NOW, NOW, NOW},
    {CURLINFO_COOKIELIST, NOW, NOW, NOW, NOW},
    {CURLINFO_CERTINFO, NOW, NOW, NOW, NOW},
};

static void each_question_has_its_answerer(void **state) {
  (void)state;
  struct info *first = capture(FIRST), *past = capture(PAST);

  for (size_t i = 0; i < COUNT(rows); i++) {
    const int wanted[] = {rows[i].with_view, rows[i].resumed, rows[i].past,
                          rows[i].resumed_and_past};
    const struct answers answers[] = {
        {.view = &views[0], .first = first},
        {.first = first, .is_resumed = true},
        {.first = first, .past = past},
        {.first = first, .past = past, .is_resumed = true}};
    for (size_t k = 0; k < COUNT(answers); k++)
      if (who(&answers[k], rows[i].id) != wanted[k])
        fail_msg("%x, %zu: %d", rows[i].id, k, who(&answers[k], rows[i].id));
  }
  info_free(first);
  info_free(past);
}

/* An earlier attempt may have been resumed, a later one kept. */
static void the_event_at_hand_comes_before_all(void **state) {
  (void)state;
  struct info *first = capture(FIRST), *past = capture(PAST);
  struct answers answers = {
      .view = &views[0], .first = first, .past = past, .is_resumed = true};

  assert_int_equal(who(&answers, CURLINFO_RESPONSE_CODE), VIEW);
  assert_int_equal(who(&answers, CURLINFO_EFFECTIVE_URL), VIEW);
  assert_int_equal(who(&answers, CURLINFO_SCHEME), VIEW);
  assert_int_equal(who(&answers, CURLINFO_CONTENT_TYPE), FIRST);
  assert_int_equal(who(&answers, CURLINFO_TOTAL_TIME), PAST);
  answers.view = &views[1]; /* it says nothing of its hop */
  assert_int_equal(who(&answers, CURLINFO_RESPONSE_CODE), FIRST);
  assert_int_equal(who(&answers, CURLINFO_EFFECTIVE_URL), FIRST);
  assert_int_equal(who(&answers, CURLINFO_SCHEME), PAST);
  info_free(first);
  info_free(past);
}

static void without_anything_libcurl_is_asked(void **state) {
  (void)state;
  struct info *first = capture(FIRST);
  struct answers answers = {.first = first, .delivered = 7};

  for (size_t i = 0; i < COUNT(rows); i++)
    assert_int_equal(who(&answers, rows[i].id), NOW);
  info_free(first);
}

static void forgotten_answers_are_libcurls_again(void **state) {
  (void)state;
  struct info *past = capture(PAST);
  struct answers answers = {.view = &views[0],
                            .first = capture(FIRST),
                            .past = past,
                            .is_resumed = true};

  answers_forget(&answers);
  assert_int_equal(who(&answers, CURLINFO_RESPONSE_CODE), NOW);
  assert_int_equal(who(&answers, CURLINFO_TOTAL_TIME), NOW);
  assert_null(answers_headers(&answers));
  assert_non_null(answers.first); /* its memory is used again */
  answers.is_resumed = true;
  answers_free(&answers);
  assert_null(answers.first);
  assert_int_equal(who(&answers, CURLINFO_RESPONSE_CODE), NOW);
  info_free(past); /* the attempt's, not the answers' */
}

/* curl_easy_header(): of the response the program saw. */
static void header_fields_are_of_one_response(void **state) {
  (void)state;
  static struct header_copy copy;
  static struct info first = {.headers = {.copies = &copy}};
  static struct info past = {.headers = {.copies = &copy}};
  static struct info none;
  static const struct {
    struct answers answers;
    const struct headers *headers; /* NULL: libcurl's */
  } with[] = {
      {{.first = &first}, NULL},
      {{.first = &first, .is_resumed = true}, &first.headers},
      {{.first = &first, .past = &past}, &past.headers},
      {{.first = &first, .past = &past, .is_resumed = true}, &first.headers},
      {{.first = &none, .past = &past, .is_resumed = true}, NULL},
      {{.past = &none}, NULL},
      {{.view = &views[0]}, NULL},
      {{.is_resumed = true}, NULL},
  };

  for (size_t i = 0; i < COUNT(with); i++)
    assert_ptr_equal(answers_headers(&with[i].answers), with[i].headers);
}

/* --- sizes -----------------------------------------------------------------
 */

static double real_of(const struct answers *answers, CURLINFO id) {
  double answer = -1;

  assert_true(answers_info(answers, id, &answer));
  return answer;
}

static curl_off_t offset_of(const struct answers *answers, CURLINFO id) {
  curl_off_t answer = -1;

  assert_true(answers_info(answers, id, &answer));
  return answer;
}

/* Of all attempts, as one download. */
static void after_a_resume_the_size_is_what_the_program_has(void **state) {
  (void)state;
  struct info *past = capture(PAST);
  struct answers answers = {.first = capture(FIRST),
                            .past = past,
                            .is_resumed = true,
                            .delivered = INT64_C(5000000000)};

  assert_true(real_of(&answers, CURLINFO_SIZE_DOWNLOAD) == 5e9);
  assert_true(offset_of(&answers, CURLINFO_SIZE_DOWNLOAD_T) == 5000000000);
  assert_true(offset_of(&answers, SIZE_DELIVERED) == 5000000000);
  answers.delivered = -1; /* libcurl counts the repetition */
  assert_int_equal(who(&answers, CURLINFO_SIZE_DOWNLOAD), PAST);
  assert_int_equal(who(&answers, CURLINFO_SIZE_DOWNLOAD_T), PAST);
  answers.is_resumed = false;
  assert_int_equal(who(&answers, CURLINFO_SIZE_DOWNLOAD), PAST);
  assert_int_equal(who(&answers, CURLINFO_SIZE_DOWNLOAD_T), PAST);
  assert_int_equal(who(&answers, SIZE_DELIVERED), PAST);
  info_free(past);
  answers_free(&answers);
}

/* libcurl hasn't read a byte of the body when it hands headers over. */
static void while_headers_are_delivered_sizes_are_0(void **state) {
  (void)state;
  static const struct info_view header = {.is_header = true}, body = {0};
  static const struct {
    CURLINFO id;
    bool is_0;
  } sizes[] = {{CURLINFO_SIZE_DOWNLOAD, true},
               {CURLINFO_SIZE_DOWNLOAD_T, true},
               {CURLINFO_SPEED_DOWNLOAD, true},
               {CURLINFO_SPEED_DOWNLOAD_T, true},
               {SIZE_DELIVERED, true},
               {CURLINFO_SIZE_UPLOAD, false},
               {CURLINFO_SIZE_UPLOAD_T, false},
               {CURLINFO_SPEED_UPLOAD, false},
               {CURLINFO_SPEED_UPLOAD_T, false},
               {CURLINFO_RESPONSE_CODE, false},
               {CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, false}};
  struct answers answers = {0};
  union {
    curl_off_t offset;
    double real;
  } answer;

  for (size_t i = 0; i < COUNT(sizes); i++) {
    answer.offset = -1;
    answers.view = &header;
    assert_int_equal(answers_info(&answers, sizes[i].id, &answer),
                     sizes[i].is_0);
    if (sizes[i].is_0) /* as a double, too */
      assert_int_equal(answer.offset, 0);
    answers.view = &body;
    assert_false(answers_info(&answers, sizes[i].id, &answer));
  }
}

/* --- what is captured ------------------------------------------------------
 */

static void texts_of_any_length_are_kept(void **state) {
  (void)state;
  static const CURLINFO kept[] = {
      CURLINFO_EFFECTIVE_URL,   CURLINFO_CONTENT_TYPE, CURLINFO_REDIRECT_URL,
      CURLINFO_PRIMARY_IP,      CURLINFO_SCHEME,       CURLINFO_LOCAL_IP,
      CURLINFO_RTSP_SESSION_ID, CURLINFO_REFERER};
  struct info *info = calloc(1, sizeof *info);
  char wanted[sizeof *texts];
  const char *text;

  for (int i = 0; i < 4; i++) { /* its memory is used again */
    has_long_texts = i % 2;
    transfer = i;
    (void)info_capture(info, &library, &libcurl, NULL);
    for (size_t k = 0; k < COUNT(kept); k++) {
      snprintf(wanted, sizeof wanted, "%d-%d%0*d", i, kept[k] & CURLINFO_MASK,
               i % 2 ? 1900 : 1, 0);
      text = NULL;
      assert_true(info_answer(info, kept[k], &text));
      assert_string_equal(text, wanted);
    }
    assert_false(info_answer(info, CURLINFO_FTP_ENTRY_PATH, &text));
    assert_false(info_answer(info, CURLINFO_PRIVATE, &text));
  }
  has_long_texts = false;
  info_free(info);
  info_free(NULL);
}

/* A captured block may be a later one than the line that was refused. */
static void a_captured_status_may_be_corrected(void **state) {
  (void)state;
  struct info *past = capture(PAST);
  const struct answers answers = {.past = past};
  long status = -1;

  info_set_status(past, 302);
  assert_true(answers_info(&answers, CURLINFO_RESPONSE_CODE, &status));
  assert_int_equal(status, 302);
  assert_int_equal(who(&answers, CURLINFO_HTTP_CONNECTCODE), PAST);
  assert_int_equal(who(&answers, CURLINFO_EFFECTIVE_URL), PAST);
  info_free(past);
}

static void a_capture_replaces_the_one_before(void **state) {
  (void)state;
  struct info *info = capture(1);
  struct answers answers = {.past = info};

  transfer = 2;
  (void)info_capture(info, &library, &libcurl, NULL);
  assert_int_equal(who(&answers, CURLINFO_RESPONSE_CODE), 2);
  assert_int_equal(who(&answers, CURLINFO_TOTAL_TIME), 2);
  assert_int_equal(who(&answers, CURLINFO_SIZE_UPLOAD_T), 2);
  assert_int_equal(who(&answers, CURLINFO_SCHEME), 2);
  info_free(info);
}

static void the_error_text_is_kept_where_there_is_one(void **state) {
  (void)state;
  char buffer[CURL_ERROR_SIZE];
  struct info *info = capture(1);

  assert_string_equal(info->error, "");
  memset(buffer, 'e', sizeof buffer); /* a program may leave it unended */
  (void)info_capture(info, &library, &libcurl, buffer);
  assert_int_equal(strlen(info->error), CURL_ERROR_SIZE - 1);
  (void)info_capture(info, &library, &libcurl, NULL);
  assert_string_equal(info->error, "");
  info_free(info);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(each_question_has_its_answerer),
      cmocka_unit_test(the_event_at_hand_comes_before_all),
      cmocka_unit_test(without_anything_libcurl_is_asked),
      cmocka_unit_test(forgotten_answers_are_libcurls_again),
      cmocka_unit_test(header_fields_are_of_one_response),
      cmocka_unit_test(after_a_resume_the_size_is_what_the_program_has),
      cmocka_unit_test(while_headers_are_delivered_sizes_are_0),
      cmocka_unit_test(texts_of_any_length_are_kept),
      cmocka_unit_test(a_captured_status_may_be_corrected),
      cmocka_unit_test(a_capture_replaces_the_one_before),
      cmocka_unit_test(the_error_text_is_kept_where_there_is_one),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

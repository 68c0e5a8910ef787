/* test_headers.c - header fields that were kept answer as libcurl's own would
 * (lib/headers.c, curl_easy_header(3), curl_easy_nextheader(3)). */
#include "exchange_test.h"

#include "libcurl/headers.h"

#include <unistd.h>

#include <stdarg.h>
#include <strings.h>

#define ANY                                                                   \
  (CURLH_HEADER | CURLH_TRAILER | CURLH_CONNECT | CURLH_1XX | CURLH_PSEUDO)

/* --- a libcurl after two requests ------------------------------------------
 */

static struct field {
  char name[16], value[16];
  unsigned origin;
  int request;
} fields[] = {
    {"Via", "0", CURLH_CONNECT, 0},       {"Location", "1", CURLH_HEADER, 0},
    {"Set-Cookie", "2", CURLH_HEADER, 0}, {"Link", "3", CURLH_1XX, 1},
    {":status", "4", CURLH_PSEUDO, 1},    {"Set-Cookie", "5", CURLH_HEADER, 1},
    {"Date", "6", CURLH_HEADER, 1},       {"set-cookie", "7", CURLH_HEADER, 1},
    {"Set-Cookie", "8", CURLH_HEADER, 1}, {"Date", "9", CURLH_TRAILER, 1}};

static size_t field_count = COUNT(fields);

static struct curl_header *fake_nextheader(CURL *curl, unsigned origin,
                                           int request,
                                           struct curl_header *previous) {
  static struct curl_header answer;
  struct field *field = fields;

  assert_null(curl);
  if (previous)
    field = (struct field *)previous->anchor + 1;
  for (; field < fields + field_count; field++)
    if (field->request == request && (field->origin & origin)) {
      answer = (struct curl_header){.name = field->name,
                                    .value = field->value,
                                    .origin = field->origin,
                                    .anchor = field};
      return &answer;
    }
  return NULL;
}

static const struct library library = {.easy_nextheader = fake_nextheader};

static int setup(void **state) {
  static struct headers headers;

  field_count = COUNT(fields);
  assert_true(headers_capture(&headers, &library, NULL));
  *state = &headers;
  for (size_t i = 0; i < COUNT(fields); i++)
    fields[i].name[0] = fields[i].value[0] = 0; /* they were copied */
  return 0;
}

static int teardown(void **state) {
  static const char first[] = "VLSL:SDsSD";

  headers_free(*state);
  for (size_t i = 0; i < COUNT(fields); i++) {
    fields[i].name[0] = first[i];
    fields[i].value[0] = (char)('0' + i);
  }
  return 0;
}

/* --- by name ---------------------------------------------------------------
 */

static void a_field_is_found_as_libcurl_finds_it(void **state) {
  struct headers *headers = *state;
  static const struct {
    const char *name;
    size_t index;
    unsigned origin;
    int request;
    int result;
    const char *value;
    size_t amount;
  } rows[] = {
      {"Date", 0, CURLH_HEADER, -1, CURLHE_OK, "6", 1},
      {"dATE", 0, CURLH_HEADER, 1, CURLHE_OK, "6", 1},
      {"Date", 0, CURLH_TRAILER, -1, CURLHE_OK, "9", 1},
      {"Date", 0, ANY, -1, CURLHE_OK, "6", 2},
      {"Date", 1, ANY, -1, CURLHE_OK, "9", 2},
      {"Set-Cookie", 0, CURLH_HEADER, -1, CURLHE_OK, "5", 3},
      {"Set-Cookie", 1, CURLH_HEADER, -1, CURLHE_OK, "7", 3},
      {"Set-Cookie", 2, CURLH_HEADER, -1, CURLHE_OK, "8", 3},
      {"Set-Cookie", 3, CURLH_HEADER, -1, CURLHE_BADINDEX, NULL, 0},
      {"Set-Cookie", 0, CURLH_HEADER, 0, CURLHE_OK, "2", 1},
      {"Set-Cookie", 1, CURLH_HEADER, 0, CURLHE_BADINDEX, NULL, 0},
      {"Via", 0, CURLH_CONNECT, 0, CURLHE_OK, "0", 1},
      {"Via", 0, CURLH_HEADER, 0, CURLHE_MISSING, NULL, 0},
      {"Via", 0, CURLH_CONNECT, -1, CURLHE_MISSING, NULL, 0},
      {":status", 0, CURLH_PSEUDO, 1, CURLHE_OK, "4", 1},
      {"Location", 0, CURLH_HEADER, -1, CURLHE_MISSING, NULL, 0},
      {"Dat", 0, ANY, -1, CURLHE_MISSING, NULL, 0},
      {"Date", 0, ANY, 2, CURLHE_NOREQUEST, NULL, 0},
      {"Date", 0, ANY, -2, CURLHE_BAD_ARGUMENT, NULL, 0},
      {"Date", 0, 0, -1, CURLHE_BAD_ARGUMENT, NULL, 0},
      {"Date", 0, ANY + 1, -1, CURLHE_BAD_ARGUMENT, NULL, 0},
      {NULL, 0, ANY, -1, CURLHE_BAD_ARGUMENT, NULL, 0},
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    struct curl_header *found = NULL;
    int result = headers_find(headers, rows[i].name, rows[i].index,
                              rows[i].origin, rows[i].request, &found);
    if (result != rows[i].result)
      fail_msg("%zu: %d", i, result);
    if (!rows[i].value) {
      assert_null(found);
      continue;
    }
    assert_string_equal(found->value, rows[i].value);
    assert_int_equal(strcasecmp(found->name, rows[i].name), 0);
    assert_int_equal(found->amount, rows[i].amount);
    assert_int_equal(found->index, rows[i].index);
    assert_true(found->origin & rows[i].origin);
  }
  assert_int_equal(headers_find(headers, "Date", 0, ANY, -1, NULL),
                   CURLHE_BAD_ARGUMENT);
}

/* --- one after the other ---------------------------------------------------
 */

static void fields_come_in_their_order(void **state) {
  struct headers *headers = *state;
  static const struct {
    unsigned origin;
    int request;
    const char *values;
  } rows[] = {{ANY, -1, "3456789"},
              {ANY, 1, "3456789"},
              {ANY, 0, "012"},
              {CURLH_HEADER, -1, "5678"},
              {CURLH_CONNECT, 0, "0"},
              {CURLH_CONNECT, 1, ""},
              {ANY, 2, ""}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    struct curl_header *header = NULL;
    for (size_t k = 0; k <= strlen(rows[i].values); k++) {
      header = headers_next(headers, rows[i].origin, rows[i].request, header);
      if (!rows[i].values[k])
        assert_null(header);
      else
        assert_int_equal(header->value[0], rows[i].values[k]);
    }
  }
}

/* As programs do that print all and look one up for each. */
static void a_field_may_be_asked_for_on_the_way(void **state) {
  struct headers *headers = *state;
  struct curl_header *header = NULL, *found;
  char values[16] = "";
  size_t count = 0;

  while ((header = headers_next(headers, ANY, -1, header)) != NULL) {
    assert_true(count < 7);
    values[count++] = header->value[0];
    assert_int_equal(headers_find(headers, "Date", 0, ANY, -1, &found),
                     CURLHE_OK);
    assert_int_equal(found->value[0], '6');
  }
  assert_string_equal(values, "3456789");
}

/* --- many ------------------------------------------------------------------
 */

static unsigned walks; /* through all that libcurl has */

static struct curl_header *bomb_nextheader(CURL *curl, unsigned origin,
                                           int request,
                                           struct curl_header *previous) {
  static struct curl_header answer = {
      .name = "A", .value = "", .origin = CURLH_HEADER};

  (void)curl, (void)origin, (void)previous;
  walks++;
  if (walks > 10)
    usleep(1000);
  return request == 0 && walks < 100000 ? &answer : NULL;
}

/* Each field costs libcurl a walk. */
static void a_bomb_of_fields_is_not_copied_whole(void **state) {
  static const struct library bomb = {.easy_nextheader = bomb_nextheader};
  struct headers headers = {0};

  (void)state;
  walks = 0;
  assert_true(headers_capture(&headers, &bomb, NULL));
  assert_in_range(walks, 64, 1000);
  assert_int_equal(headers.requests, 1);
  assert_non_null(headers_next(&headers, ANY, -1, NULL));
  headers_free(&headers);
}

/* A redirect's fields aren't copied: it is asked how many requests there
 * were. */
static void a_pin_costs_little_and_knows_the_last_request(void **state) {
  struct headers headers = {0};

  (void)state;
  assert_int_equal(headers_pin(&headers, &library, NULL, 0), 2);
  assert_int_equal(headers_pin(&headers, &library, NULL, 2), 2);
  assert_true(headers.is_live);
  assert_null(headers.copies);
  assert_int_equal(headers_request(&headers, -1), 1);
  assert_int_equal(headers_request(&headers, 0), 0);
  headers_free(&headers);
  assert_false(headers.is_live);
}

/* --- nothing ---------------------------------------------------------------
 */

static void an_outcome_without_fields_has_none(void **state) {
  struct headers headers = {0};
  struct curl_header *found;

  (void)state;
  field_count = 0;
  assert_true(headers_capture(&headers, &library, NULL));
  assert_non_null(headers.copies); /* it isn't libcurl's to answer */
  assert_int_equal(headers_find(&headers, "Date", 0, ANY, -1, &found),
                   CURLHE_NOHEADERS);
  assert_null(headers_next(&headers, ANY, -1, NULL));
  headers_free(&headers);
  assert_null(headers_next(&headers, ANY, -1, NULL));
}

static void a_libcurl_without_these_functions_has_none(void **state) {
  static const struct library old = {.version = 0x074a00};
  struct headers *headers = *state;

  assert_false(headers_capture(headers, &old, NULL));
  assert_null(headers->copies);
  assert_int_equal(headers->count, 0);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test_setup_teardown(a_field_is_found_as_libcurl_finds_it,
                                      setup, teardown),
      cmocka_unit_test_setup_teardown(fields_come_in_their_order, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(a_field_may_be_asked_for_on_the_way,
                                      setup, teardown),
      cmocka_unit_test(a_bomb_of_fields_is_not_copied_whole),
      cmocka_unit_test(a_pin_costs_little_and_knows_the_last_request),
      cmocka_unit_test(an_outcome_without_fields_has_none),
      cmocka_unit_test_setup_teardown(
          a_libcurl_without_these_functions_has_none, setup, teardown),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

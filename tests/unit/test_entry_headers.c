/* test_entry_headers.c - curl_easy_header() and curl_easy_nextheader() of an
 * answer that was kept: the attempt after it came to nothing, and libcurl has
 * that one's headers. */
#include "entry_scene.h"

static struct curl_header fields[2]; /* what libcurl has now */
static size_t field_count;

static void libcurl_has(const char *name, const char *value) {
  assert_true(field_count < COUNT(fields));
  fields[field_count] = (struct curl_header){.name = (char *)(uintptr_t)name,
                                             .value = (char *)(uintptr_t)value,
                                             .amount = 1,
                                             .origin = CURLH_HEADER};
  field_count++;
}

static int asked_for; /* the request, last */

static struct curl_header *fake_next(CURL *curl, unsigned origin, int request,
                                     struct curl_header *previous) {
  size_t next = previous ? (size_t)(previous - fields) + 1 : 0;

  assert_ptr_equal(curl, the_easy());
  asked_for = request;
  return (origin & CURLH_HEADER) && request <= 0 && next < field_count
             ? &fields[next]
             : NULL;
}

static CURLHcode fake_header(CURL *curl, const char *name, size_t index,
                             unsigned origin, int request,
                             struct curl_header **found) {
  assert_ptr_equal(curl, the_easy());
  assert_int_equal(index, 0);
  *found = NULL;
  while ((*found = fake_next(curl, origin, request, *found)))
    if (!strcmp((*found)->name, name))
      return CURLHE_OK;
  return CURLHE_MISSING;
}

static int begin(void **unused) {
  (void)unused;
  (void)entry_begin(0x075801);
  libcurl.library.easy_header = fake_header;
  libcurl.library.easy_nextheader = fake_next;
  field_count = 0;
  program_makes_easy();
  program_makes_multi();
  program_adds();
  return 0;
}

static void plays_a_request(void) {
  field_count = 0;
  libcurl_performs();
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_OK);
}

/* A 503 comes, and the next attempt hangs until MAX_TIME is over. */
static void an_answer_is_kept(void) {
  libcurl_has("A", "1");
  libcurl_has("B", "2");
  entry_scene.plays = plays_busy;
  assert_int_equal(program_drives(), 1);
  entry_scene.plays = plays_a_request;
  entry_scene.now += 1000;
  assert_int_equal(program_drives(), 1);
  entry_scene.now += 200000;
  assert_int_not_equal(libcurl_progress(0, 0), 0);
  libcurl_is_done(the_easy(), CURLE_ABORTED_BY_CALLBACK);
  entry_scene.plays = plays_nothing;
  entry_scene.running = 0;
  assert_int_equal(program_drives(), 0);
}

static CURLHcode find(const char *name, struct curl_header **found) {
  return entry_easy_header(ENTERED, the_easy(), name, 0, CURLH_HEADER, -1,
                           found);
}

static struct curl_header *next(struct curl_header *previous) {
  return entry_easy_nextheader(ENTERED, the_easy(), CURLH_HEADER, -1,
                               previous);
}

static void its_fields_are_found(void **unused) {
  struct curl_header *found = NULL;
  long status = 0;

  (void)unused;
  an_answer_is_kept();
  program_reads(the_easy(), CURLE_OK);
  assert_int_equal(
      entry_easy_getinfo(ENTERED, the_easy(), CURLINFO_RESPONSE_CODE, &status),
      CURLE_OK);
  assert_int_equal(status, 503);
  assert_int_equal(find("B", &found), CURLHE_OK);
  assert_string_equal(found->value, "2");
  assert_int_equal(find("C", &found), CURLHE_MISSING);
}

static void they_come_one_by_one(void **unused) {
  struct curl_header *field;

  (void)unused;
  an_answer_is_kept();
  field = next(NULL);
  assert_non_null(field);
  assert_string_equal(field->name, "A");
  field = next(field);
  assert_non_null(field);
  assert_string_equal(field->name, "B");
  assert_null(next(field));
}

/* As the last answer's, which they are then. */
static void after_the_next_transfer_they_are_libcurls(void **unused) {
  struct curl_header *found = NULL;

  (void)unused;
  an_answer_is_kept();
  assert_int_equal(entry_multi_remove_handle(ENTERED, the_multi(), the_easy()),
                   CURLM_OK);
  program_adds();
  libcurl_has("C", "3");
  entry_scene.plays = plays_fine;
  assert_int_equal(program_drives(), 0);
  assert_int_equal(find("C", &found), CURLHE_OK);
  assert_int_equal(find("B", &found), CURLHE_MISSING);
  assert_string_equal(next(NULL)->name, "C");
}

static size_t header_calls;

/* -1 is the last request: that of the header line. */
static size_t ask_in_callback(const char *bytes, size_t size, size_t count,
                              void *unused_data) {
  struct curl_header *found;

  (void)bytes, (void)unused_data;
  header_calls++;
  assert_non_null(next(NULL));
  assert_int_equal(asked_for, 0);
  assert_int_equal(find("A", &found), CURLHE_OK);
  assert_int_equal(asked_for, 0);
  return size * count;
}

/* libcurl is about to send the next request, and knows of it. */
static void plays_a_redirect(void) {
  plays_a_request();
  libcurl_has("A", "1");
  assert_true(libcurl_header("HTTP/1.1 302 Moved") > 0);
  assert_true(libcurl_header("Location: /there") > 0);
  assert_true(libcurl_header("") > 0);
  assert_int_equal(header_calls, 0);
  assert_int_equal(libcurl_prerequest(), CURL_PREREQFUNC_OK);
  assert_int_equal(header_calls, 3);
}

static void in_a_callback_for_the_way_they_are_the_ways(void **unused) {
  (void)unused;
  header_calls = 0;
  assert_int_equal(entry_easy_setopt(ENTERED, the_easy(),
                                     CURLOPT_FOLLOWLOCATION, (void *)1L),
                   CURLE_OK);
  assert_int_equal(entry_easy_setopt(ENTERED, the_easy(),
                                     CURLOPT_HEADERFUNCTION,
                                     (void *)(uintptr_t)ask_in_callback),
                   CURLE_OK);
  entry_scene.plays = plays_a_redirect;
  assert_int_equal(program_drives(), 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, entry_end)

int main(void) {
  static const struct CMUnitTest all[] = {
      TEST(its_fields_are_found),
      TEST(they_come_one_by_one),
      TEST(in_a_callback_for_the_way_they_are_the_ways),
      TEST(after_the_next_transfer_they_are_libcurls),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

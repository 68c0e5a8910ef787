/* test_url_disguise.c - https URLs that libcurl is to ask for without TLS. */
#include "unit_test.h"

#include "text/url.h"

static void an_https_url_goes_in_disguise_and_comes_back(void **unused) {
  static const char *const rows[][3] = {
      {"https://h", "http://h.invalid", "https://h"},
      {"  HTTPS://h:8443/p?q#f", "http://h.invalid:8443/p?q#f",
       "https://h:8443/p?q#f"},
      {"https://u:p@h.test/", "http://u:p@h.test.invalid/",
       "https://u:p@h.test/"},
      {"https://h./x", "http://h.trailing-dot.invalid/x", "https://h./x"},
      {"https://127.0.0.1:1/", "http://127.0.0.1.invalid:1/",
       "https://127.0.0.1:1/"},
      {"https://[::1]:2/x", "http://[::1]:2/x", "https://[::1]:2/x"},
      {"h/x", "http://h.invalid/x", "https://h/x"},
      {"https://h.invalid/", "http://h.invalid.invalid/",
       "https://h.invalid/"},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *disguise = url_disguise(rows[i][0]);
    char *back = url_undisguise(rows[i][1]);
    assert_string_equal(disguise, rows[i][1]);
    assert_string_equal(back, rows[i][2]);
    free(disguise);
    free(back);
  }
  assert_true(url_is_https("https://h/"));
  assert_true(url_is_https(" HttpS://h/"));
  assert_false(url_is_https("http://h/"));
  assert_false(url_is_https("https.h/"));
  assert_false(url_is_https("https:8080"));
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_https_url_goes_in_disguise_and_comes_back),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_places.c - where libcurl finds what the program didn't name: a proxy, a
 * .netrc. */
#define _GNU_SOURCE
#include "unit_test.h"

#include "program/files.h"
#include "program/proxy.h"

#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                                    "HTTPS_PROXY", "all_proxy",  "ALL_PROXY",
                                    "NETRC",       "HOME"};

static int begin(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT(names); i++)
    unsetenv(names[i]);
  return 0;
}

/* --- a proxy ---------------------------------------------------------------
 */

static void set(struct shadow *shadow, CURLoption option, void *word) {
  const union option_value value = {.pointer = word};

  shadow_set(shadow, option, &value);
}

/* What the program has set of proxies. */
struct proxies {
  const char *front, *own;
  long port, type;
};

static void check(struct proxies proxies, const char *url, bool is_front,
                  const char *expected) {
  struct shadow shadow;
  char text[256];

  memset(&shadow, 0, sizeof shadow);
  shadow_reset(&shadow);
  if (proxies.front)
    set(&shadow, CURLOPT_PRE_PROXY, (void *)(uintptr_t)proxies.front);
  if (proxies.own)
    set(&shadow, CURLOPT_PROXY, (void *)(uintptr_t)proxies.own);
  set(&shadow, CURLOPT_PROXYPORT, (void *)proxies.port);
  set(&shadow, CURLOPT_PROXYTYPE, (void *)proxies.type);
  proxy_name(&shadow, url, is_front, text, sizeof text);
  assert_string_equal(text, expected);
  shadow_free(&shadow);
}

static void check_proxy(const char *own, long port, const char *url,
                        const char *expected) {
  check((struct proxies){.own = own, .port = port}, url, true, expected);
}

static void a_proxy_has_a_port(void **unused) {
  (void)unused;
  check_proxy("http://p.test:3128", 0, "http://h/", "p.test:3128");
  check_proxy("p.test", 8080, "http://h/", "p.test:8080");
  check_proxy("p.test:3128", 8080, "http://h/", "p.test:3128");
  check_proxy("p.test", 0, "http://h/", "p.test:1080");
  check_proxy("https://p.test", 0, "http://h/", "p.test:443");
  check_proxy("https://p.test", 8080, "http://h/", "p.test:8080");
}

static void check_type(const char *own, long type, const char *expected) {
  check((struct proxies){.own = own, .type = type}, "http://h/", true,
        expected);
}

/* Where the proxy has no scheme, PROXYTYPE says what it is. */
static void a_proxy_of_a_type_has_its_port(void **unused) {
  (void)unused;
  check_type("p.test", CURLPROXY_HTTP, "p.test:1080");
  check_type("p.test", CURLPROXY_HTTPS, "p.test:443");
  check_type("p.test", 3 /* CURLPROXY_HTTPS2, of 8.1 */, "p.test:443");
  check_type("p.test", CURLPROXY_SOCKS4, "p.test:1080");
  check_type("p.test:99", CURLPROXY_HTTPS, "p.test:99");
  check_type("HTTPS://p.test", CURLPROXY_HTTP, "p.test:443");
  check_type("http://p.test", CURLPROXY_HTTPS, "p.test:1080");
}

static void check_two(const char *front, const char *own, bool is_front,
                      const char *expected) {
  check((struct proxies){.front = front, .own = own}, "http://h/", is_front,
        expected);
}

/* The environment is not for who has PRE_PROXY. */
static void of_two_one_is_in_front(void **unused) {
  (void)unused;
  setenv("http_proxy", "env.test:1", 1);
  check_two("socks5://f.test", "p.test:3128", true, "f.test:1080");
  check_two("socks5://f.test", "p.test:3128", false, "p.test:3128");
  check_two("socks5://f.test", NULL, true, "f.test:1080");
  check_two("socks5://f.test", NULL, false, "f.test:1080");
  check_two("socks5://f.test", "", false, "f.test:1080");
  check_two("socks5://f.test", "socks5h://p.test", false, "f.test:1080");
  check_two("", "p.test:3128", true, "p.test:3128");
  check_two("", NULL, true, "env.test:1");
  unsetenv("http_proxy");
}

static void the_environment_names_one(void **unused) {
  (void)unused;
  check_proxy(NULL, 0, "http://h/", "");
  setenv("HTTP_PROXY", "cgi:1", 1); /* a CGI program's client says so */
  check_proxy(NULL, 0, "http://h/", "");
  setenv("ALL_PROXY", "all:1", 1);
  check_proxy(NULL, 0, "http://h/", "all:1");
  setenv("all_proxy", "lower:1", 1);
  check_proxy(NULL, 0, "h", "lower:1");
  setenv("HTTPS_PROXY", "tls:1", 1);
  check_proxy(NULL, 0, "HTTPS://h/", "tls:1");
  check_proxy(NULL, 0, "ftp://h/", "lower:1");
  setenv("http_proxy", "plain:1", 1);
  check_proxy(NULL, 0, "h", "plain:1");
  check_proxy("", 0, "http://h/", ""); /* none, the program says */
}

/* --- a .netrc --------------------------------------------------------------
 */

static bool is_spent(void) {
  struct files files = {.uses_netrc = true};

  return files_are_spent(&files, false);
}

/* From a pipe it is read once (CURLOPT_NETRC(3)). */
static void a_netrc_that_is_no_file_is_spent(void **unused) {
  char folder[] = "/tmp/test_places.XXXXXX", path[64];

  (void)unused;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/.netrc", folder);
  setenv("HOME", folder, 1);
  assert_false(is_spent()); /* there is none */
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_true(is_spent());
  setenv("HOME", "/nowhere", 1);
  assert_false(is_spent());
  setenv("NETRC", path, 1);
  assert_true(is_spent());
  setenv("NETRC", "/dev/null", 1);
  assert_false(is_spent());
  unlink(path);
  rmdir(folder);
}

static void no_home_and_a_long_one_have_none(void **unused) {
  char home[5000];

  (void)unused;
  assert_false(is_spent());
  setenv("HOME", "", 1);
  assert_false(is_spent());
  memset(home, '/', sizeof home - 1);
  home[sizeof home - 1] = 0;
  setenv("HOME", home, 1);
  assert_false(is_spent());
}

/* What couldn't be remembered may be anything. */
static void files_that_are_not_known_are_spent(void **unused) {
  struct files files = {.is_incomplete = true};

  (void)unused;
  assert_true(files_are_spent(&files, false));
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test_setup(a_proxy_has_a_port, begin),
      cmocka_unit_test_setup(a_proxy_of_a_type_has_its_port, begin),
      cmocka_unit_test_setup(of_two_one_is_in_front, begin),
      cmocka_unit_test_setup(the_environment_names_one, begin),
      cmocka_unit_test_setup(a_netrc_that_is_no_file_is_spent, begin),
      cmocka_unit_test_setup(no_home_and_a_long_one_have_none, begin),
      cmocka_unit_test_setup(files_that_are_not_known_are_spent, begin),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

/* test_url.c - schemes named and guessed, hosts, origins, and URLs fit for a
 * log. */
#include "unit_test.h"

#include "text/url.h"

static char *text_copy(const char *text) {
  return copy_of(text, strlen(text) + 1);
}

struct scheme_row {
  const char *url;
  enum url_scheme scheme;
};

static void check_schemes(const struct scheme_row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char *url = text_copy(rows[i].url);
    if (url_scheme(url) != rows[i].scheme)
      fail_msg("\"%s\" is %d", url, (int)url_scheme(url));
    free(url);
  }
}

static void a_named_scheme_is_known(void **unused) {
  static const struct scheme_row rows[] = {
      {"http://h/", URL_HTTP},        {"https://h/", URL_HTTP},
      {"HTTPS://h/", URL_HTTP},       {"hTtP://h", URL_HTTP},
      {"http:/h", URL_HTTP},          {"  http://h/", URL_HTTP},
      {"ftp://h/", URL_FTP},          {"ftps://h/", URL_FTP},
      {"FTP://h/", URL_FTP},          {" ftp://h/", URL_FTP},
      {"ftp:/h/", URL_FTP},           {"sftp://h/", URL_SFTP},
      {"SFTP://h/", URL_SFTP},        {"scp://h/", URL_OTHER},
      {"ws://h/", URL_OTHER},         {"httpx://h/", URL_OTHER},
      {"httpsx://h/", URL_OTHER},     {"ftpx://h/", URL_OTHER},
      {"sftpx://h/", URL_OTHER},      {"file:///etc/hosts", URL_OTHER},
      {"file:/etc/hosts", URL_OTHER}, {"file:etc", URL_OTHER},
      {"FILE:etc", URL_OTHER},        {"a+b-c.9://h/", URL_OTHER},
  };

  (void)unused;
  check_schemes(rows, COUNT(rows));
}

static void a_missing_scheme_is_guessed_by_the_host(void **unused) {
  static const struct scheme_row rows[] = {
      {"example.com/", URL_HTTP},
      {"", URL_HTTP},
      {"h", URL_HTTP},
      {"http", URL_HTTP},
      {"https", URL_HTTP},
      {"httpbin.org/get", URL_HTTP},
      {"file.example.com", URL_HTTP},
      {"ftp.example.com", URL_FTP},
      {"FTP.Example.com:21/x", URL_FTP},
      {" ftp.example.com", URL_FTP},
      {"ftp.", URL_FTP},
      {"ftp", URL_HTTP},
      {"ftpx.example.com", URL_HTTP},
      {"sftp.example.com", URL_HTTP},
      {"my.ftp.example.com", URL_HTTP},
      {"dict.org", URL_OTHER},
      {"ldap.example.com", URL_OTHER},
      {"imap.example.com", URL_OTHER},
      {"smtp.example.com", URL_OTHER},
      {"pop3.example.com", URL_OTHER},
      {"POP3.example.com", URL_OTHER},
      {"pop.example.com", URL_HTTP},
      /* a colon that belongs to a port or a password */
      {"host:80", URL_HTTP},
      {"host:80/x", URL_HTTP},
      {"ftp:80", URL_HTTP},
      {"ftp.example.com:80", URL_FTP},
      {"user:word@h/", URL_HTTP},
      {"9p://h/", URL_HTTP},
      {"://h/", URL_HTTP},
      {"//h/", URL_HTTP},
      {"h/?u=ftp://x/", URL_HTTP},
  };

  (void)unused;
  check_schemes(rows, COUNT(rows));
}

static void a_scheme_has_a_colon_and_a_slash(void **unused) {
  static const struct {
    const char *url;
    bool has;
  } rows[] = {
      {"http://h", true},  {"HTTP:/h", true},
      {"x://h", true},     {"a+b-c.9://h", true},
      {"file:///x", true}, {"file:x", false},
      {"h", false},        {"", false},
      {"host:80", false},  {"h:80/", false},
      {"://h", false},     {"9p://h", false},
      {"+x://h", false},   {"a_b://h", false},
      {"h/x://y", false},  {"user:word@h/", false},
      {" http://h", true}, {" h/x://y", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *url = text_copy(rows[i].url);
    if (url_has_scheme(url) != rows[i].has)
      fail_msg("\"%s\"", url);
    free(url);
  }
}

/* CURLOPT_DEFAULT_PROTOCOL. */
static void protocols_are_known_by_name(void **unused) {
  static const struct {
    const char *name;
    enum url_scheme scheme;
  } rows[] = {
      {"http", URL_HTTP},
      {"HTTPS", URL_HTTP},
      {"ftp", URL_FTP},
      {"ftps", URL_FTP},
      {"sftp", URL_SFTP},
      {"scp", URL_OTHER},
      {"file", URL_OTHER},
      {"gophers", URL_OTHER},
      {"httpx", URL_OTHER},
      {"abcdefghijkl", URL_OTHER},
      {"abcdefghijklm", URL_OTHER},
      {"http56789abcdefghijkl", URL_OTHER},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *name = text_copy(rows[i].name);
    if (url_protocol(name) != rows[i].scheme)
      fail_msg("\"%s\"", name);
    free(name);
  }
}

static void the_host_is_what_is_connected_to(void **unused) {
  static const struct {
    const char *url;
    const char *host;
  } rows[] = {
      {"http://example.com/x", "example.com"},
      {"http://Example.COM", "example.com"},
      {"http://AZ-az", "az-az"},
      {"http:///example.com", "example.com"},
      {"http://h:8080/x", "h"},
      {"http://h?a:b@c", "h"},
      {"http://h#a@b", "h"},
      {"http://h/a@b", "h"},
      {"http://user@h/", "h"},
      {"http://user:word@h:1/", "h"},
      {"http://user:p@ss@h/", "h"},
      {"http://[::1]/", "::1"},
      {"http://[2001:DB8::1]:80/x]", "2001:db8::1"},
      {"http://u:w@[::1]:80", "::1"},
      {"http://[u]:w@h:80/", "h"},
      {"  http://user:word@h/", "h"},
      {" h:80/x", "h"},
      {"h", "h"},
      {"h:80/x", "h"},
      {"user:word@h:80/x", "h"},
      {"", ""},
      {"http://", ""},
      {"http://:80/", ""},
      {"http://u@/", ""},
      {"file:///etc/hosts", "etc"},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *url = text_copy(rows[i].url);
    char host[64];
    url_host(url, host, sizeof host);
    assert_string_equal(host, rows[i].host);
    free(url);
  }
}

static void the_port_is_what_is_connected_to(void **unused) {
  static const struct {
    const char *url;
    const char *port;
  } rows[] = {
      {"http://h/", "80"},
      {"HTTP://h:8080/x:1", "8080"},
      {"https://h?a:1", "443"},
      {"https://h:80", "80"},
      {"https://user:9@h/", "443"},
      {"http://user:9@h:7/", "7"},
      {"http://[::1]/", "80"},
      {"http://[::1]:81/", "81"},
      {"http://h:/", "80"},
      {"http://h:0081/", "81"},
      {"http://h:1234567/", "12345"},
      {"ftp://h/", "21"},
      {"FTPS://h/", "990"},
      {"sftp://h/x", "22"},
      {"ftp.h/x", "21"},
      {"  h:82/x", "82"},
      {"https.h/", "80"},
      {"h", "80"},
      {"", "80"},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *url = text_copy(rows[i].url);
    char port[URL_PORT_SIZE];
    url_port(url, port);
    if (strcmp(port, rows[i].port) != 0)
      fail_msg("\"%s\": %s", url, port);
    free(url);
  }
}

static void a_host_is_cut_to_fit(void **unused) {
  (void)unused;
  for (size_t size = 1; size <= 8; size++) {
    char *host = copy_of("????????", size);
    url_host("http://abcdef:1/", host, size);
    assert_int_equal(strlen(host), size < 7 ? size - 1 : 6);
    assert_memory_equal(host, "abcdef", strlen(host));
    free(host);
  }
}

static void an_origin_is_scheme_host_and_port(void **unused) {
  static const struct {
    const char *one, *other;
    bool is_same;
  } rows[] = {
      {"http://h/", "http://h", true},
      {"http://h/a", "http://h/b?c=d#e", true},
      {"http://h/", "HTTP://H/", true},
      {"http://h/", "http://h?x", true},
      {"http://h/", "http://h#x", true},
      {"http://h/", "http://u:w@h/", true},
      {"http://u@h/", "http://v@h/", true},
      {"http://h/", "  http://u@h/x", true},
      {"h", " h/x", true},
      {"http://h:8080/", "http://h:8080/x", true},
      {"h/x", "h", true},
      {"http://[::1]/", "http://[::1]/x", true},
      {"http://h/", "https://h/", false},
      {"http://h/", "ftp://h/", false},
      {"http://h/", "http://g/", false},
      {"http://h/", "http://hh/", false},
      {"http://ab/", "http://ba/", false},
      {"http://h:8080/", "http://h:8081/", false},
      {"http://h/", "http://h:8080/", false},
      {"http://h.a/", "http://h.b/", false},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    uint64_t one = url_origin(rows[i].one);
    assert_int_not_equal(one, 0);
    if ((one == url_origin(rows[i].other)) != rows[i].is_same)
      fail_msg("%s and %s", rows[i].one, rows[i].other);
  }
}

struct redacted {
  const char *url;
  const char *text;
};

static void check_redacted(const struct redacted *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char *url = text_copy(rows[i].url);
    char text[100];
    url_redact(url, text, sizeof text);
    assert_string_equal(text, rows[i].text);
    free(url);
  }
}

static void a_log_is_told_no_secret(void **unused) {
  static const struct redacted rows[] = {
      {"http://h/", "http://h/"},
      {"http://h:80/a/b=c", "http://h:80/a/b=c"},
      {"HTTP://H/", "HTTP://H/"},
      {"h/x", "h/x"},
      {"", ""},
      /* user info */
      {"http://user:word@h/x", "http://h/x"},
      {"http://user@h", "http://h"},
      {"http://u:p@ss@h/", "http://h/"},
      {"user:word@h/x", "h/x"},
      {"http://u:w@[::1]:80/", "http://[::1]:80/"},
      {"http://h/a@b", "http://h/a@b"},
      {"http://u?x@h/", "http://u?..."},
      {" http://user:word@h/", "http://h/"},
      {"\t\n http://user:word@h/x", "http://h/x"},
      {"  user:word@h/x", "h/x"},
      {"5h:/user@h/", "5h:/h/"}, /* a scheme to libcurl 7.88 */
      {"-x://user:word@h/", "-x://h/"},
      /* the fragment */
      {"http://h/#secret", "http://h/"},
      {"http://h#a@b", "http://h"},
      {"http://h/?a=b#secret", "http://h/?a=..."},
      {"http://h/#x?a=b", "http://h/"},
      /* query values, and parts that have no key */
      {"http://h/?a=1", "http://h/?a=..."},
      {"http://h/?a=1&bc=2", "http://h/?a=...&bc=..."},
      {"http://h/?a=", "http://h/?a=..."},
      {"http://h/?a=1=2?3", "http://h/?a=..."},
      {"http://h/?a=1&b=2&c", "http://h/?a=...&b=...&..."},
      {"http://h/?token", "http://h/?..."},
      {"http://h/?token&a=1", "http://h/?...&a=..."},
      {"http://h/?token#a=b", "http://h/?..."},
      {"http://h/?to?ken", "http://h/?..."},
      {"http://h/?", "http://h/?"},
      {"http://h/?a=1&", "http://h/?a=...&"},
      {"http://h?a=1", "http://h?a=..."},
      {"http://h/&x", "http://h/&x"},
      /* what would spoil the line */
      {"http://h/a b\n\t\x01\x7f\xc3\xa9", "http://h/a?b??????"},
      {"http://h/~!", "http://h/~!"},
      {"http://h/?a\n=\n", "http://h/?a?=..."},
  };

  (void)unused;
  check_redacted(rows, COUNT(rows));
}

static void what_may_be_a_password_is_no_part_of_a_log(void **unused) {
  static const struct redacted rows[] = {
      /* what libcurl refuses, or takes for something else */
      {"http://user:se/cret@h/x", "http://...@h/x"},
      {"http://user:se?cr=et@h/?a=b", "http://...@h/?a=..."},
      {"http://user:se#cret@h/", "http://...@h/"},
      {"http://us/er:secret@h/", "http://...@h/"},
      {"http://user:se/c@re@t@h/", "http://...@h/"},
      {"http://user:se@cr/et@h/", "http://...@h/"},
      {"http://user:1a/2@h/", "http://...@h/"},
      {"user:se/cret@h/x", "...@h/x"},
      {"http_x://user:word@h/", "...@h/"},
      {"x http://user:word@h/", "...@h/"},
      {"://user:word@h/", "...@h/"},
      {"http://[::1]/user:word@h", "http://...@h"},
      /* no password: a port, a name in the path, a value in the query */
      {"http://h:80/@a/b", "http://h:80/@a/b"},
      {"http://h:/a@b", "http://h:/a@b"},
      {"http://h/@a/b", "http://h/@a/b"},
      {"http://[::1]:80/a@b", "http://[::1]:80/a@b"},
      {"http://[::1]/a@b", "http://[::1]/a@b"},
      {"http://h/?a=b:c@d", "http://h/?a=..."},
      {"http://user:word@h/?a=b@c", "http://h/?a=..."},
      {"http://user:se/cret", "http://user:se/cret"},
  };

  (void)unused;
  check_redacted(rows, COUNT(rows));
}

static void a_text_for_the_log_is_cut_to_fit(void **unused) {
  static const char *const urls[] = {
      "http://user:word@host/path", "http://user:wo/rd@host/path",
      "http://h/?a=1&b=2&c=3&d=4",  "?a&b&c&d&e&f",
      "http://h/?=&=&=&=&=",
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(urls); i++) {
    char whole[100];
    url_redact(urls[i], whole, sizeof whole);
    for (size_t size = 1; size < sizeof whole; size++) {
      char *text = malloc(size);
      size_t length;
      assert_non_null(text);
      url_redact(urls[i], text, size);
      length = strlen(text);
      assert_true(length < size);
      assert_true(length + 5 >= size || length == strlen(whole));
      assert_memory_equal(text, whole, length);
      free(text);
    }
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_named_scheme_is_known),
      cmocka_unit_test(a_missing_scheme_is_guessed_by_the_host),
      cmocka_unit_test(a_scheme_has_a_colon_and_a_slash),
      cmocka_unit_test(protocols_are_known_by_name),
      cmocka_unit_test(the_host_is_what_is_connected_to),
      cmocka_unit_test(the_port_is_what_is_connected_to),
      cmocka_unit_test(a_host_is_cut_to_fit),
      cmocka_unit_test(an_origin_is_scheme_host_and_port),
      cmocka_unit_test(a_log_is_told_no_secret),
      cmocka_unit_test(what_may_be_a_password_is_no_part_of_a_log),
      cmocka_unit_test(a_text_for_the_log_is_cut_to_fit),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_url_guess.c - the scheme of a URL that names none, beside what libcurl
 * makes of it. */
#include "unit_test.h"

#include "text/url.h"

#include <curl/curl.h>
#include <dlfcn.h>

static struct {
  CURLU *(*new)(void);
  void (*drop)(CURLU *);
  CURLUcode (*set)(CURLU *, CURLUPart, const char *, unsigned);
  CURLUcode (*get)(const CURLU *, CURLUPart, char **, unsigned);
  void (*free)(void *);
} libcurl;

static void *find(void *library, const char *name) {
  void *symbol = dlsym(library, name);

  assert_non_null(symbol);
  return symbol;
}

static int load(void **unused) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW);

  (void)unused;
  if (!library)
    library = dlopen("libcurl-gnutls.so.4", RTLD_NOW);
  assert_non_null(library);
  *(void **)&libcurl.new = find(library, "curl_url");
  *(void **)&libcurl.drop = find(library, "curl_url_cleanup");
  *(void **)&libcurl.set = find(library, "curl_url_set");
  *(void **)&libcurl.get = find(library, "curl_url_get");
  *(void **)&libcurl.free = find(library, "curl_free");
  return 0;
}

/* What libcurl speaks for it; URL_NONE: it refuses the URL. */
static enum url_scheme guess_of(const char *url) {
  const unsigned flags = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME;
  enum url_scheme scheme = URL_NONE;
  CURLU *parsed = libcurl.new();
  char *name = NULL;

  if (!libcurl.set(parsed, CURLUPART_URL, url, flags) &&
      !libcurl.get(parsed, CURLUPART_SCHEME, &name, 0)) {
    scheme = url_protocol(name);
    libcurl.free(name);
  }
  libcurl.drop(parsed);
  return scheme;
}

/* The same, or passed through: what libcurl refuses is its own affair. */
static void check(const char *url) {
  enum url_scheme guess = guess_of(url);
  enum url_scheme ours = url_scheme(url);

  if (guess != URL_NONE && ours != URL_OTHER && ours != guess)
    fail_msg("\"%s\" is %d, libcurl's is %d", url, (int)ours, (int)guess);
}

static void each_host_behind_each_user_is_guessed_as_libcurl_does(void **s) {
  static const char *const users[] = {
      "",         "u@",      "u:p@",   "ftp.x@",  "ftp.x:p@",
      "smtp.x@",  ":p@",     "@",      "u\\@",    "u\\:p\\@",
      "http:p@",  "https:@", "ftp:p@", "file:p@", "a@b@",
      "u:p@q@",   "u%40v@",  "u;o=1@", "[u]@",    "u:p:q@",
      "ftp.x@h@", "u:h/@",   "u?@",    "u#@",     "9p:x@"};
  static const char *const hosts[] = {"h",         "ftp.h",
                                      "FTP.h",     "Ftp.h",
                                      "ftp",       "ftp:21",
                                      "ftp.",      "myftp.h",
                                      "h.ftp.h",   "sftp.h",
                                      "ftps.h",    "dict.h",
                                      "ldap.h",    "imap.h",
                                      "smtp.h",    "pop3.h",
                                      "SMTP.h",    "pop.h",
                                      "imaps.h",   "[::1]",
                                      "[::1]:80",  "[fe80::1%25eth0]",
                                      "127.0.0.1", "%66tp.h",
                                      "ftp%2eh",   "ft%70.h",
                                      "smt%70.h",  "ftp.h:21",
                                      "smtp.h:25", "ftp\\.h",
                                      "ftp.h\\x",  "http:80",
                                      "https:443", "file:1",
                                      "telnet.h",  "gopher.h",
                                      "www.h",     "localhost",
                                      "ftp .h",    "ftp..h"};
  static const char *const tails[] = {"",   "/",       "/a@ftp.h/", "?a@ftp.h",
                                      "#b", "?x=://y", "/ftp://z/", "//"};
  char url[200];

  (void)s;
  for (size_t u = 0; u < COUNT(users); u++)
    for (size_t h = 0; h < COUNT(hosts); h++)
      for (size_t t = 0; t < COUNT(tails); t++) {
        snprintf(url, sizeof url, "%s%s%s", users[u], hosts[h], tails[t]);
        check(url);
      }
}

static void what_is_certain_is_not_passed_through(void **unused) {
  static const struct {
    const char *url;
    enum url_scheme scheme;
  } rows[] = {
      {"u:p@h/", URL_HTTP},          {"u:p@ftp.h/", URL_FTP},
      {"u@FTP.h:21/", URL_FTP},      {"ftp.x:p@h/", URL_HTTP},
      {"smtp.x@h/", URL_HTTP},       {"u:p@smtp.h/", URL_OTHER},
      {"u:p@imap.h/", URL_OTHER},    {"u:p@pop3.h/", URL_OTHER},
      {"u:p@ldap.h/", URL_OTHER},    {"u:p@dict.h/", URL_OTHER},
      {"http:p@ftp.h/", URL_FTP},    {"https:p@smtp.h/", URL_OTHER},
      {"h/a@ftp.h", URL_HTTP},       {"h?a@ftp.h", URL_HTTP},
      {"u:p@[::1]:80/", URL_HTTP},   {"u@v@ftp.h/", URL_OTHER},
      {"u@%66tp.h/", URL_OTHER},     {"u%40v:%70@h/", URL_HTTP},
      {"http://u@ftp.h/", URL_HTTP}, {"ftp://u@smtp.h/", URL_FTP},
      {"http:80/", URL_HTTP},        {"https:443", URL_HTTP},
  };

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char *url = copy_of(rows[i].url, strlen(rows[i].url) + 1);
    if (url_scheme(url) != rows[i].scheme)
      fail_msg("\"%s\" is %d", url, (int)url_scheme(url));
    free(url);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_host_behind_each_user_is_guessed_as_libcurl_does),
      cmocka_unit_test(what_is_certain_is_not_passed_through),
  };

  return cmocka_run_group_tests(tests, load, NULL);
}

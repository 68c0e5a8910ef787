/* test_shadow.c - what a duplicate handle is told of the program's options. */
#define _GNU_SOURCE
#include "unit_test.h"

#include "program/shadow.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_memory = true;

/* Instead of libc's, also for shadow.c. */
char *strdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = has_memory ? malloc(size) : NULL;

  return copy ? memcpy(copy, text, size) : NULL;
}

static void set(struct shadow *shadow, CURLoption option, const char *text) {
  const union option_value value = {.pointer = (void *)(uintptr_t)text};

  shadow_set(shadow, option, &value);
}

static void begin(struct shadow *shadow) {
  memset(shadow, 0, sizeof(*shadow));
  shadow_reset(shadow);
}

/* Neither share nor cache is given up by a reset: curl_easy_reset(3). */
static void names_of_a_shared_cache_are_anybodys(void **unused) {
  struct shadow given, shared, alone;

  (void)unused;
  begin(&given);
  begin(&shared);
  begin(&alone);
  set(&shared, CURLOPT_SHARE, "share");
  assert_false(names_are_cached(&shared.names));
  set(&given, CURLOPT_RESOLVE, NULL);
  assert_false(names_are_cached(&given.names));
  set(&given, CURLOPT_RESOLVE, "+a.test:80:127.0.0.1");
  for (int i = 0; i < 2; i++) {
    assert_true(names_are_cached(&given.names));
    assert_true(names_are_cached(&shared.names));
    assert_false(names_are_cached(&alone.names));
    shadow_reset(&given);
    shadow_reset(&shared);
  }
  set(&shared, CURLOPT_SHARE, NULL);
  assert_false(names_are_cached(&shared.names));
  shadow_free(&given);
  shadow_free(&shared);
  shadow_free(&alone);
}

/* Whom libcurl asks for the body: up to 8.0 an UPLOAD that was set before
 * POSTFIELDS is left beside them; a form calls the read callback with pointers
 * of its own. */
static void the_read_callback_is_asked_for_some_bodies(void **unused) {
  static const struct {
    CURLoption options[3];
    bool reads;
  } rows[] = {
      {{CURLOPT_HTTPGET}, false},
      {{CURLOPT_UPLOAD}, true},
      {{CURLOPT_POST}, true},
      {{CURLOPT_POSTFIELDS}, false},
      {{CURLOPT_UPLOAD, CURLOPT_POSTFIELDS}, true},
      {{CURLOPT_UPLOAD, CURLOPT_POST, CURLOPT_POSTFIELDS}, false},
      {{CURLOPT_HTTPPOST}, false},
      {{CURLOPT_UPLOAD, CURLOPT_HTTPPOST}, false},
      {{CURLOPT_UPLOAD, CURLOPT_MIMEPOST}, false},
      {{CURLOPT_UPLOAD, CURLOPT_NOBODY}, true},
      {{CURLOPT_UPLOAD, CURLOPT_HTTPGET}, false},
  };
  struct shadow shadow;

  (void)unused;
  for (size_t i = 0; i < COUNT(rows); i++) {
    begin(&shadow);
    for (size_t j = 0; j < COUNT(rows[i].options); j++)
      if (rows[i].options[j])
        set(&shadow, rows[i].options[j], "1");
    if (shadow_reads_body(&shadow) != rows[i].reads)
      fail_msg("row %zu", i);
    shadow_free(&shadow);
  }
}

static void copy_has_the_range(void **unused) {
  struct shadow shadow, copy;

  (void)unused;
  begin(&shadow);
  begin(&copy);
  set(&shadow, CURLOPT_URL, "http://host/");
  set(&shadow, CURLOPT_RANGE, "100-200");
  assert_true(shadow_copy(&copy, &shadow));
  assert_string_equal(copy.texts.at[TEXT_RANGE].text, "100-200");
  assert_ptr_not_equal(copy.texts.at[TEXT_RANGE].text,
                       shadow.texts.at[TEXT_RANGE].text);
  assert_string_equal(copy.url, "http://host/");
  shadow_free(&shadow);
  shadow_free(&copy);
}

/* Such a handle is passed through: with less than the program set, another
 * request would be repeated. */
static void copy_without_memory_for_the_range_is_none(void **unused) {
  struct shadow shadow, copy;

  (void)unused;
  begin(&shadow);
  begin(&copy);
  set(&shadow, CURLOPT_URL, "http://host/");
  set(&shadow, CURLOPT_RANGE, "100-200");
  has_memory = false;
  assert_false(shadow_copy(&copy, &shadow));
  has_memory = true;
  shadow_free(&shadow);
  shadow_free(&copy);
}

/* One text, whichever option set it last. */
static void texts_are_of_the_last_option(void **unused) {
  struct shadow shadow;

  (void)unused;
  begin(&shadow);
  set(&shadow, CURLOPT_UNIX_SOCKET_PATH, "/run/socket");
  set(&shadow, CURLOPT_ABSTRACT_UNIX_SOCKET, "name");
  assert_string_equal(shadow.texts.at[TEXT_SOCKET].text, "name");
  assert_int_equal(shadow.texts.at[TEXT_SOCKET].option,
                   CURLOPT_ABSTRACT_UNIX_SOCKET);
  set(&shadow, CURLOPT_UNIX_SOCKET_PATH, NULL);
  assert_null(shadow.texts.at[TEXT_SOCKET].text);
  set(&shadow, CURLOPT_PROTOCOLS_STR, "https");
  set(&shadow, CURLOPT_PROTOCOLS, (void *)CURLPROTO_FTP);
  assert_null(shadow.texts.at[TEXT_PROTOCOLS].text);
  assert_int_equal(shadow.socket.protocol_bits, CURLPROTO_FTP);
  shadow_free(&shadow);
}

static void range_without_memory_is_known_to_lack(void **unused) {
  struct shadow shadow;

  (void)unused;
  begin(&shadow);
  has_memory = false;
  set(&shadow, CURLOPT_RANGE, "100-200");
  has_memory = true;
  assert_int_equal(shadow.texts.lacks, CURLOPT_RANGE);
  set(&shadow, CURLOPT_RANGE, NULL);
  assert_int_equal(shadow.texts.lacks, 0);
  shadow_free(&shadow);
}

static void copy_has_the_names_of_files(void **unused) {
  char folder[] = "/tmp/shadow-XXXXXX", path[64];
  struct shadow shadow, copy;

  (void)unused;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/fifo", folder);
  assert_int_equal(mkfifo(path, 0600), 0);
  begin(&shadow);
  begin(&copy);
  set(&shadow, CURLOPT_CAINFO, path);
  assert_true(shadow_copy(&copy, &shadow));
  set(&shadow, CURLOPT_CAINFO, NULL);
  assert_false(files_are_spent(&shadow.files, true));
  assert_true(files_are_spent(&copy.files, true));
  assert_false(files_are_spent(&copy.files, false));
  shadow_reset(&copy);
  assert_false(files_are_spent(&copy.files, true));
  shadow_free(&shadow);
  shadow_free(&copy);
  unlink(path);
  rmdir(folder);
}

/* Every option that names one, each alone. */
static void every_file_that_is_read_once_counts(void **unused) {
  static const CURLoption options[] = {
      CURLOPT_NETRC_FILE,
      CURLOPT_COOKIEFILE,
      CURLOPT_HSTS,
      CURLOPT_SSLCERT,
      CURLOPT_SSLKEY,
      CURLOPT_CAINFO,
      CURLOPT_CRLFILE,
      CURLOPT_ISSUERCERT,
      CURLOPT_PINNEDPUBLICKEY,
      CURLOPT_PROXY_SSLCERT,
      CURLOPT_PROXY_SSLKEY,
      CURLOPT_PROXY_CAINFO,
      CURLOPT_PROXY_CRLFILE,
      CURLOPT_PROXY_ISSUERCERT,
      CURLOPT_SSH_PRIVATE_KEYFILE,
      CURLOPT_PROXY_PINNEDPUBLICKEY,
      CURLOPT_SSH_PUBLIC_KEYFILE,
      CURLOPT_SSH_KNOWNHOSTS,
  };
  char folder[] = "/tmp/shadow-XXXXXX", path[64];

  (void)unused;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/fifo", folder);
  assert_int_equal(mkfifo(path, 0600), 0);
  for (size_t i = 0; i < COUNT(options); i++) {
    const union option_value on = {.number = 1};
    struct shadow shadow;
    begin(&shadow);
    shadow_set(&shadow, CURLOPT_NETRC, &on);
    set(&shadow, options[i], path);
    assert_true(files_are_spent(&shadow.files, true));
    assert_int_equal(files_are_spent(&shadow.files, false), i < 3);
    set(&shadow, options[i], NULL);
    set(&shadow, CURLOPT_NETRC_FILE, "/dev/null");
    set(&shadow, options[i], "/dev/null");
    set(&shadow, options[i], "sha256//no-such-file");
    assert_false(files_are_spent(&shadow.files, true));
    shadow_free(&shadow);
  }
  unlink(path);
  rmdir(folder);
}

/* curl_easy_setopt(3) of each: the one set last says what is sent. */
static void the_request_is_the_last_one_chosen(void **unused) {
  static const struct {
    CURLoption option;
    const char *word; /* of a number: is it 0? */
    enum request_kind request;
  } rows[] = {
      {CURLOPT_POST, "1", REQUEST_POST},
      {CURLOPT_HTTPGET, "1", REQUEST_GET},
      {CURLOPT_NOBODY, "1", REQUEST_HEAD},
      {CURLOPT_NOBODY, NULL, REQUEST_GET},
      {CURLOPT_UPLOAD, "1", REQUEST_PUT},
      {CURLOPT_NOBODY, NULL, REQUEST_PUT},
      {CURLOPT_HTTPGET, NULL, REQUEST_PUT},
      {CURLOPT_HTTPGET, "1", REQUEST_GET},
      {CURLOPT_POSTFIELDS, "a", REQUEST_POST},
      {CURLOPT_POST, NULL, REQUEST_GET},
      {CURLOPT_MIMEPOST, "a", REQUEST_FORM},
      {CURLOPT_UPLOAD, NULL, REQUEST_GET},
      {CURLOPT_NOBODY, "1", REQUEST_HEAD},
      {CURLOPT_UPLOAD, NULL, REQUEST_HEAD}, /* as curl -I does */
      {CURLOPT_POST, NULL, REQUEST_HEAD},
      {CURLOPT_POSTFIELDS, "a", REQUEST_POST},
      {CURLOPT_UPLOAD, NULL, REQUEST_HEAD},
      {CURLOPT_UPLOAD, "1", REQUEST_PUT},
      {CURLOPT_UPLOAD, NULL, REQUEST_GET},
      {CURLOPT_NOBODY, "1", REQUEST_HEAD},
      {CURLOPT_POST, "1", REQUEST_POST},
      {CURLOPT_POST, NULL, REQUEST_GET},
      {CURLOPT_NOBODY, "1", REQUEST_HEAD},
      {CURLOPT_HTTPPOST, "a", REQUEST_FORM},
      {CURLOPT_POST, NULL, REQUEST_GET},
      {CURLOPT_NOBODY, "1", REQUEST_HEAD},
      {CURLOPT_HTTPGET, "1", REQUEST_GET},
      {CURLOPT_POST, NULL, REQUEST_GET},
  };
  struct shadow shadow;

  (void)unused;
  begin(&shadow);
  for (size_t i = 0; i < COUNT(rows); i++) {
    set(&shadow, rows[i].option, rows[i].word);
    assert_int_equal(shadow.request, rows[i].request);
    assert_int_equal(shadow.is_upload, shadow.request == REQUEST_PUT);
  }
  shadow_free(&shadow);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_of_a_shared_cache_are_anybodys),
      cmocka_unit_test(the_read_callback_is_asked_for_some_bodies),
      cmocka_unit_test(copy_has_the_range),
      cmocka_unit_test(copy_without_memory_for_the_range_is_none),
      cmocka_unit_test(texts_are_of_the_last_option),
      cmocka_unit_test(range_without_memory_is_known_to_lack),
      cmocka_unit_test(copy_has_the_names_of_files),
      cmocka_unit_test(every_file_that_is_read_once_counts),
      cmocka_unit_test(the_request_is_the_last_one_chosen),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_upload_once.c - parts of a form that can be read once: they are sent
 * again whole, or not at all. */
#define _GNU_SOURCE
#include "named.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct form {
  struct curl_httppost *first, *last;
};

static void add_file(struct form *form, const char *path) {
  curl_formadd(&form->first, &form->last, CURLFORM_COPYNAME, "part",
               CURLFORM_FILE, path, CURLFORM_END);
}

static void add_content(struct form *form, const char *path) {
  curl_formadd(&form->first, &form->last, CURLFORM_COPYNAME, "part",
               CURLFORM_FILECONTENT, path, CURLFORM_END);
}

/* The second of several files of one part. */
static void add_second(struct form *form, const char *path) {
  curl_formadd(&form->first, &form->last, CURLFORM_COPYNAME, "part",
               CURLFORM_FILE, "/etc/passwd", CURLFORM_FILE, path,
               CURLFORM_END);
}

static void add_text(struct form *form) {
  curl_formadd(&form->first, &form->last, CURLFORM_COPYNAME, "text",
               CURLFORM_COPYCONTENTS, "text", CURLFORM_END);
}

static const struct {
  const char *name;
  void (*add)(struct form *form, const char *path);
} adders[] = {
    {"file", add_file}, {"content", add_content}, {"second", add_second}};

static CURL *form_handle(struct form *form, const char *key,
                         const char *plan) {
  CURL *curl = handle_for(key, plan);

  curl_easy_setopt(curl, CURLOPT_HTTPPOST, form->first);
  return curl;
}

/* What a form with such a part comes to: repeated whole, or not at all. */
static void send_form(size_t how, enum kind kind, const char *plan,
                      const char *name) {
  bool is_repeated = kind == KIND_REGULAR;
  struct form form = {NULL, NULL};
  struct seen seen[4];
  struct named named;
  char key[64];
  long status = 0;
  size_t requests;
  CURLcode code;
  CURL *curl;

  snprintf(key, sizeof key, "%s-%s-%.3s%s", adders[how].name, kind_names[kind],
           plan, name ? name : "");
  named_open(&named, kind, "what is in it");
  add_text(&form);
  adders[how].add(&form, name ? name : named.path);
  add_text(&form);
  curl = form_handle(&form, key, plan);
  code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  requests = server_saw(key, seen, COUNT(seen));
  if (requests != (is_repeated ? 2 : 1))
    fail_msg("%s: %zu requests", key, requests);
  assert_int_equal(code, is_repeated || plan[0] == '5' ? CURLE_OK
                                                       : CURLE_RECV_ERROR);
  if (is_repeated || plan[0] == '5')
    assert_int_equal(status, is_repeated ? 201 : 503);
  assert_int_equal(seen[0].length, seen[requests - 1].length);
  curl_easy_cleanup(curl);
  curl_formfree(form.first);
  named_close(&named);
}

/* (/dev/null depends on libcurl: from 8.7 on it rewinds the parts.) */
static void form_part_is_sent_again_whole_or_not_at_all(void **state) {
  (void)state;
  for (size_t how = 0; how < COUNT(adders); how++)
    for (enum kind kind = 0; kind < KINDS; kind++)
      if (kind != KIND_MISSING && kind != KIND_NULL) {
        send_form(how, kind, "503,201", NULL);
        send_form(how, kind, "rst,201", NULL);
      }
}

/* Of a pipe, and of a file whose start was moved. */
static void stdin_as_a_part_is_not_sent_again(void **state) {
  char path[] = "/tmp/shim-stdin-XXXXXX";
  int file = mkstemp(path), own = dup(0);

  (void)state;
  unlink(path);
  send_form(0, KIND_STDIN, "503,201", "-");
  clearerr(stdin);
  assert_int_equal(write(file, "begin and rest", 14), 14);
  lseek(file, 6, SEEK_SET);
  dup2(file, 0);
  {
    struct form form = {NULL, NULL};
    CURL *curl;
    add_content(&form, "-");
    curl = form_handle(&form, "moved", "503,201");
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(server_count("moved"), 1);
    curl_easy_cleanup(curl);
    curl_formfree(form.first);
  }
  dup2(own, 0);
  close(own);
  close(file);
}

/* Nothing was read of it yet. */
static void unsent_part_is_sent_by_a_retry(void **state) {
  struct form form = {NULL, NULL};
  struct named named;
  CURL *curl;

  (void)state;
  named_open(&named, KIND_PIPE, "what is in it");
  add_file(&form, named.path);
  curl = form_handle(&form, "unsent", "201");
  curl_easy_setopt(curl, CURLOPT_URL, url_refused().text);
  log_forget();
  assert_int_equal(curl_easy_perform(curl), CURLE_COULDNT_CONNECT);
  assert_int_equal(log_count("retry 1/"), 1);
  curl_easy_cleanup(curl);
  curl_formfree(form.first);
  named_close(&named);
}

/* libcurl itself refuses to rewind it, before anything is sent. */
static void mime_part_is_not_sent_again(void **state) {
  (void)state;
  for (enum kind kind = KIND_FIFO; kind <= KIND_STDIN; kind++) {
    struct named named;
    curl_mimepart *part;
    long status = 0;
    curl_mime *mime, *inner;
    char key[32];
    CURL *curl;
    snprintf(key, sizeof key, "mime-%s", kind_names[kind]);
    named_open(&named, kind, "what is in it");
    curl = handle_for(key, "503,201");
    mime = curl_mime_init(curl);
    inner = curl_mime_init(curl);
    curl_mime_filedata(curl_mime_addpart(inner), named.path);
    part = curl_mime_addpart(mime);
    curl_mime_name(part, "inner");
    curl_mime_subparts(part, inner);
    curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    assert_int_equal(status, 503);
    assert_int_equal(server_count(key), 1);
    curl_easy_cleanup(curl);
    curl_mime_free(mime);
    named_close(&named);
  }
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(form_part_is_sent_again_whole_or_not_at_all),
      cmocka_unit_test(stdin_as_a_part_is_not_sent_again),
      cmocka_unit_test(unsent_part_is_sent_by_a_retry),
      cmocka_unit_test(mime_part_is_not_sent_again),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                       "CURLRETRY_METHODS=all",
                                       "CURLRETRY_BUDGET=off", NULL};
  static const struct setup setup = {policy, tests, NULL};

  return setup_main(argc, argv, &setup);
}

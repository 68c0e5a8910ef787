/* test_upload_form.c - forms of many parts: what is sent again after a fault
 * is what libcurl alone sends once, but for the boundaries; and streams that
 * nobody can rewind are sent once. */
#define _GNU_SOURCE
#include "upload.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 30000
#define DASHES "------------------------" /* before libcurl's boundaries */

/* --- what libcurl sends ----------------------------------------------------
 */

/* The body of the request at hand, as CURLOPT_DEBUGFUNCTION tells it. */
struct wire {
  char *bytes;
  size_t length;
  bool is_chunked;
};

static int on_debug(CURL *curl, curl_infotype type, char *bytes, size_t length,
                    void *data) {
  struct wire *wire = data;

  (void)curl;
  if (type == CURLINFO_HEADER_OUT) {
    wire->length = 0;
    wire->is_chunked =
        memmem(bytes, length, "Transfer-Encoding: chunked", 26) != NULL;
  } else if (type == CURLINFO_DATA_OUT) {
    wire->bytes = realloc(wire->bytes, wire->length + length + 1);
    memcpy(wire->bytes + wire->length, bytes, length);
    wire->length += length;
  }
  return 0;
}

/* RFC 9112 7.1, in place. */
static void remove_chunks(struct wire *wire) {
  size_t from = 0, to = 0;

  while (wire->is_chunked && from < wire->length) {
    char *end;
    size_t size = strtoul(wire->bytes + from, &end, 16);
    from = (size_t)(end + 2 - wire->bytes);
    if (!size || from + size > wire->length)
      break;
    memmove(wire->bytes + to, wire->bytes + from, size);
    to += size;
    from += size + 2;
  }
  if (wire->is_chunked)
    wire->length = to;
}

/* The body with each boundary replaced by "B", as its length and hash. */
static void print_body(const struct wire *wire, FILE *out) {
  size_t length;
  char *text;
  FILE *plain = open_memstream(&text, &length);
  const char *at = wire->bytes, *end = wire->bytes + wire->length;
  int boundaries = 0;

  while (at < end) {
    if ((size_t)(end - at) < strlen(DASHES) ||
        memcmp(at, DASHES, strlen(DASHES)) != 0) {
      fputc(*at++, plain);
      continue;
    }
    for (at += strlen(DASHES); at < end && (isalnum(*at) || *at == '-');)
      at++;
    fputc('B', plain);
    boundaries++;
  }
  fclose(plain);
  fprintf(out, " %zu bytes, %d boundaries, %s", length, boundaries,
          hash_of(text, length).text);
  free(text);
}

/* --- the forms -------------------------------------------------------------
 */

struct form {
  CURL *curl;
  curl_mime *mime;
  struct upload parts[3];
};

static curl_mimepart *add_data(curl_mime *mime, const struct upload *upload,
                               const char *encoder) {
  curl_mimepart *part = curl_mime_addpart(mime);

  curl_mime_name(part, "data");
  curl_mime_data(part, upload->bytes, upload->size);
  curl_mime_encoder(part, encoder);
  return part;
}

static curl_mimepart *add_reader(curl_mime *mime, struct upload *upload,
                                 const char *encoder) {
  curl_mimepart *part = curl_mime_addpart(mime);

  curl_mime_name(part, "reader");
  curl_mime_filename(part, "a name");
  curl_mime_type(part, "image/png");
  curl_mime_data_cb(part, (curl_off_t)upload->size, upload_read, upload_seek,
                    NULL, upload);
  curl_mime_encoder(part, encoder);
  return part;
}

static void make_base64(struct form *form) {
  add_data(form->mime, &form->parts[0], "base64");
  add_reader(form->mime, &form->parts[1], "base64");
}

static void make_quoted(struct form *form) {
  add_data(form->mime, &form->parts[0], "quoted-printable");
  add_reader(form->mime, &form->parts[1], "quoted-printable");
}

static void make_binary(struct form *form) {
  add_reader(form->mime, &form->parts[0], "binary");
  add_data(form->mime, &form->parts[1], "8bit");
}

static void make_nested(struct form *form) {
  curl_mime *inner = curl_mime_init(form->curl);
  curl_mime *innermost = curl_mime_init(form->curl);
  curl_mimepart *part;

  add_reader(innermost, &form->parts[0], "base64");
  part = curl_mime_addpart(inner);
  curl_mime_subparts(part, innermost);
  curl_mime_type(part, "multipart/alternative");
  add_data(inner, &form->parts[1], NULL);
  add_data(form->mime, &form->parts[2], NULL);
  part = curl_mime_addpart(form->mime);
  curl_mime_name(part, "inner");
  curl_mime_subparts(part, inner);
}

static void make_empty(struct form *form) {
  curl_mimepart *part = curl_mime_addpart(form->mime);

  /* one without any data can't be rewound by libcurl */
  curl_mime_name(part, "empty");
  curl_mime_data(part, "", 0);
}

static const struct kind {
  const char *name;
  void (*make)(struct form *form);
} kinds[] = {{"base64", make_base64},
             {"quoted", make_quoted},
             {"binary", make_binary},
             {"nested", make_nested},
             {"empty", make_empty}};

/* One line: what came of it, the same for each plan when all is well. */
static void send_form(const struct kind *kind, const char *plan,
                      const char *key, FILE *out) {
  struct form form = {.curl = handle_for(key, plan)};
  struct wire wire = {.length = 0};
  struct seen seen[8] = {{.length = -1}};
  CURLcode code;
  size_t count;

  for (size_t i = 0; i < COUNT(form.parts); i++)
    upload_init(&form.parts[i], SOURCE_MIME_SEEK, SIZE >> i, i);
  form.mime = curl_mime_init(form.curl);
  kind->make(&form);
  curl_easy_setopt(form.curl, CURLOPT_MIMEPOST, form.mime);
  curl_easy_setopt(form.curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(form.curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
  curl_easy_setopt(form.curl, CURLOPT_USERPWD,
                   strstr(plan, "digest") ? "user:secret" : NULL);
  curl_easy_setopt(form.curl, CURLOPT_DEBUGFUNCTION, on_debug);
  curl_easy_setopt(form.curl, CURLOPT_DEBUGDATA, &wire);
  curl_easy_setopt(form.curl, CURLOPT_VERBOSE, 1L);
  code = curl_easy_perform(form.curl);
  count = server_saw(key, seen, COUNT(seen));
  remove_chunks(&wire);
  fprintf(out, "%s: code %d, status %d,", kind->name, code,
          count ? seen[count - 1].status : 0);
  print_body(&wire, out);
  fprintf(out, ", %s\n",
          count && !strcmp(seen[count - 1].hash,
                           hash_of(wire.bytes, wire.length).text)
              ? "arrived"
              : "lost");
  curl_easy_cleanup(form.curl);
  curl_mime_free(form.mime);
  for (size_t i = 0; i < COUNT(form.parts); i++)
    upload_free(&form.parts[i]);
  free(wire.bytes);
}

static const char *const plans[] = {
    "201",
    "503,201",
    "uprst@1,201",
    "uprst@60,upclose@90,201",
    "rst,503:early,201",
    "200:rst@500,201",
    "307,201",
    "308,close,201",
    "201:auth=digest",
    "rst:auth=digest,201:auth=digest",
};

/* A child's name is the number of its plan: all forms with it. */
static void child(const char *name, FILE *out) {
  char key[32];

  for (size_t i = 0; i < COUNT(kinds); i++) {
    snprintf(key, sizeof key, "form%zu", i);
    send_form(&kinds[i], plans[atoi(name)], key, out);
  }
}

static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms",
                                     "CURLRETRY_METHODS=all",
                                     "CURLRETRY_BUDGET=off", NULL};

static void form_is_what_libcurl_alone_sends(void **state) {
  char *unshimmed = run_child(CHILD_UNSHIMMED, "0", policy, NULL);
  char name[16];

  (void)state;
  /* of 15000 bytes quoted-printable makes some 38000; all came */
  assert_non_null(strstr(unshimmed, "nested: code 0, status 201, "));
  assert_null(strstr(unshimmed, "lost"));
  for (size_t i = 0; i < COUNT(plans); i++) {
    char *shimmed;
    snprintf(name, sizeof name, "%zu", i);
    shimmed = run_child(CHILD_SHIMMED, name, policy, NULL);
    if (strcmp(shimmed, unshimmed) != 0)
      fail_msg("%s:\n%sand unshimmed\n%s", plans[i], shimmed, unshimmed);
    free(shimmed);
  }
  free(unshimmed);
}

/* --- streams that can't be rewound -----------------------------------------
 */

/* Nobody can rewind them: the outcome at hand is the program's, and no other
 * body is sent. */
static void stream_is_sent_once(void **state) {
  static const struct {
    const char *plan;
    CURLcode code;
    long status;
  } cases[] = {
      {"201", CURLE_OK, 201},
      {"503:size=700,201", CURLE_OK, 503},
      {"503:close@20:size=700,201", CURLE_PARTIAL_FILE, 503},
      {"close,201", CURLE_GOT_NOTHING, 0},
      {"200:close@20:size=700,201", CURLE_PARTIAL_FILE, 200},
      {"307,201", CURLE_SEND_FAIL_REWIND, 307},
  };
  static const enum source sources[] = {SOURCE_MIME_READ, SOURCE_FORM_READ};
  char key[32];

  (void)state;
  for (size_t i = 0; i < COUNT(cases) * COUNT(sources); i++) {
    enum source source = sources[i / COUNT(cases)];
    struct upload upload;
    CURLcode code;
    long status = 0;
    if (source == SOURCE_FORM_READ &&
        strstr(cases[i % COUNT(cases)].plan, "307"))
      continue; /* libcurl alone hangs then, too */
    snprintf(key, sizeof key, "stream%zu", i);
    upload_begin(&upload, source, key, cases[i % COUNT(cases)].plan, SIZE);
    curl_easy_setopt(upload.curl, CURLOPT_FOLLOWLOCATION, 1L);
    /* a body that is cut short would wait for its rest */
    curl_easy_setopt(upload.curl, CURLOPT_TIMEOUT, 30L * patience());
    code = curl_easy_perform(upload.curl);
    curl_easy_getinfo(upload.curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != cases[i % COUNT(cases)].code ||
        status != cases[i % COUNT(cases)].status || server_count(key) != 1)
      fail_msg("%s %s: code %d, status %ld, %zu requests", upload_name(source),
               cases[i % COUNT(cases)].plan, code, status, server_count(key));
    assert_int_equal(upload.taken, SIZE);
    assert_int_equal(upload.calls_after_end, 0);
    upload_end(&upload);
  }
}

/* Nothing was asked of the stream yet: it can be sent. */
static void unread_stream_is_retried(void **state) {
  static const enum source sources[] = {SOURCE_MIME_READ, SOURCE_FORM_READ};

  (void)state;
  for (size_t i = 0; i < COUNT(sources); i++) {
    struct upload upload;
    struct seen seen[3];
    CURLcode code;
    upload_begin(&upload, sources[i], upload_name(sources[i]), "201", SIZE);
    curl_easy_setopt(upload.curl, CURLOPT_URL, url_refused().text);
    log_forget();
    code = curl_easy_perform(upload.curl);
    assert_int_equal(code, CURLE_COULDNT_CONNECT);
    assert_int_equal(log_count("retry 1/"), 1);
    assert_int_equal(upload.taken, 0);
    curl_easy_setopt(upload.curl, CURLOPT_URL,
                     url_of(upload_name(sources[i]), "201").text);
    assert_int_equal(curl_easy_perform(upload.curl), CURLE_OK);
    assert_int_equal(server_saw(upload_name(sources[i]), seen, COUNT(seen)),
                     1);
    assert_string_equal(seen[0].hash,
                        upload_hash(&upload, upload_name(sources[i]), 0).text);
    upload_end(&upload);
  }
}

/* The handle sent something else before, and was not reset: what libcurl has
 * of that UPLOAD is no upload. */
static void stream_of_a_handle_that_uploaded(void **state) {
  struct upload first, upload;
  struct seen seen[2];

  (void)state;
  upload_begin(&first, SOURCE_READ, "before", "201", SIZE);
  assert_int_equal(curl_easy_perform(first.curl), CURLE_OK);
  upload_init(&upload, SOURCE_FORM_READ, SIZE, 7);
  upload_put(&upload, first.curl);
  curl_easy_setopt(first.curl, CURLOPT_URL, url_of("after", "201").text);
  assert_int_equal(curl_easy_perform(first.curl), CURLE_OK);
  assert_int_equal(server_saw("after", seen, COUNT(seen)), 1);
  assert_string_equal(seen[0].method, "POST");
  assert_string_equal(seen[0].hash, upload_hash(&upload, "after", 0).text);
  upload_free(&upload);
  upload_end(&first);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(form_is_what_libcurl_alone_sends),
      cmocka_unit_test(unread_stream_is_retried),
      cmocka_unit_test(stream_is_sent_once),
      cmocka_unit_test(stream_of_a_handle_that_uploaded),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const struct setup setup = {policy, tests, child};

  return setup_main(argc, argv, &setup);
}

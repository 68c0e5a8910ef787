/* sandboxed KIND URL TIMES: TIMES transfers of a kind on one handle, which
 * made its connection before, between two calls of getppid(), so that a trace
 * shows which system calls they make. Prints what the last one came to: code,
 * status, bytes received. KIND: get, post, read (a callback), file, form,
 * mime; with "multi-" before it, on a multi handle that is polled. */
#define _GNU_SOURCE
#define CURL_DISABLE_DEPRECATION /* curl_formadd() */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE 3000000L

static long at, received;

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes, (void)data;
  received += (long)(size * count);
  return size * count;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  size_t n = size * count;

  (void)data;
  if (n > (size_t)(SIZE - at))
    n = (size_t)(SIZE - at);
  memset(buffer, 'x', n);
  at += (long)n;
  return n;
}

static FILE *make_file(char *path) {
  FILE *file = fdopen(mkstemp(path), "r+");

  for (long i = 0; i < SIZE; i++)
    fputc('x', file);
  fclose(file);
  return fopen(path, "r");
}

static void choose(CURL *curl, const char *kind, FILE *file,
                   const char *path) {
  struct curl_httppost *first = NULL, *last = NULL;
  curl_mime *mime;

  if (!strcmp(kind, "post")) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "a=b");
  } else if (!strcmp(kind, "read") || !strcmp(kind, "file")) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE, SIZE);
    if (*kind == 'r')
      curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    else
      curl_easy_setopt(curl, CURLOPT_READDATA, file);
  } else if (!strcmp(kind, "form")) {
    curl_formadd(&first, &last, CURLFORM_COPYNAME, "f", CURLFORM_FILE, path,
                 CURLFORM_END);
    curl_easy_setopt(curl, CURLOPT_HTTPPOST, first);
  } else if (!strcmp(kind, "mime")) {
    mime = curl_mime_init(curl);
    curl_mime_filedata(curl_mime_addpart(mime), path);
    curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
  }
}

/* A loop that sleeps in curl_multi_poll(). */
static CURLcode perform_in(CURLM *multi, CURL *curl) {
  CURLcode code = CURLE_FAILED_INIT;
  const CURLMsg *message = NULL;
  int running, left;

  curl_multi_add_handle(multi, curl);
  while (!message && !curl_multi_perform(multi, &running) &&
         !curl_multi_poll(multi, NULL, 0, 1000, NULL))
    message = curl_multi_info_read(multi, &left);
  if (message)
    code = message->data.result;
  curl_multi_remove_handle(multi, curl);
  return code;
}

int main(int argc, char **argv) {
  char path[] = "/tmp/sandboxed-XXXXXX";
  CURL *curl = curl_easy_init();
  CURLM *multi = NULL;
  FILE *file = make_file(path);
  CURLcode code = CURLE_OK;
  long status = 0;

  if (argc != 4 || !curl)
    return 2;
  curl_easy_setopt(curl, CURLOPT_URL, argv[2]);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  if (!strncmp(argv[1], "multi-", 6)) {
    argv[1] += 6;
    multi = curl_multi_init();
  }
  (void)(multi ? perform_in(multi, curl) : curl_easy_perform(curl));
  choose(curl, argv[1], file, path);
  (void)syscall(SYS_getppid);
  for (int i = 0; i < atoi(argv[3]); i++) {
    at = received = 0;
    if (i)
      rewind(file);
    code = multi ? perform_in(multi, curl) : curl_easy_perform(curl);
  }
  (void)syscall(SYS_getppid);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  printf("%d %ld %ld\n", (int)code, status, received);
  curl_easy_cleanup(curl);
  curl_multi_cleanup(multi);
  unlink(path);
  return 0;
}

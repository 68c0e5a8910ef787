/* sandboxed KIND URL TIMES [NUMBER...]: TIMES transfers of a kind on one
 * handle, which made its connection before, between two calls of getppid(), so
 * that a trace shows which system calls they make. Prints what the last one
 * came to: code, status, bytes received. KIND: get, post, read (a callback),
 * file, form, mime; with "multi-" before it, on a multi handle that is polled;
 * with "late-" before that, the handles are made after the first getppid().
 * With NUMBERs any other system call than these kills the process from the
 * first getppid() on (seccomp(2)). */
#define _GNU_SOURCE
#define CURL_DISABLE_DEPRECATION /* curl_formadd() */
#include <curl/curl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE 3000000L
#define NUMBERS_MAX 100

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
  while (!curl_multi_perform(multi, &running)) {
    message = curl_multi_info_read(multi, &left);
    if (message || curl_multi_poll(multi, NULL, 0, 1000, NULL))
      break;
  }
  if (message)
    code = message->data.result;
  curl_multi_remove_handle(multi, curl);
  return code;
}

/* Each number is compared in two instructions: another one goes on with the
 * next. */
static int allow_only(char **numbers) {
  struct sock_filter code[2 * NUMBERS_MAX + 2] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
  struct sock_fprog program = {1, code};

  for (; *numbers && program.len < 2 * NUMBERS_MAX; numbers++) {
    unsigned number = (unsigned)atoi(*numbers);
    code[program.len++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
    code[program.len++] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  code[program.len++] =
      (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) ||
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* The handles, and one transfer, so that libcurl is connected and has looked
 * up all it needs. */
static CURL *make_handles(const char *url, bool is_multi, CURLM **multi) {
  CURL *curl = curl_easy_init();

  *multi = is_multi ? curl_multi_init() : NULL;
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  (void)(*multi ? perform_in(*multi, curl) : curl_easy_perform(curl));
  return curl;
}

/* Whether `*kind` begins with it, which is taken off. */
static bool takes(const char **kind, const char *prefix) {
  bool is_there = !strncmp(*kind, prefix, strlen(prefix));

  *kind += is_there ? strlen(prefix) : 0;
  return is_there;
}

int main(int argc, char **argv) {
  char path[] = "/tmp/sandboxed-XXXXXX";
  FILE *file = make_file(path);
  const char *kind = argc > 3 ? argv[1] : "";
  bool is_late = takes(&kind, "late-"), is_multi = takes(&kind, "multi-");
  CURLcode code = CURLE_OK;
  CURLM *multi = NULL;
  CURL *curl = NULL;
  long status = 0;

  if (argc < 4 || curl_global_init(CURL_GLOBAL_ALL))
    return 2;
  if (!is_late)
    curl = make_handles(argv[2], is_multi, &multi);
  if (argv[4] && allow_only(argv + 4))
    return 3;
  (void)syscall(SYS_getppid);
  if (is_late)
    curl = make_handles(argv[2], is_multi, &multi);
  choose(curl, kind, file, path);
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

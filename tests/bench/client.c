/* The program that is measured: it knows nothing of the shim.
 *
 *   client get URL COUNT               GETs on one handle, after a warm-up
 *   client set URL COUNT               the same, with a header callback, and
 *                                      URL and callbacks set before each
 *   client first URL                   one GET, ended at its first byte
 *   client turns BASE PLAN COUNT EACH  COUNT new keys of the faulty server,
 *                                      each performed EACH times
 *   client upload URL SIZE stdin|callback
 *   client threads URL COUNT THREADS   COUNT GETs in each thread
 *   client handles URL COUNT HANDLES   COUNT GETs while so many handles live
 *   client memory URL HANDLES          what a handle takes
 *   client setopt URL COUNT OPTION     sets it COUNT times
 *   client poll|epoll URL COUNT        as `set`, through the multi interface
 *   client poll|epoll URL COUNT HANDLES  COUNT of so many handles at once
 */
#define _GNU_SOURCE
#include "client.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static struct timespec performed_at;
static bool has_first_byte;
static bool allows_failure;
static curl_off_t upload_left;

static int64_t nanoseconds(clockid_t id) {
  struct timespec now;

  (void)clock_gettime(id, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

struct clock clock_now(void) {
  struct clock now = {nanoseconds(CLOCK_MONOTONIC),
                      nanoseconds(CLOCK_PROCESS_CPUTIME_ID)};

  return now;
}

void clock_since(struct clock start, struct result *result) {
  struct clock now = clock_now();

  result->wall_ns = now.wall - start.wall;
  result->cpu_ns = now.cpu - start.cpu;
}

/* From /proc, not getrusage(): ru_maxrss also counts the process that was
 * this one before its exec. */
long memory_kib(const char *name) {
  FILE *file = fopen("/proc/self/status", "r");
  size_t length = strlen(name);
  char line[256];
  long value = 0;

  while (file && fgets(line, sizeof(line), file))
    if (!strncmp(line, name, length) && line[length] == ':')
      value = strtol(line + length + 1, NULL, 10);
  if (file)
    (void)fclose(file);
  return value;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct result *result = data;

  (void)bytes;
  result->bytes += (int64_t)(size * count);
  return size * count;
}

/* The same, and takes the time of the first byte. */
static size_t on_timed_body(char *bytes, size_t size, size_t count,
                            void *data) {
  struct result *result = data;

  if (!has_first_byte) {
    has_first_byte = true;
    result->first_byte_ns =
        nanoseconds(CLOCK_MONOTONIC) -
        (performed_at.tv_sec * INT64_C(1000000000) + performed_at.tv_nsec);
  }
  return on_body(bytes, size, count, data);
}

CURL *new_handle(const char *url, struct result *result) {
  CURL *curl = curl_easy_init();

  if (!curl)
    exit(3);
  (void)curl_easy_setopt(curl, CURLOPT_URL, url);
  (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, result);
  (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
  (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  return curl;
}

void perform(CURL *curl) { check(curl, curl_easy_perform(curl)); }

void check(CURL *curl, CURLcode code) {
  long status = 0;

  (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (!allows_failure && (code || status / 100 != 2)) {
    (void)fprintf(stderr, "client: %s, status %ld\n", curl_easy_strerror(code),
                  status);
    exit(1);
  }
}

static void run_get(const char *url, int count, struct result *result) {
  CURL *curl = new_handle(url, result);
  struct clock start;

  if (count > 1)
    perform(curl); /* connects */
  (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_timed_body);
  start = clock_now();
  for (int i = 0; i < count; i++) {
    has_first_byte = false;
    (void)clock_gettime(CLOCK_MONOTONIC, &performed_at);
    perform(curl);
  }
  clock_since(start, result);
  curl_easy_cleanup(curl);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  struct result *result = data;

  (void)bytes;
  result->header_lines++;
  return size * count;
}

void set_anew(CURL *curl, const char *url, struct result *result) {
  (void)curl_easy_setopt(curl, CURLOPT_URL, url);
  (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, result);
  (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, result);
}

static void run_set(const char *url, int count, struct result *result) {
  CURL *curl = new_handle(url, result);
  struct clock start;

  perform(curl); /* connects */
  start = clock_now();
  for (int i = 0; i < count; i++) {
    set_anew(curl, url, result);
    perform(curl);
  }
  clock_since(start, result);
  curl_easy_cleanup(curl);
}

static size_t on_only_byte(char *bytes, size_t size, size_t count,
                           void *data) {
  (void)on_timed_body(bytes, size, count, data);
  return 0;
}

static void run_first(const char *url, struct result *result) {
  CURL *curl = new_handle(url, result);

  (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_only_byte);
  (void)clock_gettime(CLOCK_MONOTONIC, &performed_at);
  if (curl_easy_perform(curl) != CURLE_WRITE_ERROR || !has_first_byte)
    exit(1);
  curl_easy_cleanup(curl);
}

static void run_turns(char **words, struct result *result) {
  const char *base = words[0], *plan = words[1];
  int count = atoi(words[2]), each = atoi(words[3]);
  CURL *curl = new_handle(base, result);
  struct clock start;
  char url[512];

  allows_failure = each > 1; /* they get the faults */
  (void)snprintf(url, sizeof(url), "%s/warm/200", base);
  (void)curl_easy_setopt(curl, CURLOPT_URL, url);
  perform(curl);
  start = clock_now();
  for (int i = 0; i < count; i++) {
    (void)snprintf(url, sizeof(url), "%s/%ld-%d/%s", base, (long)start.wall, i,
                   plan);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    for (int j = 0; j < each; j++)
      perform(curl);
  }
  clock_since(start, result);
  curl_easy_cleanup(curl);
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  size_t length = size * count;

  (void)data;
  if ((curl_off_t)length > upload_left)
    length = (size_t)upload_left;
  memset(buffer, 'u', length);
  upload_left -= (curl_off_t)length;
  return length;
}

/* As the bench's servers do, see workplace.py. */
static int on_socket(void *data, curl_socket_t socket, curlsocktype purpose) {
  (void)data, (void)purpose;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
  return CURL_SOCKOPT_OK;
}

static void run_upload(const char *url, const char *size, const char *source,
                       struct result *result) {
  CURL *curl = new_handle(url, result);
  struct clock start;

  upload_left = (curl_off_t)strtoll(size, NULL, 10);
  (void)curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
  (void)curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  (void)curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, upload_left);
  if (!strcmp(source, "callback"))
    (void)curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
  else
    (void)curl_easy_setopt(curl, CURLOPT_READDATA, stdin);
  start = clock_now();
  perform(curl);
  clock_since(start, result);
  curl_easy_cleanup(curl);
}

static void allow_descriptors(void) {
  struct rlimit limit;

  (void)getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool run(int count, char **words, struct result *result) {
  const char *mode = words[1], *url = words[2];
  int times = count > 3 ? atoi(words[3]) : 0;

  if (count == 4 && !strcmp(mode, "get"))
    run_get(url, times, result);
  else if (count == 4 && !strcmp(mode, "set"))
    run_set(url, times, result);
  else if (count == 3 && !strcmp(mode, "first"))
    run_first(url, result);
  else if (count == 6 && !strcmp(mode, "turns"))
    run_turns(words + 2, result);
  else if (count == 5 && !strcmp(mode, "upload"))
    run_upload(url, words[3], words[4], result);
  else if (count == 5 && !strcmp(mode, "threads"))
    run_threads(url, times, atoi(words[4]));
  else if (count == 5 && !strcmp(mode, "handles"))
    run_handles(url, times, atoi(words[4]), result);
  else if (count == 4 && !strcmp(mode, "memory"))
    run_memory(url, times, result);
  else if (count == 5 && !strcmp(mode, "setopt"))
    return run_setopt(url, times, words[4], result);
  else
    return (count == 4 || count == 5) &&
           run_multi(mode, url, times, count > 4 ? atoi(words[4]) : 0, result);
  return true;
}

int main(int count, char **words) {
  struct result result = {0, 0, 0, 0, 0, 0, 0, 0};

  allow_descriptors();
  (void)curl_global_init(CURL_GLOBAL_DEFAULT);
  if (count < 3 || !run(count, words, &result))
    return 2;
  curl_global_cleanup();
  (void)printf("{\"wall_ns\": %" PRId64 ", \"cpu_ns\": %" PRId64
               ", \"first_byte_ns\": %" PRId64 ", \"bytes\": %" PRId64
               ", \"header_lines\": %" PRId64 ", \"drives\": %" PRId64
               ", \"idle_kib\": %ld, \"used_kib\": %ld, \"peak_kib\": %ld}\n",
               result.wall_ns, result.cpu_ns, result.first_byte_ns,
               result.bytes, result.header_lines, result.drives,
               result.idle_kib, result.used_kib, memory_kib("VmHWM"));
  return 0;
}

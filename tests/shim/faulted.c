#define _GNU_SOURCE
#include "faulted.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

const char *faulted_scheme(const char *scheme) {
  if (scheme && !strcasecmp(scheme, "https"))
    return "HTTPS";
  return scheme && !strcasecmp(scheme, "http") ? "HTTP" : "-";
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  struct faulted *faulted = data;
  size_t length = size * count;
  const char *scheme = NULL;
  long status = -1;

  curl_easy_getinfo(faulted->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(faulted->curl, CURLINFO_SCHEME, &scheme);
  if (!strncmp(bytes, "HTTP/", 5))
    fprintf(faulted->out, "[%.12s %ld %s]", bytes, status,
            faulted_scheme(scheme));
  else if (length == 2)
    fprintf(faulted->out, "[]");
  return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  struct faulted *faulted = data;

  (void)bytes;
  faulted->body += (long long)(size * count);
  return size * count;
}

void faulted_begin(struct faulted *faulted, CURL *curl, FILE *out) {
  memset(faulted, 0, sizeof *faulted);
  faulted->curl = curl;
  faulted->out = out;
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, faulted);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, faulted);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, faulted->error);
}

/* Words of later libcurls and of earlier ones, of the same length or less. */
static const char *const words[][2] = {
    {"Could not connect", "Couldn't connect"},
    {"transfer closed with ", "end of response with "},
    {" bytes remaining to read", " bytes missing"},
    {" port ", ":"},
};

static void say_as_all(char *text) {
  for (size_t i = 0; i < COUNT(words); i++) {
    char *at = strstr(text, words[i][0]);
    size_t length = strlen(words[i][0]);
    if (!at)
      continue;
    memmove(at + strlen(words[i][1]), at + length, strlen(at + length) + 1);
    memcpy(at, words[i][1], strlen(words[i][1]));
  }
}

/* Numbers of milliseconds and ports are other ones. */
static void print_text(FILE *out, const char *text) {
  for (; *text; text++) {
    bool varies =
        isdigit((unsigned char)*text) &&
        (strstr(text, " ms: ") == text + strspn(text, "0123456789") ||
         strstr(text, " milliseconds") == text + strspn(text, "0123456789") ||
         strstr(text, " after ") == text + strspn(text, "0123456789"));
    if (varies)
      text += strspn(text, "0123456789") - 1;
    fputc(varies ? 'N' : *text, out);
  }
}

CURLcode faulted_end(struct faulted *faulted) {
  CURLcode code = curl_easy_perform(faulted->curl);
  long status = -1, redirects = -1, connects = -1, version = -1;
  curl_off_t size = -1;
  double total = -1;

  curl_easy_getinfo(faulted->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(faulted->curl, CURLINFO_REDIRECT_COUNT, &redirects);
  curl_easy_getinfo(faulted->curl, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(faulted->curl, CURLINFO_HTTP_VERSION, &version);
  curl_easy_getinfo(faulted->curl, CURLINFO_SIZE_DOWNLOAD_T, &size);
  curl_easy_getinfo(faulted->curl, CURLINFO_TOTAL_TIME, &total);
  fprintf(faulted->out,
          " %d: status %ld, redirects %ld, connects %ld, v%ld, %s", (int)code,
          status, redirects, connects, version,
          total >= 0 && total < 60 ? "timed" : "not timed");
  fprintf(faulted->out, ", error ");
  say_as_all(faulted->error);
  print_text(faulted->out, faulted->error);
  return code;
}

char *faulted_run(const char *faults, const char *more, const char *name,
                  char **errors) {
  char setting[256];
  const char *policy[] = {setting,
                          "CURLRETRY_BASE_DELAY=5ms",
                          "CURLRETRY_JITTER=none",
                          "CURLRETRY_LOG=stderr",
                          more,
                          NULL};

  snprintf(setting, sizeof setting, "CURLRETRY_FAULTS=%s", faults);
  return run_child(CHILD_SHIMMED, name, policy, errors);
}

void faulted_post(CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "a=b");
}

static size_t on_read(char *buffer, size_t size, size_t count, void *data) {
  long *left = data;
  size_t length = size * count;

  if ((long)length > *left)
    length = (size_t)*left;
  memset(buffer, 'x', length);
  *left -= (long)length;
  return length;
}

void faulted_put(CURL *curl) {
  static long left;

  left = 3000000;
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(curl, CURLOPT_READDATA, &left);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)left);
}

/* The client's `setopt`: one option, set again and again. Options that the
 * shim keeps, some it must copy, and some it has no use for. */
#define _GNU_SOURCE
#include "client.h"

#include <string.h>

enum kind { NUMBER, URL, STRING, LIST, DATA };

static const struct {
  const char *name;
  CURLoption option;
  enum kind kind;
} options[] = {
    {"URL", CURLOPT_URL, URL},
    {"WRITEFUNCTION", CURLOPT_WRITEFUNCTION, DATA},
    {"WRITEDATA", CURLOPT_WRITEDATA, DATA},
    {"TIMEOUT", CURLOPT_TIMEOUT, NUMBER},
    {"HTTPHEADER", CURLOPT_HTTPHEADER, LIST},
    {"RANGE", CURLOPT_RANGE, STRING},
    {"POSTFIELDS", CURLOPT_POSTFIELDS, STRING},
    {"USERAGENT", CURLOPT_USERAGENT, STRING},
    {"FOLLOWLOCATION", CURLOPT_FOLLOWLOCATION, NUMBER},
    {"TCP_NODELAY", CURLOPT_TCP_NODELAY, NUMBER},
};

static void set(CURL *curl, CURLoption option, int count, enum kind kind,
                const void *value) {
  /* Through a pointer: curl.h's macro checks constant options only. */
  CURLcode (*setopt)(CURL *, CURLoption, ...) = curl_easy_setopt;

  for (int i = 0; i < count; i++)
    if (kind == NUMBER)
      (void)setopt(curl, option, 1L);
    else
      (void)setopt(curl, option, value);
}

bool run_setopt(const char *url, int count, const char *name,
                struct result *result) {
  CURL *curl = new_handle(url, result);
  struct curl_slist *list = curl_slist_append(NULL, "X-Bench: yes");
  const void *values[] = {NULL, url, "0-99", list, result};
  bool is_known = false;

  for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
    if (!strcmp(options[i].name, name)) {
      set(curl, options[i].option, count, options[i].kind,
          values[options[i].kind]);
      is_known = true;
    }
  curl_easy_cleanup(curl);
  curl_slist_free_all(list);
  return is_known;
}

/* A libcurl without a network: perform fails to resolve the name every other
 * time. WITHOUT_SOME leaves out what few programs use, as a mock does. */
#include <stdarg.h>
#include <stdlib.h>

struct version {
  int age;
  const char *version;
  unsigned number;
};

static int performed;

void *curl_easy_init(void);
void curl_easy_cleanup(void *curl);
int curl_easy_setopt(void *curl, int option, ...);
int curl_easy_perform(void *curl);

void *curl_easy_init(void) { return calloc(1, 16); }

void curl_easy_cleanup(void *curl) { free(curl); }

int curl_easy_setopt(void *curl, int option, ...) {
  return curl && option ? 0 : 43;
}

int curl_easy_perform(void *curl) {
  return !curl ? 43 : performed++ % 2 ? 0 : 6;
}

#ifndef WITHOUT_SOME
void curl_easy_reset(void *curl);
void *curl_easy_duphandle(void *curl);
int curl_easy_getinfo(void *curl, int id, ...);
int curl_easy_pause(void *curl, int action);
int curl_multi_add_handle(void *multi, void *curl);
void curl_free(void *text);
struct version *curl_version_info(int age);

void curl_easy_reset(void *curl) { (void)curl; }

void *curl_easy_duphandle(void *curl) {
  return curl ? curl_easy_init() : NULL;
}

int curl_easy_getinfo(void *curl, int id, ...) {
  va_list list;

  if (!curl)
    return 43;
  va_start(list, id);
  switch (id & 0xf00000) {
  case 0x200000:
    *va_arg(list, long *) = 0;
    break;
  case 0x300000:
    *va_arg(list, double *) = 0;
    break;
  case 0x600000:
    *va_arg(list, long long *) = 0;
    break;
  default:
    *va_arg(list, void **) = NULL;
    break;
  }
  va_end(list);
  return 0;
}

int curl_easy_pause(void *curl, int action) { return curl && action ? 0 : 43; }

int curl_multi_add_handle(void *multi, void *curl) {
  return multi && curl ? 0 : 1;
}

/* Nobody calls these. */
#define UNUSED(name)                                                          \
  int name(void);                                                             \
  int name(void) { return 1; }

UNUSED(curl_multi_init)
UNUSED(curl_multi_cleanup)
UNUSED(curl_multi_remove_handle)
UNUSED(curl_multi_perform)
UNUSED(curl_multi_socket_action)
UNUSED(curl_multi_socket_all)
UNUSED(curl_multi_socket)
UNUSED(curl_multi_info_read)
UNUSED(curl_multi_timeout)
UNUSED(curl_multi_wait)
UNUSED(curl_multi_fdset)
UNUSED(curl_multi_setopt)

void curl_free(void *text) { free(text); }

struct version *curl_version_info(int age) {
  static struct version version = {0, "7.88.1", 0x075801};

  return age >= 0 ? &version : NULL;
}
#endif

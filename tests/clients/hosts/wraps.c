/* A preload that wraps libcurl's functions as tracers do, without being linked
 * with it, and at the end says NAME and what of it was called.
 *
 *   PERFORM   it wraps curl_easy_perform()
 *   SETOPT    curl_easy_setopt()
 *   INIT      curl_easy_init() and _cleanup()
 *   OTHERS    the other ones that we stand in for or call
 *   AT_START  it looks for the real ones in a constructor
 *   BY_OPEN   it finds them in libcurl.so.4, not by RTLD_NEXT
 *   TWICE     it uses the handle on its way
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

static int performed, set, made, freed, others;

static void *find(const char *name) {
#ifdef BY_OPEN
  static void *object;

  if (!object)
    object = dlopen("libcurl.so.4", RTLD_LAZY);
  return object ? dlsym(object, name) : NULL;
#else
  return dlsym(RTLD_NEXT, name);
#endif
}

/* `found` is kept where it was found at the start. */
static void *real(const char *name, void **found) {
  return *found ? *found : find(name);
}

#define REAL(name, result, ...)                                               \
  static void *found_##name;                                                  \
  static result (*real_##name(void))(__VA_ARGS__) {                           \
    result (*function)(__VA_ARGS__);                                          \
    *(void **)&function = real("curl_" #name, &found_##name);                 \
    return function;                                                          \
  }

#ifdef PERFORM
REAL(easy_perform, CURLcode, CURL *)

CURLcode curl_easy_perform(CURL *curl) {
  CURLcode (*next)(CURL *) = real_easy_perform();
  CURLcode code;
#ifdef TWICE
  char *url = NULL;

  (void)curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &url);
  (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "wrapped");
#endif
  performed++;
  code = next ? next(curl) : CURLE_FAILED_INIT;
  return code;
}
#endif

#ifdef SETOPT
REAL(easy_setopt, CURLcode, CURL *, CURLoption, ...)

CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...) {
  CURLcode (*next)(CURL *, CURLoption, ...) = real_easy_setopt();
  void *argument;
  va_list list;

  va_start(list, option);
  argument = va_arg(list, void *);
  va_end(list);
  set++;
  return next ? next(curl, option, argument) : CURLE_FAILED_INIT;
}
#endif

#ifdef INIT
REAL(easy_init, CURL *, void)
REAL(easy_cleanup, void, CURL *)

CURL *curl_easy_init(void) {
  CURL *(*next)(void) = real_easy_init();

  made++;
  return next ? next() : NULL;
}

void curl_easy_cleanup(CURL *curl) {
  void (*next)(CURL *) = real_easy_cleanup();

  freed++;
  if (next)
    next(curl);
}
#endif

#ifdef OTHERS
REAL(easy_getinfo, CURLcode, CURL *, CURLINFO, ...)
REAL(easy_duphandle, CURL *, CURL *)
REAL(easy_reset, void, CURL *)
REAL(easy_pause, CURLcode, CURL *, int)
REAL(multi_add_handle, CURLMcode, CURLM *, CURL *)
REAL(version_info, curl_version_info_data *, CURLversion)
REAL(free, void, void *)
REAL(getdate, time_t, const char *, const time_t *)
REAL(easy_nextheader, struct curl_header *, CURL *, unsigned, int,
     struct curl_header *)

CURLcode curl_easy_getinfo(CURL *curl, CURLINFO id, ...) {
  CURLcode (*next)(CURL *, CURLINFO, ...) = real_easy_getinfo();
  void *answer;
  va_list list;

  va_start(list, id);
  answer = va_arg(list, void *);
  va_end(list);
  others++;
  return next ? next(curl, id, answer) : CURLE_FAILED_INIT;
}

CURL *curl_easy_duphandle(CURL *curl) {
  CURL *(*next)(CURL *) = real_easy_duphandle();

  others++;
  return next ? next(curl) : NULL;
}

void curl_easy_reset(CURL *curl) {
  void (*next)(CURL *) = real_easy_reset();

  others++;
  if (next)
    next(curl);
}

CURLcode curl_easy_pause(CURL *curl, int action) {
  CURLcode (*next)(CURL *, int) = real_easy_pause();

  others++;
  return next ? next(curl, action) : CURLE_FAILED_INIT;
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *curl) {
  CURLMcode (*next)(CURLM *, CURL *) = real_multi_add_handle();

  others++;
  return next ? next(multi, curl) : CURLM_INTERNAL_ERROR;
}

curl_version_info_data *curl_version_info(CURLversion age) {
  curl_version_info_data *(*next)(CURLversion) = real_version_info();

  return next ? next(age) : NULL;
}

void curl_free(void *memory) {
  void (*next)(void *) = real_free();

  if (next)
    next(memory);
}

time_t curl_getdate(const char *text, const time_t *unused) {
  time_t (*next)(const char *, const time_t *) = real_getdate();

  return next ? next(text, unused) : -1;
}

struct curl_header *curl_easy_nextheader(CURL *curl, unsigned origin,
                                         int request,
                                         struct curl_header *previous) {
  struct curl_header *(*next)(CURL *, unsigned, int, struct curl_header *) =
      real_easy_nextheader();

  others++;
  return next ? next(curl, origin, request, previous) : NULL;
}
#endif

#ifdef AT_START
__attribute__((constructor)) static void begin(void) {
#ifdef PERFORM
  found_easy_perform = find("curl_easy_perform");
#endif
#ifdef SETOPT
  found_easy_setopt = find("curl_easy_setopt");
#endif
#ifdef INIT
  found_easy_init = find("curl_easy_init");
  found_easy_cleanup = find("curl_easy_cleanup");
#endif
}
#endif

__attribute__((destructor)) static void end(void) {
  (void)fprintf(stderr, NAME "%s%s%s%s%s\n", performed ? " perform" : "",
                set ? " setopt" : "", made ? " init" : "",
                freed ? " cleanup" : "", others ? " others" : "");
}

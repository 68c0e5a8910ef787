/* One libcurl that this program is linked with, and a second one, of the same
 * file, in a namespace of its own: which of them makes the handle that the
 * second one is asked for? Only that one has our allocator. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int allocations;

static void *count(size_t number, size_t size) {
  allocations++;
  return calloc(number, size);
}

int main(void) {
  CURLcode (*global_init)(long, curl_malloc_callback, curl_free_callback,
                          curl_realloc_callback, curl_strdup_callback,
                          curl_calloc_callback);
  void *(*init)(void);
  CURL *own = curl_easy_init();
  void *library = dlmopen(LM_ID_NEWLM, "libcurl.so.4", RTLD_NOW);
  void *other;
  int before;

  if (!own || !library)
    return 2;
  *(void **)&global_init = dlsym(library, "curl_global_init_mem");
  *(void **)&init = dlsym(library, "curl_easy_init");
  if (global_init(CURL_GLOBAL_DEFAULT, malloc, free, realloc, strdup, count))
    return 3;
  before = allocations;
  other = init();
  printf("%s by %s\n", other ? "handle" : "none",
         allocations > before ? "the second" : "the first");
  return 0;
}

/* alone: performs once by the libcurl it is linked with and says whether it
 * has a libdl.so.2, before and afterwards. It begins without crt1.o, so that
 * it may be linked with a newer C library than it runs with. */
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *curl_easy_init(void);
int curl_easy_setopt(void *curl, int option, ...);
int curl_easy_perform(void *curl);
void curl_easy_cleanup(void *curl);

void _start(void);

static int is_libdl(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size, (void)unused;
  return strstr(info->dlpi_name, "/libdl.so") != NULL;
}

static void say_libdl(void) {
  printf("libdl: %s\n", dl_iterate_phdr(is_libdl, NULL) ? "yes" : "no");
}

__attribute__((force_align_arg_pointer)) void _start(void) {
  void *curl;

  say_libdl();
  curl = curl_easy_init();
  (void)curl_easy_setopt(curl, 10002, "http://none.invalid/");
  printf("perform: %d\n", curl_easy_perform(curl));
  curl_easy_cleanup(curl);
  say_libdl();
  exit(0);
}

/* test_libc.c - the loader's own functions, where there is no dlvsym() to ask
 * for them, as in musl and without libdl.so.2 (linked so, see the Makefile);
 * what comes of a process that has none at all; and the kernel's own. */
#define _GNU_SOURCE
#include "unit_test.h"

#include "host/libc.h"
#include "libcurl/real.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

static const char *const names[] = {"dlsym",  "dlopen", "dlclose",
                                    "dladdr", "dlinfo", "dlerror"};

static void they_are_found_in_the_symbols_of_libc(void **state) {
  void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);

  (void)state;
  assert_non_null(libc);
  for (size_t i = 0; i < COUNT(names); i++) {
    void *found = libc_loader_function(names[i]);
    assert_non_null(found);
    assert_ptr_equal(found, dlsym(libc, names[i]));
  }
  (void)dlclose(libc);
}

static void what_isnt_there_is_not_found(void **state) {
  (void)state;
  assert_null(libc_loader_function("dlsymx"));
  assert_null(libc_loader_function("dlsy"));
  assert_null(libc_loader_function(""));
}

/* All the rest comes of these. */
static void with_them_the_real_functions_are_reached(void **state) {
  void *object;
  Dl_info info;

  (void)state;
  assert_non_null(real_dlsym_address());
  assert_non_null(real_find(RTLD_DEFAULT, "malloc"));
  object = real_open(NULL, RTLD_LAZY);
  assert_non_null(object);
  assert_non_null(real_map(object));
  assert_int_equal(real_close(object), 0);
  assert_true(real_address((void *)(uintptr_t)printf, &info));
  assert_null(real_open("/no/such/library.so", RTLD_LAZY));
  real_forget_error();
  assert_null(dlerror());
}

/* The program's clock may be another one; under valgrind there is none. */
static void the_kernel_s_clock_is_found(void **state) {
  static const char *const clocks[] = {"__vdso_clock_gettime",
                                       "__kernel_clock_gettime"};
  void *found = libc_kernel_function(clocks[0]);
  int (*read)(clockid_t, struct timespec *);
  struct timespec before, now, after;

  (void)state;
  if (!found)
    found = libc_kernel_function(clocks[1]);
  assert_true(found || !getauxval(AT_SYSINFO_EHDR));
  assert_null(libc_kernel_function("__vdso_clock"));
  if (!found)
    skip();
  memcpy(&read, &found, sizeof(read));
  clock_gettime(CLOCK_MONOTONIC, &before);
  assert_int_equal(read(CLOCK_MONOTONIC, &now), 0);
  clock_gettime(CLOCK_MONOTONIC, &after);
  assert_true(now.tv_sec >= before.tv_sec && now.tv_sec <= after.tv_sec);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(they_are_found_in_the_symbols_of_libc),
      cmocka_unit_test(what_isnt_there_is_not_found),
      cmocka_unit_test(with_them_the_real_functions_are_reached),
      cmocka_unit_test(the_kernel_s_clock_is_found),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

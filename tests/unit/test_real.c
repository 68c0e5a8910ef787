/* test_real.c - a process where none of the loader's functions is found, as
 * before libc is there: nothing is reached, and nothing breaks. */
#define _GNU_SOURCE
#include "unit_test.h"

#include "host/libc.h"
#include "libcurl/objects.h"
#include "libcurl/real.h"

#include <dlfcn.h>

static int asked;

void *libc_loader_function(const char *name) {
  assert_non_null(name);
  asked++;
  return NULL;
}

static void nothing_is_reached(void **state) {
  Dl_info info;

  (void)state;
  assert_null(real_dlsym_address());
  assert_null(real_dlopen_address());
  assert_null(real_find(RTLD_NEXT, "malloc"));
  assert_null(real_open("libc.so.6", RTLD_LAZY));
  assert_int_equal(real_close(&info), -1);
  assert_false(real_address(&asked, &info));
  assert_null(real_map(&info));
  real_forget_error();
  assert_true(asked > 0);
}

/* It may be there later, with a plugin. */
static void it_is_looked_for_again(void **state) {
  int before = asked;

  (void)state;
  assert_null(real_find(RTLD_NEXT, "malloc"));
  assert_true(asked > before);
}

static void no_object_is_opened(void **state) {
  (void)state;
  assert_null(objects_open(&asked));
  assert_false(objects_has_versions(&asked));
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(nothing_is_reached),
      cmocka_unit_test(it_is_looked_for_again),
      cmocka_unit_test(no_object_is_opened),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

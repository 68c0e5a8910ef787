/* Children in pairs: without the shim, with it. */
#define _GNU_SOURCE
#include "multi_pair.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 6

static const struct multi_pair *current;
static struct child children[2 * LOOPS];

static int run_pairs(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(children); i++)
    children[i] =
        (struct child){.kind = i % 2 ? CHILD_SHIMMED : CHILD_UNSHIMMED,
                       .name = loops[i / 2].name,
                       .policy = current->policy};
  run_children(children, COUNT(children), AT_ONCE);
  return 0;
}

static int forget_pairs(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(children); i++) {
    free(children[i].printed);
    free(children[i].errors);
  }
  return 0;
}

static size_t count_marks(const char *text) {
  size_t marks = 0;

  for (; (text = strstr(text, PAIR_MARK)); text++)
    marks += text[-1] == '\n';
  return marks;
}

static void they_print_the_same(void **state) {
  const struct child *pair = *state;

  for (int i = 0; i < 2; i++)
    if (pair[i].status)
      fail_msg("status %x: %s", (unsigned)pair[i].status, pair[i].errors);
  record_assert_same(pair[1].printed, pair[0].printed);
  assert_null(strstr(pair[0].printed, "trouble"));
  assert_int_equal(count_marks(pair[0].printed), current->transfers);
}

static int tests(void) {
  struct CMUnitTest all[LOOPS];

  for (size_t i = 0; i < LOOPS; i++)
    all[i] = (struct CMUnitTest){loops[i].name, they_print_the_same, NULL,
                                 NULL, &children[2 * i]};
  return cmocka_run_group_tests(all, run_pairs, forget_pairs);
}

int multi_pair(int argc, char **argv, const struct multi_pair *pair) {
  static const char *const none[] = {NULL};
  static struct setup setup = {none, tests, NULL};

  current = pair;
  setup.child = pair->print;
  return setup_main(argc, argv, &setup);
}

/* page_test.h - a folder in memory of this test's own, for shared budgets. */
#ifndef CURLRETRY_PAGE_TEST_H
#define CURLRETRY_PAGE_TEST_H

#include "unit_test.h"

#include "host/budget_page.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT 100
#define COST 5
#define NOW 1795392000 /* of 2026-11-23 */

static char folder[32];
static char path[BUDGET_PAGE_PATH_SIZE];

/* The setup and the teardown of each test; without /dev/shm it is skipped. */
static inline int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/dev/shm/budget.XXXXXX");
  if (!mkdtemp(folder)) {
    printf("/dev/shm can't be written to\n");
    folder[0] = 0;
    return 0;
  }
  budget_page_path(folder, path);
  return 0;
}

static inline int remove_folder(void **state) {
  (void)state;
  (void)unlink(path);
  (void)rmdir(path);
  (void)rmdir(folder);
  return 0;
}

#define PAGE_TEST(test)                                                       \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

/* The page, which has to be usable. */
static inline struct budget_table *open_page(void) {
  const char *problem = "";
  struct budget_table *table;

  if (!folder[0])
    skip();
  table = budget_page_open(folder, &problem);
  if (!table)
    fail_msg("%s", problem);
  return table;
}

static inline bool take(struct budget_table *table, uint64_t origin) {
  return budget_take(table, origin, COST, LIMIT, NOW);
}

static inline int left(struct budget_table *table, uint64_t origin) {
  return budget_left(table, origin, LIMIT, NOW);
}

#endif

/* test_page_threads.c - many threads, processes and kills at one page of the
 * user's budgets: together they never take more than there is. */
#define _GNU_SOURCE
#include "page_test.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define MANY 16
#define WRITERS 3
#define ORIGINS 400 /* more than there are entries */
#define KILLS 600   /* at most */
#define KILLS_FEWEST 50
#define KILLS_MS 2000 /* or longer, for the fewest */

/* What all processes of a test have in common. */
static struct together {
  _Atomic int go;
  _Atomic int retries;
  _Atomic int round;
  _Atomic int taken[KILLS];
} * together;

static int begin(void **state) {
  if (!together)
    together = mmap(NULL, sizeof *together, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(together != MAP_FAILED);
  memset(together, 0, sizeof *together);
  return make_folder(state);
}

#define TOGETHER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, begin, remove_folder)

static void take_all_at_once(void) {
  struct budget_table *table;
  const char *problem;

  while (!atomic_load(&together->go))
    ;
  table = budget_page_open(folder, &problem);
  while (table && take(table, 1))
    atomic_fetch_add(&together->retries, 1);
}

static void *run_thread(void *unused) {
  take_all_at_once();
  return unused;
}

static void threads_that_make_it_at_once_share_it(void **state) {
  pthread_t threads[MANY];

  (void)state;
  (void)open_page();
  unlink(path);
  for (int i = 0; i < MANY; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, run_thread, NULL), 0);
  atomic_store(&together->go, 1);
  for (int i = 0; i < MANY; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(atomic_load(&together->retries), LIMIT / COST);
}

static void processes_that_make_it_at_once_share_it(void **state) {
  pid_t children[MANY];
  int status;

  (void)state;
  (void)open_page();
  unlink(path);
  for (int i = 0; i < MANY; i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (!children[i]) {
      take_all_at_once();
      _exit(0);
    }
  }
  atomic_store(&together->go, 1);
  for (int i = 0; i < MANY; i++) {
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_int_equal(status, 0);
  }
  assert_int_equal(atomic_load(&together->retries), LIMIT / COST);
}

static void a_fork_has_the_same_page(void **state) {
  struct budget_table *table = open_page();
  int status;
  pid_t child;

  (void)state;
  assert_true(take(table, 1));
  child = fork();
  assert_true(child >= 0);
  if (!child)
    _exit(left(table, 1) != LIMIT - COST || !take(table, 1));
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(left(table, 1), LIMIT - 2 * COST);
}

/* --- kills -----------------------------------------------------------------
 */

static int64_t now_ms(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_us(long us) {
  const struct timespec time = {0, us * 1000};

  nanosleep(&time, NULL);
}

/* When a round is: what the killed ones of fifty had is forgotten, or entries
 * that are short would fill the table. */
static int64_t time_of(int round) { return NOW + 12 * round; }

/* Until it is killed: all of this round's origin is taken, and counted after
 * each; others are taken and given back, of which there are more than
 * entries, so that these are turned over all the time. */
static void write_on(unsigned seed) {
  const char *problem;
  struct budget_table *table = budget_page_open(folder, &problem);

  while (table) {
    int round = atomic_load(&together->round);
    int64_t now = time_of(round);
    uint64_t other;

    seed = seed * 1103515245 + 12345;
    other = 1000 + seed / 65536 % ORIGINS;
    if (budget_take(table, 1000000 + (uint64_t)round, COST, LIMIT, now) &&
        atomic_load(&together->round) < round + 20) /* it slept so long */
      atomic_fetch_add(&together->taken[round], 1);
    if (budget_take(table, other, COST, LIMIT, now))
      budget_give(table, other, COST, now);
  }
  _exit(1);
}

static pid_t begin_writer(unsigned seed) {
  pid_t child = fork();

  if (!child)
    write_on(seed);
  return child;
}

static void kills_leave_a_page_that_is_right(void **state) {
  struct budget_table *table = open_page();
  int64_t end = now_ms() + KILLS_MS;
  pid_t writers[WRITERS];
  int status, all = 0, kills = 0;

  (void)state;
  for (unsigned i = 0; i < WRITERS; i++)
    writers[i] = begin_writer(i);
  while (kills < KILLS_FEWEST || (kills < KILLS && now_ms() < end)) {
    pid_t *victim = &writers[kills % WRITERS];

    pause_us(100 + kills * 7919 % 3000);
    kill(*victim, SIGKILL);
    assert_int_equal(waitpid(*victim, &status, 0), *victim);
    assert_true(WIFSIGNALED(status)); /* nothing else ended it */
    *victim = begin_writer((unsigned)kills);
    kills++;
    atomic_store(&together->round, kills - 1);
  }
  for (int i = 0; i < WRITERS; i++) {
    kill(writers[i], SIGKILL);
    assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
  }
  printf("# %d kills\n", kills);
  for (int i = 0; i < kills; i++) {
    int taken = atomic_load(&together->taken[i]);

    assert_in_range(taken, 0, LIMIT / COST);
    all += taken;
  }
  assert_true(all > LIMIT / COST);
  /* what the killed ones had taken comes back with time */
  for (uint64_t origin = 1000; origin < 1000 + ORIGINS; origin++) {
    assert_in_range(budget_left(table, origin, LIMIT, time_of(kills)), 0,
                    LIMIT);
    assert_int_equal(
        budget_left(table, origin, LIMIT, time_of(kills) + 11 * 60), LIMIT);
  }
  assert_int_equal(left(open_page(), 1), left(table, 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TOGETHER(threads_that_make_it_at_once_share_it),
      TOGETHER(processes_that_make_it_at_once_share_it),
      TOGETHER(a_fork_has_the_same_page),
      TOGETHER(kills_leave_a_page_that_is_right),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}

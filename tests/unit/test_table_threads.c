/* test_table_threads.c - the table while threads make and free handles in the
 * same buckets, hand addresses to each other as an allocator does, and fork
 * in the middle of it. Also run under ThreadSanitizer. */
#include "exchange_test.h"

#include "drive/table.h"
#include "engine/call.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 6
#define HANDLES 500 /* of each thread */
#define ROUNDS 5
#define BUCKETS 64 /* used, of the table's */
#define TWINS 4000 /* made at once */
#define FORKS 40

static const struct library libraries[THREADS + 1];
static CURL *handles[THREADS + 1][HANDLES];
static CURL *twins[2][TWINS];
static atomic_int wrong; /* what a thread found that it shouldn't have */

void __wrap_call_free(struct call *call);
void __wrap_call_free(struct call *call) { wrong += call != NULL; }

/* The next address of a bucket (table.c: bucket_of()): there are 4096, and
 * threads are to meet in one. Nobody looks behind it. */
static CURL *next_in(uint64_t bucket) {
  static uint64_t address = 0x500000000000;

  do
    address += 16;
  while (((address >> 4) * 0x9e3779b97f4a7c15u) >> 52 != bucket);
  return (CURL *)(uintptr_t)address;
}

static void choose_handles(void) {
  for (size_t i = 0; i < (THREADS + 1) * HANDLES; i++)
    handles[i % (THREADS + 1)][i / (THREADS + 1)] = next_in(i % BUCKETS);
  for (size_t i = 0; i < 2 * TWINS; i++)
    twins[i % 2][i / 2] = next_in(i / 2 % BUCKETS);
}

/* A row is this thread's, and nobody else's values are in it. */
static void check(size_t thread, size_t n) {
  const struct handle *row = table_find(handles[thread][n]);

  if (!row || row->curl != handles[thread][n] ||
      row->library != &libraries[thread] || row->shadow.post_size != (long)n)
    wrong++;
}

static void make(size_t thread, size_t n) {
  struct handle *row = table_add(handles[thread][n], &libraries[thread]);

  if (row)
    row->shadow.post_size = (long)n;
  else
    wrong++;
}

static void drop(size_t thread, size_t n) {
  table_remove(handles[thread][n]);
  if (table_find(handles[thread][n]))
    wrong++;
}

static void make_and_drop(size_t thread) {
  for (size_t i = 0; i < HANDLES; i++) {
    make(thread, i);
    check(thread, i);
    check(thread, i / 2);
  }
  for (size_t i = 0; i < HANDLES; i += 2)
    drop(thread, i);
  for (size_t i = 0; i < HANDLES; i++) {
    if (i % 2)
      check(thread, i);
    else
      make(thread, i);
  }
  for (size_t i = 0; i < HANDLES; i++)
    drop(thread, i);
}

/* --- rows and threads ------------------------------------------------------
 */

static atomic_int arrived;
static volatile int passed;

/* Each at about the same moment as the other thread's, a little earlier or
 * later each time. */
static void *make_twins(void *number) {
  size_t thread = *(size_t *)number;

  for (int i = 0; i < TWINS; i++) {
    arrived++;
    for (int spins = 1; arrived < 2 * (i + 1); spins++)
      if (spins % 1000 == 0)
        (void)sched_yield();
    for (int spins = i % 97; thread && spins; spins--)
      passed = spins;
    if (!table_add(twins[thread][i], &libraries[thread]))
      wrong++;
  }
  return NULL;
}

/* In new nodes: this test is the first. */
static void rows_made_at_once_are_all_there(void **state) {
  (void)state;
  pthread_t threads[2];
  size_t numbers[2] = {0, 1};

  for (size_t i = 0; i < 2; i++)
    assert_int_equal(
        pthread_create(&threads[i], NULL, make_twins, &numbers[i]), 0);
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  for (size_t i = 0; i < 2 * TWINS; i++) {
    const struct handle *row = table_find(twins[i % 2][i / 2]);
    assert_non_null(row);
    assert_ptr_equal(row->curl, twins[i % 2][i / 2]);
    assert_ptr_equal(row->library, &libraries[i % 2]);
  }
  for (size_t i = 0; i < 2 * TWINS; i++)
    table_remove(twins[i % 2][i / 2]);
  assert_int_equal(wrong, 0);
}

static void *make_and_drop_often(void *number) {
  for (int i = 0; i < ROUNDS; i++)
    make_and_drop(*(size_t *)number);
  return NULL;
}

static void run(pthread_t *threads, size_t *numbers, void *(*job)(void *)) {
  for (size_t i = 0; i < THREADS; i++) {
    numbers[i] = i;
    assert_int_equal(pthread_create(&threads[i], NULL, job, &numbers[i]), 0);
  }
}

static void join(const pthread_t *threads) {
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void threads_dont_see_each_others_rows(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  size_t numbers[THREADS];

  run(threads, numbers, make_and_drop_often);
  join(threads);
  assert_int_equal(wrong, 0);
  for (size_t i = 0; i < THREADS * HANDLES; i++)
    assert_null(table_find(handles[i / HANDLES][i % HANDLES]));
}

/* --- addresses that go round -----------------------------------------------
 */

/* Addresses nobody has now, as an allocator keeps them. */
static struct {
  pthread_mutex_t lock;
  size_t count;
  size_t free[64];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Which of the last thread's addresses. */
static size_t take_address(void) {
  size_t address;

  pthread_mutex_lock(&pool.lock);
  address = pool.free[--pool.count];
  pthread_mutex_unlock(&pool.lock);
  return address;
}

static void give_address(size_t address) {
  pthread_mutex_lock(&pool.lock);
  pool.free[pool.count++] = address;
  pthread_mutex_unlock(&pool.lock);
}

static void *use_addresses(void *unused) {
  for (int i = 0; i < ROUNDS * HANDLES; i++) {
    size_t address = take_address();
    make(THREADS, address);
    check(THREADS, address);
    drop(THREADS, address);
    give_address(address); /* another thread has it at once */
  }
  return unused;
}

static void an_address_may_go_to_another_thread_at_once(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  size_t numbers[THREADS];

  while (pool.count < THREADS + 1) {
    pool.free[pool.count] = pool.count;
    pool.count++;
  }
  run(threads, numbers, use_addresses);
  join(threads);
  assert_int_equal(wrong, 0);
}

/* --- fork ------------------------------------------------------------------
 */

/* The sanitizers' allocators stay locked in the child of a fork that comes
 * while a thread uses them (gcc 12). */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAN_FORK 0
#else
#define CAN_FORK 1
#endif

static atomic_bool is_over;

static void *make_and_drop_until_it_is_over(void *number) {
  while (!is_over)
    make_and_drop(*(size_t *)number);
  return NULL;
}

/* In the child there is one thread; whatever the others did just now, what it
 * had is there, and it can go on. */
static int use_in_child(void) {
  wrong = 0;
  alarm(60); /* a lock that nobody gives back */
  for (size_t i = 0; i < 100; i++)
    check(THREADS, i);
  for (size_t i = 0; i < 100; i++)
    drop(THREADS, i);
  make_and_drop(THREADS);
  return wrong != 0;
}

static void a_fork_at_any_moment_leaves_a_usable_table(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  size_t numbers[THREADS];

  if (!CAN_FORK)
    skip();
  for (size_t i = 0; i < 100; i++)
    make(THREADS, i);
  run(threads, numbers, make_and_drop_until_it_is_over);
  for (int i = 0; i < FORKS; i++) {
    int status = -1;
    pid_t child = fork();
    if (!child)
      _exit(use_in_child());
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
  }
  is_over = true;
  join(threads);
  assert_int_equal(wrong, 0);
  for (size_t i = 0; i < 100; i++)
    drop(THREADS, i);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(rows_made_at_once_are_all_there),
      cmocka_unit_test(threads_dont_see_each_others_rows),
      cmocka_unit_test(an_address_may_go_to_another_thread_at_once),
      cmocka_unit_test(a_fork_at_any_moment_leaves_a_usable_table),
  };

  choose_handles();
  return cmocka_run_group_tests(all, NULL, NULL);
}

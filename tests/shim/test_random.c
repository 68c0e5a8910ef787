/* test_random.c - transfers with everything drawn by lot: size, framing,
 * encoding, validators, where and how they break, what the program's callbacks
 * do. What the program got is a prefix of the one version whose headers it
 * saw; all of it when the code is 0; and where every failure can be got over,
 * the code is 0.
 *
 * RANDOM_SEED=N repeats a run, RANDOM_COUNT=N is the number of transfers.
 * A transfer depends on the seed and its own number alone.
 */
#define _GNU_SOURCE
#include "lot.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 32
#define COUNT_USUAL 3000
#define COUNT_LONG 8000 /* the server keeps 8192 plans */
#define SUM_FORMAT "%u transfers, %u retried, %u ended by the program\n"

static const char *const hold_everything[] = {"CURLRETRY_HOLD_TIME=off", NULL};
static const char *const hold_a_byte[] = {"CURLRETRY_HOLD_BYTES=1", NULL};
static const char *const hold_little[] = {"CURLRETRY_HOLD_BYTES=4K",
                                          "CURLRETRY_HOLD_TIME=off", NULL};
static const char *const hold_some[] = {"CURLRETRY_HOLD_BYTES=64K", NULL};
static const char *const hold_no_time[] = {"CURLRETRY_HOLD_BYTES=20K",
                                           "CURLRETRY_HOLD_TIME=1ms", NULL};
static const char *const no_resume[] = {"CURLRETRY_HOLD_BYTES=16K",
                                        "CURLRETRY_RESUME=off", NULL};

static const struct scene {
  const char *name;
  const char *const *policy;
} scenes[] = {
    {"hold-everything", hold_everything}, {"hold-a-byte", hold_a_byte},
    {"hold-little", hold_little},         {"hold-some", hold_some},
    {"hold-no-time", hold_no_time},       {"no-resume", no_resume},
};

static unsigned long long seed;
static unsigned count;

/* --- in the child: the transfers ------------------------------------------
 */

static struct {
  pthread_mutex_t lock;
  FILE *out;
  unsigned next;
  unsigned retried;
  unsigned refused;
  bool resumes;
} work = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* One transfer. False, and its story printed: it isn't as it should be. */
static bool transfer(CURL *curl, unsigned number) {
  struct lot lot;
  struct seen seen[LOT_STEPS];
  const char *trouble;

  lot_draw(&lot, seed, number, work.resumes);
  lot_perform(&lot, curl);
  trouble = lot_trouble(&lot);
  pthread_mutex_lock(&work.lock);
  if (server_saw(lot.key, seen, LOT_STEPS) > 1)
    work.retried++;
  work.refused += lot.has_refused;
  if (trouble)
    fprintf(work.out,
            "number %u: %s\n  plan %s, program %s at %lld\n"
            "  code %d, %lld of %lld bytes of version %d, handle %s\n",
            number, trouble, lot.plan, lot_habit(&lot), lot.habit_at,
            (int)lot.code, lot.got, lot.sizes[lot.version], lot.version,
            lot.is_reused ? "reused" : "new");
  pthread_mutex_unlock(&work.lock);
  return !trouble;
}

/* Handles are used again, as programs do, but not all. */
static void *transfers(void *unused) {
  CURL *curl = curl_easy_init();
  unsigned number;

  for (;;) {
    pthread_mutex_lock(&work.lock);
    number = work.next++;
    pthread_mutex_unlock(&work.lock);
    if (number >= count)
      break;
    if (number % 7 == 0) {
      curl_easy_cleanup(curl);
      curl = curl_easy_init();
    } else if (number % 2) {
      curl_easy_reset(curl);
    }
    if (!transfer(curl, number))
      break;
  }
  curl_easy_cleanup(curl);
  return unused;
}

static void run(const char *name, FILE *out) {
  pthread_t threads[THREADS];

  alarm(600u * (unsigned)patience());
  if (sscanf(name, "%llu-%u-%u-%u", &seed, &work.next, &count,
             &(unsigned){0}) < 3)
    return;
  work.resumes = !strstr(name, "no-resume");
  work.out = out;
  const unsigned first = work.next;
  for (unsigned i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, transfers, NULL))
      return;
  for (unsigned i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  fprintf(out, SUM_FORMAT, count - first, work.retried, work.refused);
}

/* --- the tests -------------------------------------------------------------
 */

static void each_transfer_is_a_prefix_of_one_version(void **state) {
  static const char *const common[] = {
      "CURLRETRY_BASE_DELAY=1ms", "CURLRETRY_MAX_DELAY=5ms",
      "CURLRETRY_BUDGET=off",     "CURLRETRY_MAX_RETRIES=6",
      "CURLRETRY_DRAIN_BYTES=2K",
  };
  const struct scene *scene = *state;
  const char *policy[COUNT(common) + 4] = {NULL};
  unsigned at = (unsigned)(scene - scenes), transferred, retried, refused;
  unsigned share = count / (unsigned)COUNT(scenes);
  char name[128], *printed;
  size_t used = 0;

  for (; used < COUNT(common); used++)
    policy[used] = common[used];
  for (size_t i = 0; scene->policy[i]; i++)
    policy[used++] = scene->policy[i];
  snprintf(name, sizeof name, "%llu-%u-%u-%s", seed, at * share,
           (at + 1) * share, scene->name);
  log_forget();
  printed = run_child(CHILD_SHIMMED, name, policy, NULL);
  if (strstr(printed, "number"))
    fail_msg("RANDOM_SEED=%llu RANDOM_COUNT=%u\n%s", seed, count, printed);
  if (sscanf(printed, SUM_FORMAT, &transferred, &retried, &refused) != 3)
    fail_msg("the child says: %s", printed);
  assert_int_equal(transferred, share);
  /* the shim was live: most plans fail at first */
  assert_true(retried > share / 3);
  assert_true(share < 50 || refused > 0);
  assert_true(log_count("retry ") > retried / 2);
  free(printed);
}

/* --- main ------------------------------------------------------------------
 */

static unsigned long long number_of(const char *name,
                                    unsigned long long usual) {
  const char *text = getenv(name);

  return text && *text ? strtoull(text, NULL, 10) : usual;
}

static int tests(void) {
  struct CMUnitTest all[COUNT(scenes)];
  unsigned usual = COUNT_USUAL / (unsigned)patience();

  if (getenv("TEST_LONG"))
    usual = COUNT_LONG / (unsigned)patience();
  alarm(3600);
  seed = number_of("RANDOM_SEED", (unsigned long long)now_ms() % 1000000);
  count = (unsigned)number_of("RANDOM_COUNT", usual);
  printf("RANDOM_SEED=%llu RANDOM_COUNT=%u\n", seed, count);
  for (size_t i = 0; i < COUNT(scenes); i++)
    all[i] = (struct CMUnitTest){scenes[i].name,
                                 each_transfer_is_a_prefix_of_one_version,
                                 NULL, NULL, (void *)(uintptr_t)&scenes[i]};
  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {NULL};
  static const struct setup setup = {policy, tests, run};

  return setup_main(argc, argv, &setup);
}

/* The children print TAP; each line of theirs is a test of the parent. */
#define _GNU_SOURCE
#include "multi_run.h"

#include "server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT_ONCE 9 /* children; few of them where all is slow */
#define AT_ONCE_SLOW 4
#define POLICY_MAX 12

static const struct multi_run *current;
static struct child children[LOOPS];

/* One result of one child. */
struct result {
  const struct child *child;
  const char *test; /* NULL: that it ended well */
  char name[128];
};

long multi_delay(void) { return drive_slowly(current->delay_ms); }

unsigned long long multi_seed(void) {
  const char *text = getenv("RANDOM_SEED");

  return text ? strtoull(text, NULL, 10) : 0;
}

static bool is_long(void) {
  const char *text = getenv("TEST_LONG");

  return text && *text;
}

unsigned multi_count(unsigned few, unsigned usual, unsigned many) {
  if (patience() > 1)
    return few;
  return is_long() ? many : usual;
}

void run_to_end(struct drive *drive) {
  if (!drive_end(drive))
    fail_msg("%s", drive->trouble);
}

bool turn_never(struct drive *drive) {
  (void)drive;
  return false;
}

/* No message is read meanwhile. */
static void run_only(struct drive *drive, long ms) {
  bool (*turn)(struct drive *) = drive->turn;

  drive->turn = turn_never;
  drive_for(drive, ms);
  drive->turn = turn;
}

void run_until_seen(struct drive *drive, const char *key, size_t requests) {
  for (int i = 0; i < 2000 && server_count(key) < requests; i++)
    run_only(drive, 5);
  if (server_count(key) != requests)
    drive_complain(drive, "another number of requests");
}

/* A reset comes 20 ms after the request. */
void run_until_waiting(struct drive *drive, const char *key, size_t requests) {
  run_until_seen(drive, key, requests);
  run_only(drive, 60);
  if (server_count(key) != requests)
    drive_complain(drive, "it doesn't wait");
}

/* --- in the child ----------------------------------------------------------
 */

static bool start_server(void) {
  char program[4096] = "";

  return readlink("/proc/self/exe", program, sizeof program - 1) > 0 &&
         server_start(program);
}

void multi_skip(const char *reason) {
  printf("# skipped: %s\n", reason);
  skip();
}

void multi_change_server(void) {
  server_stop();
  if (!start_server())
    fail_msg("no server");
}

static void run_in_loop(const char *name, FILE *out) {
  const struct loop *loop = loop_named(name);
  struct CMUnitTest *tests = calloc(current->count, sizeof *tests);

  (void)out;
  if (is_long())
    alarm(600);
  setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
  memcpy(tests, current->tests, current->count * sizeof *tests);
  for (size_t i = 0; i < current->count; i++)
    tests[i].initial_state = (void *)(uintptr_t)loop;
  if (start_server()) {
    _cmocka_run_group_tests(name, tests, current->count, NULL, NULL);
    server_stop();
  }
  free(tests);
}

/* --- in the parent ---------------------------------------------------------
 */

/* A line of `start`, a number, `mark` and the test's name. */
static bool has_line(const char *text, const char *start, const char *mark,
                     const char *name) {
  char wanted[256];

  for (const char *line = text; line; line = strchr(line, '\n')) {
    line += *line == '\n';
    size_t length = strlen(start);
    if (strncmp(line, start, length) != 0)
      continue;
    length += strspn(line + length, "0123456789");
    snprintf(wanted, sizeof wanted, "%s%s\n", mark, name);
    if (!strncmp(line + length, wanted, strlen(wanted)))
      return true;
  }
  return false;
}

/* As comments: its lines are TAP, too. */
static void show_text(const char *text) {
  while (*text) {
    int length = (int)strcspn(text, "\n");
    fprintf(stderr, "#   %.*s\n", length, text);
    text += length + (text[length] == '\n');
  }
}

static void show(const struct child *child) {
  fprintf(stderr, "# %s, status %x\n", child->name, (unsigned)child->status);
  show_text(child->printed);
  show_text(child->errors);
}

static void is_right(void **state) {
  const struct result *result = *state;
  const struct child *child = result->child;

  if (!result->test) {
    if (child->status) {
      show(child);
      fail_msg("status %x", (unsigned)child->status);
    }
    return;
  }
  if (has_line(child->printed, "not ok ", " # SKIP ", result->test)) {
    show(child); /* says why */
    skip();
  }
  if (has_line(child->printed, "not ok ", " - ", result->test) ||
      !has_line(child->printed, "ok ", " - ", result->test)) {
    show(child);
    fail_msg("RANDOM_SEED=%llu", multi_seed());
  }
}

static int run_loops(void **state) {
  static const char *policy[POLICY_MAX] = {NULL};
  static char delay[64];
  size_t used = 0;

  (void)state;
  for (; current->policy[used]; used++)
    policy[used] = current->policy[used];
  if (current->delay_ms) {
    snprintf(delay, sizeof delay, "CURLRETRY_BASE_DELAY=%ldms", multi_delay());
    policy[used++] = delay;
    policy[used++] = "CURLRETRY_JITTER=none";
  }
  for (size_t i = 0; i < LOOPS; i++)
    children[i] = (struct child){
        .kind = CHILD_SHIMMED, .name = loops[i].name, .policy = policy};
  run_children(children, LOOPS, is_under_valgrind() ? AT_ONCE_SLOW : AT_ONCE);
  return 0;
}

static int forget_loops(void **state) {
  (void)state;
  for (size_t i = 0; i < LOOPS; i++) {
    free(children[i].printed);
    free(children[i].errors);
  }
  return 0;
}

static int tests(void) {
  size_t count = LOOPS * (current->count + 1);
  struct CMUnitTest *all = calloc(count, sizeof *all);
  struct result *results = calloc(count, sizeof *results);
  char seed[32];
  int failures;

  if (is_long())
    alarm(600);
  snprintf(seed, sizeof seed, "%lld", now_ms() % 1000000);
  setenv("RANDOM_SEED", seed, 0);
  printf("RANDOM_SEED=%llu\n", multi_seed());
  fflush(stdout);
  for (size_t i = 0; i < count; i++) {
    struct result *result = &results[i];
    size_t at = i % (current->count + 1);
    result->child = &children[i / (current->count + 1)];
    result->test = at < current->count ? current->tests[at].name : NULL;
    snprintf(result->name, sizeof result->name, "%s: %s",
             loops[i / (current->count + 1)].name,
             result->test ? result->test : "ends well");
    all[i] = (struct CMUnitTest){result->name, is_right, NULL, NULL, result};
  }
  failures =
      _cmocka_run_group_tests("loops", all, count, run_loops, forget_loops);
  free(all);
  free(results);
  return failures;
}

int multi_run(int argc, char **argv, const struct multi_run *run) {
  static const char *const none[] = {NULL};
  static const struct setup setup = {none, tests, run_in_loop};

  current = run;
  return setup_main(argc, argv, &setup);
}

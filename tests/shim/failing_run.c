#define _GNU_SOURCE
#include "failing_scene.h"

#include "failing.h"
#include "failing_run.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 10   /* that a run may take */
#define EACH 24      /* calls that fail each; of later ones some */
#define EACH_LONG 80 /* the server knows 8192 plans */
#define AT_ONCE 6    /* scenes */

static const struct failing_run *current;
static struct child *children;

/* --- one run ---------------------------------------------------------------
 */

/* What a process leaves in shared memory. */
struct report {
  struct scene_result failing, again;
  bool has_ended, has_hung;
  long failed, blocks;
  int descriptors, lowest;
};

struct run {
  const struct scene *scene;
  const struct failing_choice *choice;
  long at;
  bool goes_on;
  char key[20];
  struct report *report;
};

static _Noreturn void play(const struct run *run) {
  struct report *report = run->report;
  char key[24];

  alarm((unsigned)(SECONDS * patience()));
  if (!failing_choose(run->choice->name))
    _exit(1);
  for (int i = 0; i < 3 && run->choice->is_closed; i++)
    close(i);
  report->failing.may_fail = !strcmp(run->choice->name, "process");
  failing_begin(run->at, run->goes_on, run->choice->error);
  scene_play(run->scene, run->key, &report->failing);
  report->failed = failing_end();
  snprintf(key, sizeof key, "%s-2", run->key);
  scene_play(run->scene, key, &report->again);
  report->blocks = failing_blocks();
  report->descriptors = count_descriptors();
  report->lowest = failing_lowest();
  report->has_ended = true;
  _exit(0);
}

/* Nothing of libcurl's or the shim's was used before. */
static void play_alone(struct run *run) {
  static unsigned number;
  int status = 0;
  pid_t pid;

  snprintf(run->key, sizeof run->key, "f%u", number++);
  memset(run->report, 0, sizeof *run->report);
  fflush(NULL);
  pid = fork();
  if (!pid)
    play(run);
  waitpid(pid, &status, 0);
  run->report->has_hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
}

/* From 8.20 on curl_multi_socket_action() forgets the out-of-memory of one
 * transfer where another one follows, and the transfer with it:
 * multi_run_dirty() in lib/multi.c. */
static bool is_forgotten(const struct run *run) {
  return run->report->has_hung && run->report->failing.may_fail &&
         run->scene->loop && !strcmp(run->scene->loop, "epoll") &&
         is_libcurl(0x081400, UINT_MAX);
}

static void say(FILE *out, const struct run *run, const char *trouble) {
  fprintf(out, "trouble: %s, %s %ld%s: %s\n", run->scene->name,
          run->choice->name, run->at, run->goes_on ? " and later ones" : "",
          trouble);
}

/* `usual` is of the run in which nothing failed. */
static void judge(FILE *out, const struct run *run,
                  const struct report *usual) {
  const struct report *report = run->report;

  if (is_forgotten(run))
    fprintf(out, "skipped: %s, %s %ld: libcurl forgets the transfer\n",
            run->scene->name, run->choice->name, run->at);
  else if (!report->has_ended)
    say(out, run, "it crashed or hung");
  else if (report->failing.trouble[0])
    say(out, run, report->failing.trouble);
  else if (report->again.trouble[0])
    say(out, run, report->again.trouble);
  else if (!report->again.is_rescued)
    say(out, run, "later ones are not retried");
  else if (report->blocks != usual->blocks)
    say(out, run, "it leaks memory");
  else if (run->choice->is_closed && report->lowest < 3)
    say(out, run, "it uses 0, 1 or 2");
  else if (report->descriptors > usual->descriptors &&
           (!run->choice->leaves_files || (run->goes_on && !run->at)))
    say(out, run, "it leaks descriptors");
}

/* Each call in its turn, until there are no more. */
static void play_each(FILE *out, struct run *run, const struct report *usual) {
  const char *is_long = getenv("TEST_LONG");
  long each = is_long && *is_long && patience() == 1 ? EACH_LONG : EACH;
  long runs = 0, rescued = 0;

  for (run->at = 0;; run->at += run->at < each ? 1 : run->at / 3) {
    if (patience() > 1 && run->at > 2) /* some, where all is slow */
      run->at++;
    play_alone(run);
    judge(out, run, usual);
    if (!run->report->failed && !is_forgotten(run))
      break;
    runs++;
    rescued += run->report->failing.is_rescued;
    if (run->choice->is_always)
      break;
  }
  fprintf(out, "%s, %s%s: %ld runs, %ld rescued\n", run->scene->name,
          run->choice->name, run->goes_on ? " and later ones" : "", runs,
          rescued);
}

/* --- one scene -------------------------------------------------------------
 */

static const struct scene *scene_named(const char *name) {
  for (size_t i = 0; i < scene_count; i++)
    if (!strcmp(scenes[i].name, name))
      return &scenes[i];
  return NULL;
}

/* The user's budget is in /dev/shm: one of this process's own. */
static bool make_place(void) {
  FILE *map;
  unsigned user = (unsigned)getuid();

  if (unshare(CLONE_NEWNS)) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) ||
        !(map = fopen("/proc/self/uid_map", "we")))
      return false;
    fprintf(map, "%u %u 1", user, user);
    fclose(map);
  }
  return !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
         !mount("shm", "/dev/shm", "tmpfs", 0, NULL);
}

static bool is_meant(const struct failing_choice *choice,
                     const struct scene *scene) {
  char word[40];

  snprintf(word, sizeof word, " %s ", scene->name);
  return !choice->scenes || strstr(choice->scenes, word);
}

static void play_scene(const char *name, FILE *out) {
  struct run run = {.scene = scene_named(name)};
  struct report usual;

  alarm(600);
  failing_prepare();
  scene_prepare(run.scene);
  run.report = mmap(NULL, sizeof *run.report, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (!strcmp(name, "user") && !make_place()) {
    fprintf(out, "skipped\n");
    return;
  }
  for (size_t i = 0; i < current->count; i++) {
    run.choice = &current->choices[i];
    if (!is_meant(run.choice, run.scene))
      continue;
    run.at = LONG_MAX;
    play_alone(&run);
    usual = *run.report;
    judge(out, &run, &usual);
    if (!usual.failing.is_rescued)
      say(out, &run, "it is not retried");
    if (!run.choice->error)
      continue;
    /* EINTR is asked for again, for ever */
    for (int goes_on = run.choice->is_always;
         goes_on < (run.choice->error == EINTR ? 1 : 2); goes_on++) {
      run.goes_on = goes_on;
      play_each(out, &run, &usual);
    }
  }
  fprintf(out, "done\n");
}

/* --- in the parent ---------------------------------------------------------
 */

static void is_right(void **state) {
  const struct child *child = *state;

  if (!strcmp(child->printed, "skipped\n"))
    skip();
  if (child->status || !strstr(child->printed, "done\n") ||
      strstr(child->printed, "trouble: "))
    fail_msg("status %x: %s%s", (unsigned)child->status, child->printed,
             child->errors);
  print_message("%s", child->printed);
}

static int play_scenes(void **state) {
  (void)state;
  alarm(600);
  run_children(children, scene_count, AT_ONCE);
  return 0;
}

static int tests(void) {
  struct CMUnitTest *all = calloc(scene_count, sizeof *all);
  int failures;

  children = calloc(scene_count, sizeof *children);
  for (size_t i = 0; i < scene_count; i++) {
    children[i] = (struct child){.kind = CHILD_SHIMMED,
                                 .name = scenes[i].name,
                                 .policy = scenes[i].policy};
    all[i] = (struct CMUnitTest){scenes[i].name, is_right, NULL, NULL,
                                 &children[i]};
  }
  failures =
      _cmocka_run_group_tests("failing", all, scene_count, play_scenes, NULL);
  for (size_t i = 0; i < scene_count; i++) {
    free(children[i].printed);
    free(children[i].errors);
  }
  free(children);
  free(all);
  return failures;
}

int failing_run(int argc, char **argv, const struct failing_run *run) {
  static const char *const none[] = {NULL};
  static const struct setup setup = {none, tests, play_scene};

  /* it counts what is open when a process is left in the middle */
  if (is_under_valgrind()) {
    printf("1..0 # SKIP not under valgrind\n");
    return 0;
  }
  current = run;
  return setup_main(argc, argv, &setup);
}

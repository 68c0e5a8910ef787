/* The program's own environment and its children. */
#define _GNU_SOURCE
#include "setup.h"

#include "server.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARK "SHIM_TEST_FOLDER" /* set: the environment is complete */
#define ENTRY_MAX 1024

extern char **environ;

static char program[4096];
static const struct setup *current;

long long now_ms(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool is_under_valgrind(void) {
  const char *preload = getenv("LD_PRELOAD");

  return preload && strstr(preload, "vgpreload");
}

int patience(void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 10;
#else
  if (getenv("SLOWER")) /* tests/coverage */
    return 4;
  return is_under_valgrind() ? 20 : 1;
#endif
}

int count_descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  int count = 0;

  while (folder && readdir(folder))
    count++;
  if (folder)
    closedir(folder);
  return count;
}

static bool is_live(void) {
  int (*active)(void);
  void *symbol = dlsym(RTLD_DEFAULT, "curlretry_active");
  Dl_info info;
  CURLcode (*perform)(CURL *) = curl_easy_perform;
  void *address;

  memcpy(&address, &perform, sizeof address);
  if (!dladdr(address, &info) || !strstr(info.dli_fname, "libcurlretry"))
    return false;
  memcpy(&active, &symbol, sizeof active);
  return !symbol || active();
}

static void remove_policy(void) {
  char name[128];
  char **entry = environ;

  while (*entry) {
    size_t length = strcspn(*entry, "=");
    if (strncmp(*entry, "CURLRETRY_", 10) || length >= sizeof name) {
      entry++;
      continue;
    }
    memcpy(name, *entry, length);
    name[length] = 0;
    unsetenv(name);
    entry = environ;
  }
}

static void set_policy(const char *const *policy) {
  static const char *const proxies[] = {"http_proxy", "HTTP_PROXY",
                                        "all_proxy", "ALL_PROXY"};
  char path[128];

  remove_policy();
  for (size_t i = 0; i < COUNT(proxies); i++)
    unsetenv(proxies[i]);
  snprintf(path, sizeof path, "%s/log", getenv(MARK));
  setenv("CURLRETRY_LOG", path, 1);
  for (; *policy; policy++)
    putenv((char *)(uintptr_t)*policy);
}

/* LD_PRELOAD without the shim; others (a sanitizer's) stay. */
static void remove_shim(void) {
  const char *preload = getenv("LD_PRELOAD");
  char kept[4096] = "", copy[4096];
  char *rest;

  if (!preload)
    return;
  snprintf(copy, sizeof copy, "%s", preload);
  for (char *entry = strtok_r(copy, ": ", &rest); entry;
       entry = strtok_r(NULL, ": ", &rest)) {
    if (strstr(entry, "libcurlretry"))
      continue;
    if (*kept)
      strncat(kept, ":", sizeof kept - strlen(kept) - 1);
    strncat(kept, entry, sizeof kept - strlen(kept) - 1);
  }
  setenv("LD_PRELOAD", kept, 1);
}

static _Noreturn void become_child(const struct child *child,
                                   const int pipes[4]) {
  char *arguments[] = {program, (char *)"--child",
                       (char *)(uintptr_t)child->name, NULL};

  dup2(pipes[1], 1);
  dup2(pipes[3], 2);
  set_policy(child->policy);
  if (child->kind == CHILD_UNSHIMMED)
    remove_shim();
  execv(program, arguments);
  _exit(127);
}

static void start_child(struct child *child) {
  int pipes[4];
  pid_t pid;

  if (pipe2(pipes, O_CLOEXEC) || pipe2(pipes + 2, O_CLOEXEC))
    fail_msg("pipe: %s", strerror(errno));
  fflush(NULL);
  pid = fork();
  if (!pid)
    become_child(child, pipes);
  close(pipes[1]);
  close(pipes[3]);
  child->pid = pid;
  child->files[0] = pipes[0];
  child->files[1] = pipes[2];
  child->printed = strdup("");
  child->errors = strdup("");
}

/* False at the end. */
static bool read_more(int file, char **text) {
  char piece[4096];
  ssize_t n = read(file, piece, sizeof piece);
  size_t length = strlen(*text);

  if (n <= 0)
    return false;
  *text = realloc(*text, length + (size_t)n + 1);
  memcpy(*text + length, piece, (size_t)n);
  (*text)[length + (size_t)n] = 0;
  return true;
}

/* What one child prints, and its end. */
static void serve_child(struct child *child, const struct pollfd files[2]) {
  for (int i = 0; i < 2; i++)
    if (child->files[i] >= 0 && files[i].revents &&
        !read_more(child->files[i], i ? &child->errors : &child->printed)) {
      close(child->files[i]);
      child->files[i] = -1;
    }
  if (child->files[0] >= 0 || child->files[1] >= 0)
    return;
  waitpid(child->pid, &child->status, 0);
  child->pid = 0;
}

void run_children(struct child *children, size_t count, size_t at_once) {
  struct child *running[CHILDREN_MAX];
  struct pollfd files[2 * CHILDREN_MAX];
  size_t next = 0, used = 0;

  while (next < count || used) {
    while (next < count && used < at_once && used < CHILDREN_MAX) {
      start_child(&children[next]);
      running[used++] = &children[next++];
    }
    for (size_t i = 0; i < 2 * used; i++)
      files[i] = (struct pollfd){.fd = running[i / 2]->files[i % 2],
                                 .events = POLLIN};
    poll(files, 2 * used, -1);
    for (size_t i = used; i-- > 0;) {
      serve_child(running[i], &files[2 * i]);
      if (!running[i]->pid)
        running[i] = running[--used];
    }
  }
}

char *run_child(enum child_kind kind, const char *name,
                const char *const *policy, char **errors) {
  struct child child = {.kind = kind, .name = name, .policy = policy};

  run_children(&child, 1, 1);
  if (!WIFEXITED(child.status) || WEXITSTATUS(child.status))
    fail_msg("child %s ended with %x: %s", name, (unsigned)child.status,
             child.errors);
  if (errors)
    *errors = child.errors;
  else
    free(child.errors);
  return child.printed;
}

void assert_as_unshimmed(const char *name) {
  static const char *const none[] = {NULL};
  char *its = run_child(CHILD_UNSHIMMED, name, none, NULL);
  char *mine = run_child(CHILD_SHIMMED, name, none, NULL);

  assert_string_equal(mine, its);
  free(mine);
  free(its);
}

static void remove_folder(const char *path) {
  DIR *folder = opendir(path);
  struct dirent *entry;

  while (folder && (entry = readdir(folder)))
    unlinkat(dirfd(folder), entry->d_name, 0);
  if (folder)
    closedir(folder);
  rmdir(path);
}

/* In a folder of its own: some options write a file where the program is. */
static int run_here(const struct setup *setup, char **argv) {
  char folder[] = "/tmp/shim-test.XXXXXX";
  int failures = 1;

  if (!getenv(MARK)) {
    if (!mkdtemp(folder) || chdir(folder) || setenv(MARK, folder, 1))
      return 1;
    set_policy(setup->policy);
    execv(program, argv);
    return 1;
  }
  if (!is_live()) {
    fprintf(stderr, "%s: the shim is not live: set LD_PRELOAD\n", argv[0]);
  } else if (server_start(program)) {
    failures = setup->tests();
    server_stop();
  }
  remove_folder(getenv(MARK));
  return failures != 0;
}

int setup_main(int argc, char **argv, const struct setup *setup) {
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);

  if (length <= 0)
    return 1;
  current = setup;
  alarm((unsigned)(240 * patience())); /* nothing may hang the runner */
  if (argc > 2 && !strcmp(argv[1], "--child")) {
    server_join();
    current->child(argv[2], stdout);
    curl_global_cleanup();
    return fflush(stdout) != 0;
  }
  return run_here(setup, argv);
}

static FILE *open_log(const char *mode) {
  char path[128];

  snprintf(path, sizeof path, "%s/log", getenv(MARK));
  return fopen(path, mode);
}

size_t log_count(const char *text) {
  FILE *file = open_log("re");
  char line[4096];
  size_t count = 0;

  if (!file)
    return 0;
  while (fgets(line, sizeof line, file))
    count += strstr(line, text) != NULL;
  fclose(file);
  return count;
}

void log_forget(void) {
  FILE *file = open_log("we");

  if (file)
    fclose(file);
}

bool is_libcurl(unsigned from, unsigned before) {
  unsigned is = curl_version_info(CURLVERSION_NOW)->version_num;

  return is >= from && is < before;
}

size_t take_all(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  (void)data;
  return size * count;
}

void server_plan(const char *whole_key, const char *plan) {
  struct url url = url_of("x", "x");
  char *path = strchr(url.text + strlen("http://"), '/');
  CURL *curl = curl_easy_init();

  snprintf(path, sizeof url.text - (size_t)(path - url.text), "/_plan/%s",
           whole_key);
  curl_easy_setopt(curl, CURLOPT_URL, url.text);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, plan);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_all);
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
}

CURL *handle_for(const char *key, const char *plan) {
  CURL *curl = curl_easy_init();

  assert_non_null(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url_of(key, plan).text);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_all);
  return curl;
}

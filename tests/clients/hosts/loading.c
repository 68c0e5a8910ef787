/* A program that isn't linked with libcurl and says what dlopen() and dlsym()
 * answer; the text must be the same with and without the shim.
 *
 *   loading names                   where names other than libcurl's lie
 *   loading errors                  what dlerror() says to failures
 *   loading absent                  what is said to libcurl's names
 *   loading plugin FILE MODE NAME   FILE's function NAME, with no argument
 *   loading perform FILE MODE URL   FILE's perform(URL)
 *   loading thin FILE MODE URL      a plugin that only forwards (thin.c)
 *   loading turns FILE...           each one's backend(), open one at a time
 *   loading reload COUNT URL URL    opens and closes libcurl COUNT times
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void *find(void *object, const char *name) {
  return dlsym(object, name);
}

static void show_place(const char *what, const void *address) {
  Dl_info info;

  if (!address)
    printf("%s: none\n", what);
  else if (!dladdr(address, &info))
    printf("%s: somewhere\n", what);
  else
    printf("%s: %s+%zx\n", what, info.dli_fname,
           (size_t)((const char *)address - (const char *)info.dli_fbase));
}

static int names(void) {
  static const char *const wanted[] = {
      "malloc", "dlinfo", "dlvsym", "cos",   "main", "curl",     "curl_", "c",
      "poll",   "getenv", "stdout", "qsort", "",     "curl_xyz", "memcpy"};
  void *objects[] = {RTLD_DEFAULT, RTLD_NEXT, NULL, NULL, NULL, NULL};

  objects[2] = dlopen(NULL, RTLD_NOW);
  objects[3] = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
  objects[4] = dlopen("libm.so.6", RTLD_NOW | RTLD_DEEPBIND);
  objects[5] = dlmopen(LM_ID_NEWLM, "libz.so.1", RTLD_NOW);
  for (size_t i = 0; i < COUNT(objects); i++)
    for (size_t j = 0; j < COUNT(wanted); j++) {
      printf("%zu ", i);
      show_place(wanted[j], find(objects[i], wanted[j]));
    }
  show_place("dlvsym", dlvsym(RTLD_DEFAULT, "memcpy", "GLIBC_2.14"));
  show_place("dlvsym", dlvsym(RTLD_DEFAULT, "memcpy", "GLIBC_2.2.5"));
  show_place("in its namespace", find(objects[5], "deflate"));
  return 0;
}

static void show_error(const char *what, const void *answer) {
  const char *text = dlerror();

  printf("%s: %s, %s\n", what, answer ? "found" : "null",
         text ? text : "no error");
}

static int errors(void) {
  void *math = dlopen("libm.so.6", RTLD_NOW);

  show_error("clean", math);
  show_error("file", dlopen("/nonexistent/none.so", RTLD_NOW));
  show_error("name", dlopen("libnone-at-all.so.1", RTLD_LAZY));
  show_error("deep", dlopen("libnone.so", RTLD_NOW | RTLD_DEEPBIND));
  show_error("mode", dlopen("libm.so.6", 0));
  show_error("not elf", dlopen("/etc/passwd", RTLD_NOW));
  show_error("default", find(RTLD_DEFAULT, "no_such_name"));
  show_error("next", find(RTLD_NEXT, "no_such_name"));
  show_error("object", find(math, "no_such_name"));
  show_error("almost ours", find(math, "curl_easy_nothing"));
  show_error("good", find(math, "cos"));
  (void)find(math, "pending");
  show_error("pending", find(math, "cos"));
  show_error("empty", find(math, ""));
  errno = 77;
  (void)find(math, "cos");
  printf("errno after dlsym: %d\n", errno);
  errno = 77;
  (void)dlopen("libm.so.6", RTLD_NOW);
  printf("errno after dlopen: %d\n", errno);
  return 0;
}

static int absent(void) {
  static const char *const wanted[] = {"curl_easy_init", "curl_easy_perform",
                                       "curl_easy_header",
                                       "curl_multi_add_handle"};
  void *objects[] = {RTLD_DEFAULT, RTLD_NEXT, NULL, NULL};

  objects[2] = dlopen(NULL, RTLD_NOW);
  objects[3] = dlopen("libm.so.6", RTLD_NOW);
  for (size_t i = 0; i < COUNT(objects); i++)
    for (size_t j = 0; j < COUNT(wanted); j++) {
      void *answer = find(objects[i], wanted[j]);
      printf("%zu ", i);
      show_error(wanted[j], answer);
    }
  return 0;
}

/* The plugin is pinned by nobody: the file says what it finds itself. */
static int plugin(const char *file, int mode, const char *name) {
  const char *(*function)(void);
  void *object = dlopen(file, mode);

  *(void **)&function = object ? find(object, name) : NULL;
  if (!function) {
    printf("%s\n", dlerror());
    return 1;
  }
  printf("%s\n", function());
  return 0;
}

static int perform_by(const char *file, int mode, const char *url) {
  int (*function)(const char *);
  void *object = dlopen(file, mode);

  *(void **)&function = object ? find(object, "perform") : NULL;
  if (!function) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  return function(url);
}

static int perform_by_thin(const char *file, int mode, const char *url) {
  void *object = dlopen(file, mode);
  void *(*make)(void);
  int (*set_url)(void *, const char *);
  int (*run)(void *);
  void (*end)(void *);
  void *curl;
  int code;

  if (!object)
    return 101;
  *(void **)&make = find(object, "make");
  *(void **)&set_url = find(object, "set_url");
  *(void **)&run = find(object, "run");
  *(void **)&end = find(object, "end");
  curl = make();
  if (!curl)
    return 102;
  code = set_url(curl, url);
  if (!code)
    code = run(curl);
  end(curl);
  return code;
}

/* The same address may be another plugin's the next time. */
static int in_turns(char **files) {
  for (; *files; files++) {
    void *object = dlopen(*files, RTLD_NOW | RTLD_LOCAL);
    const char *(*backend)(void);
    if (!object)
      return 1;
    *(void **)&backend = find(object, "backend");
    printf("%s\n", backend());
    (void)dlclose(object);
  }
  return 0;
}

static int count_files(void) {
  DIR *folder = opendir("/proc/self/fd");
  int count = 0;

  while (folder && readdir(folder))
    count++;
  if (folder)
    (void)closedir(folder);
  return count;
}

static int once(const char *url) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  void *(*init)(void);
  int (*setopt)(void *, int, ...);
  int (*perform)(void *);
  void (*cleanup)(void *);
  void *curl;
  int code = 0;

  if (!library)
    return -1;
  *(void **)&init = find(library, "curl_easy_init");
  *(void **)&setopt = find(library, "curl_easy_setopt");
  *(void **)&perform = find(library, "curl_easy_perform");
  *(void **)&cleanup = find(library, "curl_easy_cleanup");
  curl = init();
  if (url) {
    (void)setopt(curl, 10002, url);
    code = perform(curl);
  }
  cleanup(curl);
  (void)dlclose(library);
  return code;
}

static int reload(int count, const char *first, const char *last) {
  int code = once(first);
  int files = count_files();

  for (int i = 2; !code && i < count; i++)
    code = once(NULL);
  if (!code)
    code = once(last);
  if (count_files() != files)
    fprintf(stderr, "%d descriptors, then %d\n", files, count_files());
  return code;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";

  if (!strcmp(what, "names"))
    return names();
  if (!strcmp(what, "errors"))
    return errors();
  if (!strcmp(what, "absent"))
    return absent();
  if (!strcmp(what, "plugin") && argc == 5)
    return plugin(argv[2], (int)strtol(argv[3], NULL, 0), argv[4]);
  if (!strcmp(what, "perform") && argc == 5)
    return perform_by(argv[2], (int)strtol(argv[3], NULL, 0), argv[4]);
  if (!strcmp(what, "thin") && argc == 5)
    return perform_by_thin(argv[2], (int)strtol(argv[3], NULL, 0), argv[4]);
  if (!strcmp(what, "turns"))
    return in_turns(argv + 2);
  if (!strcmp(what, "reload") && argc == 5)
    return reload((int)strtol(argv[2], NULL, 0), argv[3], argv[4]);
  return 2;
}

/* watch FOLDER COMMAND...: runs the command, then prints the name of every
 * file that appeared in the folder meanwhile, however short it lived. The
 * exit status is the command's; 125: it can't be watched. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_names(int watcher) {
  _Alignas(struct inotify_event) char events[65536];
  ssize_t length;

  while ((length = read(watcher, events, sizeof events)) > 0) {
    for (char *at = events; at < events + length;) {
      const struct inotify_event *event = (const void *)at;
      if (event->mask & IN_Q_OVERFLOW)
        puts("(more than could be counted)");
      else if (event->len)
        puts(event->name);
      at += sizeof *event + event->len;
    }
  }
}

int main(int argc, char **argv) {
  int watcher = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  int status;
  pid_t child;

  if (argc < 3 || watcher < 0 ||
      inotify_add_watch(watcher, argv[1], IN_CREATE | IN_MOVED_TO) < 0)
    return 125;
  child = fork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) != child)
    return 125;
  print_names(watcher);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

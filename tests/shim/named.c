/* A FIFO's text is written once, by a process of its own. */
#define _GNU_SOURCE
#include "named.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const kind_names[KINDS] = {"regular", "null", "missing",
                                       "fifo",    "pipe", "stdin"};

static void write_fifo(const char *path, const char *text) {
  int file = open(path, O_WRONLY);

  _exit(write(file, text, strlen(text)) < 0);
}

static void open_pipe(struct named *named, const char *text) {
  assert_int_equal(pipe2(named->ends, O_CLOEXEC), 0);
  assert_true(write(named->ends[1], text, strlen(text)) >= 0);
  close(named->ends[1]);
}

void named_open(struct named *named, enum kind kind, const char *text) {
  *named = (struct named){"/tmp/shim-named-XXXXXX", {-1, -1}, 0, -1};
  close(mkstemp(named->path));
  if (kind == KIND_REGULAR) {
    int file = open(named->path, O_WRONLY);
    assert_true(write(file, text, strlen(text)) >= 0);
    close(file);
    return;
  }
  unlink(named->path);
  if (kind == KIND_NULL) {
    strcpy(named->path, "/dev/null");
  } else if (kind == KIND_FIFO) {
    assert_int_equal(mkfifo(named->path, 0600), 0);
    named->writer = fork();
    if (!named->writer)
      write_fifo(named->path, text);
  } else if (kind == KIND_PIPE) {
    open_pipe(named, text);
    snprintf(named->path, sizeof named->path, "/dev/fd/%d", named->ends[0]);
  } else if (kind == KIND_STDIN) {
    open_pipe(named, text);
    named->own_stdin = dup(0);
    dup2(named->ends[0], 0);
    strcpy(named->path, "/dev/stdin");
  }
}

void named_close(struct named *named) {
  if (named->writer) {
    kill(named->writer, SIGKILL);
    waitpid(named->writer, NULL, 0);
  }
  if (named->ends[0] >= 0)
    close(named->ends[0]);
  if (named->own_stdin >= 0) {
    dup2(named->own_stdin, 0);
    close(named->own_stdin);
  }
  if (!strncmp(named->path, "/tmp/", 5))
    unlink(named->path);
}

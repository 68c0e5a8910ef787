/* source.c - see source.h. */
#include "source.h"

#include "line.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE (512 * 1024)
#define LINE_MAX_BYTES RECORD_TEXT_SIZE
#define SHOWN_EVERY_S 0.3
#define MEGA (1024.0 * 1024)

struct reading {
  struct tally *tally;
  source_taker *take;
  void *context;
  bool is_skipping; /* to the end of a line that is too long */

  double size, done; /* bytes; size 0: nobody knows */
  double shown_at;   /* s; 0: not yet */
};

/* --- progress -------------------------------------------------------------
 */

static double seconds(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void show_progress(struct reading *reading) {
  if (!isatty(STDERR_FILENO))
    return;
  double now = seconds();
  if (reading->shown_at == 0)
    reading->shown_at = now; /* what is short isn't worth a word */
  if (now - reading->shown_at < SHOWN_EVERY_S)
    return;
  reading->shown_at = now;
  fprintf(stderr, "\rcurlretry: %.0f", reading->done / MEGA);
  if (reading->size > 0)
    fprintf(stderr, " of %.0f MiB, %.0f %%", reading->size / MEGA,
            100 * reading->done / reading->size);
  else
    fprintf(stderr, " MiB");
  fprintf(stderr, ", %.0f lines\033[K", (double)reading->tally->lines);
  (void)fflush(stderr);
}

static void end_progress(void) {
  if (isatty(STDERR_FILENO))
    fprintf(stderr, "\r\033[K");
}

/* --- lines ----------------------------------------------------------------
 */

static void take_line(struct reading *reading, const char *line,
                      size_t length) {
  static struct record record;
  struct tally *tally = reading->tally;
  if (length == 0)
    return;
  tally->lines++;
  switch (line_read(&record, line, length, &tally->torn)) {
  case LINE_WHOLE:
    reading->take(reading->context, &record);
    break;
  case LINE_TORN:
    tally->torn++;
    break;
  default:
    tally->foreign++;
    break;
  }
}

/* Take every line that is whole; the answer is where the next one begins. */
static size_t take_lines(struct reading *reading, char *buffer,
                         size_t length) {
  size_t begin = 0;
  for (;;) {
    char *end = memchr(buffer + begin, '\n', length - begin);
    if (end == NULL)
      return begin;
    size_t line = (size_t)(end - buffer) - begin;
    if (reading->is_skipping)
      reading->is_skipping = false;
    else if (line < LINE_MAX_BYTES)
      take_line(reading, buffer + begin, line);
    else
      reading->tally->lines++, reading->tally->foreign++;
    begin += line + 1;
  }
}

/* None of ours is that long. */
static void skip_long_line(struct reading *reading) {
  if (!reading->is_skipping) {
    reading->tally->lines++;
    reading->tally->foreign++;
  }
  reading->is_skipping = true;
}

static ssize_t read_some(int file, char *to, size_t size) {
  ssize_t got;
  do
    got = read(file, to, size);
  while (got < 0 && errno == EINTR);
  return got;
}

static bool read_lines(struct reading *reading, int file, char *buffer) {
  size_t held = 0; /* the beginning of a line */
  for (;;) {
    ssize_t got = read_some(file, buffer + held, BUFFER_SIZE - held);
    if (got < 0)
      return false;
    if (got == 0)
      break;
    reading->done += (double)got;
    held += (size_t)got;
    size_t taken = take_lines(reading, buffer, held);
    held -= taken;
    memmove(buffer, buffer + taken, held);
    if (held >= LINE_MAX_BYTES || reading->is_skipping) {
      skip_long_line(reading);
      held = 0;
    }
    show_progress(reading);
  }
  buffer[held] = '\0';
  if (!reading->is_skipping)
    take_line(reading, buffer, held);
  return true;
}

bool source_read(int file, struct tally *tally, source_taker *take,
                 void *context) {
  static char *buffer;
  struct stat status;
  struct reading reading = {tally, take, context, false, 0, 0, 0};
  if (buffer == NULL)
    buffer = text_room(NULL, BUFFER_SIZE + 1);
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode))
    reading.size = (double)status.st_size;
  bool is_read = read_lines(&reading, file, buffer);
  int error = errno;
  if (reading.shown_at != 0)
    end_progress();
  errno = error;
  return is_read;
}

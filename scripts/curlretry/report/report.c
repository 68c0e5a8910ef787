/* report.c - see report.h. */
#include "report.h"

#include "formats.h"
#include "nearest.h"
#include "say.h"
#include "slice.h"
#include "source.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define COLUMNS 79
#define LEAST_COLUMNS 60
#define TOP_OF_TABLE 20 /* rows that are read by eye */
#define TOP_OF_PAGE 200

struct report {
  struct tally tally;
  FILE *out;
  const char *form; /* "--json" ...; NULL: the table */
  size_t top;
};

static bool is_form(const struct report *report, const char *form) {
  return report->form != NULL && strcmp(report->form, form) == 0;
}

/* --- options --------------------------------------------------------------
 */

static bool parse_by(const char *value, enum by *by) {
  for (int i = 0; i < BY_COUNT; i++) {
    if (value == NULL || strcmp(value, rows_by_names[i]) == 0) {
      *by = (enum by)i;
      return true;
    }
  }
  const char *nearest = nearest_name(value, rows_by_names, BY_COUNT);
  complain("--by %s: accepted: host, peer, program, url or hour%s%s", value,
           nearest != NULL ? "; nearest: " : "",
           nearest != NULL ? nearest : "");
  return false;
}

static bool parse_top(const char *value, struct report *report) {
  report->top = report->form == NULL        ? TOP_OF_TABLE
                : is_form(report, "--html") ? TOP_OF_PAGE
                                            : ROWS_MAX;
  if (value == NULL)
    return true;
  size_t digits = strspn(value, "0123456789");
  long top = strtol(value, NULL, 10);
  if (digits == 0 || digits > 5 || value[digits] != '\0' || top < 1 ||
      top > ROWS_MAX) {
    complain("--top %s: accepted: a whole number from 1 to %d", value,
             ROWS_MAX);
    return false;
  }
  report->top = (size_t)top;
  return true;
}

/* --- files ----------------------------------------------------------------
 */

static int open_file(const char *name) {
  struct stat status;
  if (strcmp(name, "-") == 0)
    return STDIN_FILENO;
  int file = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (file >= 0 && fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
    (void)close(file);
    file = -1;
    errno = EISDIR;
  }
  if (file < 0)
    complain("%s: %s", name, strerror(errno));
  return file;
}

static void take(void *context, const struct record *record) {
  struct report *report = context;
  if (!is_form(report, "--har"))
    tally_add(&report->tally, record);
  else if (record->event == EVENT_ATTEMPT)
    har_take(report->out, record);
}

static bool read_file(struct report *report, const char *name) {
  struct tally *tally = &report->tally;
  uint64_t lines = tally->lines;
  uint64_t others = tally->torn + tally->foreign;
  int file = open_file(name);
  if (file < 0)
    return false;
  bool is_read = source_read(file, tally, take, report);
  if (!is_read)
    complain("%s: %s", name, strerror(errno));
  if (file != STDIN_FILENO)
    (void)close(file);
  lines = tally->lines - lines;
  if (is_read && lines != 0 && tally->torn + tally->foreign - others >= lines)
    complain("warning: %s: none of its lines is of a trace, as "
             "CURLRETRY_TRACE=FILE writes it",
             name);
  return is_read;
}

/* What is read where no file is named: nobody types a trace, and /dev/null is
 * what cron gives. NULL: nothing. */
static const char *default_file(void) {
  struct stat status;
  const char *trace = getenv(VARIABLE_PREFIX "TRACE");
  bool is_set = trace != NULL && trace[0] != '\0' && strcmp(trace, "0") != 0 &&
                strcmp(trace, "off") != 0;
  bool is_stdin = fstat(STDIN_FILENO, &status) == 0 && !isatty(STDIN_FILENO);
  if (is_stdin && !(is_set && S_ISCHR(status.st_mode)))
    return "-";
  return is_set ? trace : NULL;
}

static bool read_files(struct report *report, char *const *files) {
  const char *only = files[0] == NULL ? default_file() : NULL;
  if (only != NULL)
    return read_file(report, only);
  if (files[0] == NULL) {
    complain("no trace: name its file, or set CURLRETRY_TRACE; a run with "
             "CURLRETRY_TRACE=FILE writes it");
    return false;
  }
  for (size_t i = 0; files[i] != NULL; i++) {
    if (!read_file(report, files[i]))
      return false;
  }
  return true;
}

/* --- the report -----------------------------------------------------------
 */

static size_t columns_of(FILE *out) {
  struct winsize window;
  if (ioctl(fileno(out), TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
    return COLUMNS;
  return window.ws_col < LEAST_COLUMNS ? LEAST_COLUMNS : window.ws_col;
}

static void write_table(FILE *out, const struct tally *tally) {
  table_write(out, tally, columns_of(out), isatty(fileno(out)) != 0);
}

static void write_report(struct report *report) {
  rows_sort(&report->tally.rows, report->top);
  if (is_form(report, "--har"))
    har_end(report->out);
  else if (is_form(report, "--json"))
    json_write(report->out, &report->tally);
  else if (is_form(report, "--openmetrics"))
    metrics_write(report->out, &report->tally);
  else if (is_form(report, "--html"))
    page_write(report->out, &report->tally);
  else
    write_table(report->out, &report->tally);
}

int report_run(const struct command *command) {
  static struct report report;
  enum by by = BY_HOST;
  report.out = stdout;
  report.form = command->report.form;
  if (!parse_by(command->report.by, &by) ||
      !parse_top(command->report.top, &report))
    return EXIT_USAGE;
  tally_begin(&report.tally, by, is_form(&report, "--html"));
  if (!read_files(&report, command->operands))
    return EXIT_USAGE;
  write_report(&report);
  return EXIT_SUCCESS;
}

void report_summary(int file, FILE *out, const char *program) {
  static struct report report;
  report.out = out;
  tally_begin(&report.tally, BY_HOST, false);
  if (!source_read(file, &report.tally, take, &report)) {
    complain("the trace can't be read: %s", strerror(errno));
    return;
  }
  if (report.tally.total.attempts == 0 && report.tally.total.calls == 0) {
    complain("no transfers were seen: see curlretry --doctor %s", program);
    return;
  }
  rows_sort(&report.tally.rows, TOP_OF_TABLE);
  write_table(out, &report.tally);
}

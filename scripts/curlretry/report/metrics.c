/* metrics.c - the report for a node exporter; see formats.h.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#include "formats.h"

#include "codes.h"

#include <inttypes.h>

struct metrics {
  FILE *out;
  const struct tally *tally;
};

static void write_head(FILE *out, const char *name, const char *type,
                       const char *help) {
  fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* NAME{host="KEY" without the closing brace. */
static void write_name(const struct metrics *metrics, const char *name,
                       const struct row *row) {
  FILE *out = metrics->out;
  fprintf(out, "%s{%s=\"", name, rows_by_names[metrics->tally->rows.by]);
  for (const char *at = row->key; *at != '\0'; at++) {
    if (*at == '"' || *at == '\\')
      putc('\\', out);
    putc(*at, out);
  }
  putc('"', out);
}

static void write_value(const struct metrics *metrics, double value) {
  fprintf(metrics->out, "} %.10g\n", value);
}

#define EACH_ROW(metrics, row)                                                \
  for (size_t i_ = 0; ((row) = rows_at(&(metrics)->tally->rows, i_)) != NULL; \
       i_++)

static void write_calls(const struct metrics *metrics) {
  static const char name[] = "curlretry_calls_total";
  const struct row *row;
  write_head(metrics->out, name, "counter",
             "Calls, by what became of them: ok at once, rescued by a retry, "
             "failed, or ended by the program.");
  EACH_ROW(metrics, row) {
    for (int i = 0; i < OUTCOME_COUNT; i++) {
      write_name(metrics, name, row);
      fprintf(metrics->out, ",outcome=\"%s\"",
              record_outcome_name((enum outcome)i));
      write_value(metrics, (double)row->counts.outcomes[i]);
    }
  }
}

static void write_failures(const struct metrics *metrics) {
  static const char name[] = "curlretry_failures_total";
  const struct row *row;
  write_head(metrics->out, name, "counter", "Failed attempts, by class.");
  EACH_ROW(metrics, row) {
    for (int i = 0; i < CLASS_COUNT; i++) {
      write_name(metrics, name, row);
      fprintf(metrics->out, ",class=\"%s\"",
              policy_class_name((enum retry_class)i));
      write_value(metrics, (double)row->counts.classes[i]);
    }
  }
}

static double attempts_of(const struct counts *counts) {
  return (double)counts->attempts;
}
static double waited_of(const struct counts *counts) {
  return counts->waited_ms / 1000;
}
static double lost_of(const struct counts *counts) {
  return (counts->waited_ms + counts->failed_ms) / 1000;
}
static double up_of(const struct counts *counts) { return counts->bytes_up; }
static double down_of(const struct counts *counts) {
  return counts->bytes_down;
}

static void write_counter(const struct metrics *metrics, const char *name,
                          const char *help,
                          double (*of)(const struct counts *)) {
  const struct row *row;
  write_head(metrics->out, name, "counter", help);
  EACH_ROW(metrics, row) {
    write_name(metrics, name, row);
    write_value(metrics, of(&row->counts));
  }
}

static const struct spread *calls_of(const struct counts *counts) {
  return &counts->call_ms;
}
static const struct spread *all_attempts_of(const struct counts *counts) {
  return &counts->attempt_ms;
}

static void write_summary(const struct metrics *metrics, const char *name,
                          const char *help,
                          const struct spread *(*of)(const struct counts *)) {
  static const double shares[] = {0.5, 0.95, 1};
  const struct row *row;
  write_head(metrics->out, name, "summary", help);
  EACH_ROW(metrics, row) {
    const struct spread *spread = of(&row->counts);
    char part[96];
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
      if (spread->count == 0)
        continue;
      write_name(metrics, name, row);
      fprintf(metrics->out, ",quantile=\"%g\"", shares[i]);
      write_value(metrics, spread_quantile(spread, shares[i]) / 1000);
    }
    (void)snprintf(part, sizeof part, "%s_sum", name);
    write_name(metrics, part, row);
    write_value(metrics, spread->sum_ms / 1000);
    (void)snprintf(part, sizeof part, "%s_count", name);
    write_name(metrics, part, row);
    write_value(metrics, (double)spread->count);
  }
}

static void write_total(const struct metrics *metrics, const char *name,
                        const char *help, double value) {
  write_head(metrics->out, name, "counter", help);
  fprintf(metrics->out, "%s %.10g\n", name, value);
}

void metrics_write(FILE *out, const struct tally *tally) {
  struct metrics metrics = {out, tally};
  write_calls(&metrics);
  write_failures(&metrics);
  write_counter(&metrics, "curlretry_attempts_total",
                "Attempts, the first ones of calls too.", attempts_of);
  write_counter(&metrics, "curlretry_waited_seconds_total",
                "Time that calls waited for retries.", waited_of);
  write_counter(&metrics, "curlretry_lost_seconds_total",
                "Time of failed attempts and waits.", lost_of);
  write_counter(&metrics, "curlretry_sent_bytes_total",
                "Bytes of bodies that calls sent.", up_of);
  write_counter(&metrics, "curlretry_received_bytes_total",
                "Bytes of bodies that calls received.", down_of);
  write_summary(&metrics, "curlretry_call_duration_seconds",
                "How long calls took, retries and waits included.", calls_of);
  write_summary(&metrics, "curlretry_attempt_duration_seconds",
                "How long attempts took.", all_attempts_of);
  write_total(&metrics, "curlretry_trace_torn_lines_total",
              "Lines of the trace that were cut.", (double)tally->torn);
  write_total(&metrics, "curlretry_trace_foreign_lines_total",
              "Other lines in the trace.", (double)tally->foreign);
  fputs("# EOF\n", out);
}

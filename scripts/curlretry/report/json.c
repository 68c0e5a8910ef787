/* json.c - the report as JSON; see formats.h and curlretry(1). */
#include "formats.h"

#include "codes.h"

#include <inttypes.h>
#include <string.h>

void json_write_text(FILE *out, const char *text) {
  putc('"', out);
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\')
      fprintf(out, "\\%c", *text);
    else if (*text == '<') /* "</script>" ends a script inside a text too */
      fputs("\\u003c", out);
    else
      putc(*text, out);
  }
  putc('"', out);
}

void json_write_number(FILE *out, double number) {
  char text[64];
  if (isnan(number)) {
    fputs("null", out);
    return;
  }
  (void)snprintf(text, sizeof text, "%.3f", number);
  char *end = text + strlen(text);
  while (end[-1] == '0')
    *--end = '\0';
  if (end[-1] == '.')
    end[-1] = '\0';
  fputs(text, out);
}

static void write_count(FILE *out, const char *name, uint64_t count) {
  fprintf(out, "\"%s\": %" PRIu64 ", ", name, count);
}

static void write_number(FILE *out, const char *name, double number) {
  fprintf(out, "\"%s\": ", name);
  json_write_number(out, number);
  fputs(", ", out);
}

static void write_spread(FILE *out, const char *name,
                         const struct spread *spread) {
  fprintf(out, "\"%s\": {\"p50\": ", name);
  json_write_number(out, spread_quantile(spread, 0.5));
  fputs(", \"p95\": ", out);
  json_write_number(out, spread_quantile(spread, 0.95));
  fputs(", \"max\": ", out);
  json_write_number(out, spread_most(spread));
  fputs("}, ", out);
}

void json_write_row(FILE *out, const struct counts *counts,
                    const struct tally *tally) {
  write_count(out, "calls", counts->calls);
  for (int i = 0; i < OUTCOME_COUNT; i++)
    write_count(out, record_outcome_name((enum outcome)i),
                counts->outcomes[i]);
  write_count(out, "attempts", counts->attempts);
  fputs("\"classes\": {", out);
  for (int i = 1; i <= CLASS_COUNT; i++) { /* "final" last */
    int at = i % CLASS_COUNT;
    fprintf(out, "\"%s\": %" PRIu64 "%s",
            policy_class_name((enum retry_class)at), counts->classes[at],
            at != CLASS_FINAL ? ", " : "}, ");
  }
  write_number(out, "waited_ms", counts->waited_ms);
  write_spread(out, "attempt_ms", &counts->attempt_ms);
  write_spread(out, "call_ms", &counts->call_ms);
  write_number(out, "bytes_up", counts->bytes_up);
  write_number(out, "bytes_down", counts->bytes_down);
  fprintf(out, "\"torn\": %" PRIu64 ", \"foreign\": %" PRIu64,
          tally != NULL ? tally->torn : 0, tally != NULL ? tally->foreign : 0);
}

void json_write(FILE *out, const struct tally *tally) {
  const struct row *row;
  fprintf(out, "{\"version\": 1, \"by\": \"%s\",\n \"total\": {",
          rows_by_names[tally->rows.by]);
  json_write_row(out, &tally->total, tally);
  fputs("},\n \"rows\": [", out);
  for (size_t i = 0; (row = rows_at(&tally->rows, i)) != NULL; i++) {
    fputs(i != 0 ? ",\n  {\"key\": " : "\n  {\"key\": ", out);
    json_write_text(out, row->key);
    fputs(", ", out);
    json_write_row(out, &row->counts, NULL);
    fputs("}", out);
  }
  fputs("]}\n", out);
}

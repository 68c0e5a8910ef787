/* table.c - the report on a terminal; see formats.h. */
#include "formats.h"

#include <string.h>

#define NUMBERS 6
#define KEY_LEAST 16
#define NUMBER_LEAST 9
#define INDENT 2

struct table {
  FILE *out;
  const struct tally *tally;
  size_t columns;
  size_t key_width;
  int number_width;
  bool is_cut;
  bool has_program; /* calls that the program ended itself */
};

/* The words of a sentence, in lines of the table's width. */
static void write_words(const struct table *table, size_t indent,
                        const char *text) {
  size_t column = 0;
  while (*text != '\0') {
    size_t length = strcspn(text, " ");
    if (column != 0 && column + 1 + length > table->columns) {
      putc('\n', table->out);
      column = 0;
    }
    if (column == 0)
      column = (size_t)fprintf(table->out, "%*s", (int)indent, "");
    else
      column += (size_t)fprintf(table->out, " ");
    column += (size_t)fprintf(table->out, "%.*s", (int)length, text);
    text += length;
    text += strspn(text, " ");
  }
  putc('\n', table->out);
}

#define SENTENCE(table, indent, ...)                                          \
  do {                                                                        \
    char sentence[1024];                                                      \
    (void)snprintf(sentence, sizeof sentence, __VA_ARGS__);                   \
    write_words(table, indent, sentence);                                     \
  } while (0)

/* A name in its column, or on a line of its own where it is longer. The
 * middle of one that is longer than a terminal's line is left out: the host
 * and the end of the path say most. */
static void write_key(const struct table *table, const char *key) {
  size_t length = strlen(key);
  if (table->is_cut && length > table->columns) {
    size_t rest = (table->columns - 3) / 2;
    fprintf(table->out, "%.*s...%s", (int)(table->columns - 3 - rest), key,
            key + length - rest);
  } else {
    fputs(key, table->out);
  }
  if (length > table->key_width)
    fprintf(table->out, "\n%*s", (int)table->key_width, "");
  else
    fprintf(table->out, "%*s", (int)(table->key_width - length), "");
}

static void write_numbers(const struct table *table,
                          const char *const *texts) {
  for (int i = 0; texts[i] != NULL; i++)
    fprintf(table->out, "%*s", table->number_width, texts[i]);
  putc('\n', table->out);
}

static void write_head(const struct table *table) {
  write_key(table, rows_by_names[table->tally->rows.by]);
  write_numbers(table,
                (const char *[]){"calls", "at once", "rescued", "failed",
                                 "attempts", "waited",
                                 table->has_program ? "program" : NULL, NULL});
}

/* A text for each count would be more than show_count() has. */
static void write_counts(const struct table *table,
                         const struct counts *counts) {
  const uint64_t numbers[] = {counts->calls, counts->outcomes[OUTCOME_OK],
                              counts->outcomes[OUTCOME_RESCUED],
                              counts->outcomes[OUTCOME_FAILED],
                              counts->attempts};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    fprintf(table->out, "%*s", table->number_width, show_count(numbers[i]));
  fprintf(table->out, "%*s", table->number_width,
          show_time(counts->waited_ms));
  if (table->has_program)
    fprintf(table->out, "%*s", table->number_width,
            show_count(counts->outcomes[OUTCOME_PROGRAM]));
  putc('\n', table->out);
}

static void write_times(const struct table *table,
                        const struct counts *counts) {
  SENTENCE(table, INDENT,
           "call p50 %s, p95 %s, max %s; attempt p50 %s, p95 %s, max %s",
           show_time(spread_quantile(&counts->call_ms, 0.5)),
           show_time(spread_quantile(&counts->call_ms, 0.95)),
           show_time(spread_most(&counts->call_ms)),
           show_time(spread_quantile(&counts->attempt_ms, 0.5)),
           show_time(spread_quantile(&counts->attempt_ms, 0.95)),
           show_time(spread_most(&counts->attempt_ms)));
}

static void write_failures(const struct table *table,
                           const struct counts *counts) {
  uint64_t failures = counts_failures(counts->classes);
  if (failures != 0)
    SENTENCE(table, INDENT, "%s of %s attempts failed: %s",
             show_count(failures), show_count(counts->attempts),
             show_classes(counts->classes));
  if (counts->injected != 0)
    SENTENCE(table, INDENT, "%s of them injected (FAULTS)",
             show_count(counts->injected));
}

static void write_peer(const struct table *table, const struct row *row) {
  const struct peer *peer = peers_worst(&row->peers);
  if (peer == NULL || table->tally->rows.by == BY_PEER)
    return;
  SENTENCE(table, INDENT, "worst peer %s: %s of %s failed: %s", peer->name,
           show_count(counts_failures(peer->classes)),
           show_count(peer->attempts), show_classes(peer->classes));
}

static void write_row(const struct table *table, const struct row *row) {
  write_key(table, row->key);
  write_counts(table, &row->counts);
  write_failures(table, &row->counts);
  write_peer(table, row);
  write_times(table, &row->counts);
}

static void write_verdict(const struct table *table) {
  const struct counts *total = &table->tally->total;
  uint64_t failed = total->outcomes[OUTCOME_FAILED];
  uint64_t rescued = total->outcomes[OUTCOME_RESCUED];
  putc('\n', table->out);
  SENTENCE(table, 0,
           "Without curlretry %s of %s calls would have failed; with it %s "
           "did (%s rescued).",
           show_count(failed + rescued), show_count(total->calls),
           show_count(failed), show_count(rescued));
  SENTENCE(table, 0,
           "Calls waited %s for retries; waits and failed attempts took %s.",
           show_time(total->waited_ms),
           show_time(total->waited_ms + total->failed_ms));
}

static void write_lines(const struct table *table) {
  const struct tally *tally = table->tally;
  if (tally->torn != 0 || tally->foreign != 0)
    SENTENCE(table, 0,
             "Of %s lines %s were torn and %s foreign; they are left out.",
             show_count(tally->lines), show_count(tally->torn),
             show_count(tally->foreign));
  if (tally->rows.joined != 0)
    SENTENCE(table, 0, "%s more rows are in " ROWS_OTHER "%s.",
             show_count(tally->rows.joined),
             tally->rows.by == BY_HOUR ? "" : "; --top shows more");
  for (size_t i = 0; i < tally->note_count; i++)
    SENTENCE(table, 0, "%s (%s times): %s", tally->notes[i].level,
             show_count(tally->notes[i].count), tally->notes[i].text);
  if (tally->notes_left != 0)
    SENTENCE(table, 0, "%s more notes.", show_count(tally->notes_left));
}

static void write_span(const struct table *table) {
  char from[25];
  char to[25];
  record_write_time(from, table->tally->from_ms);
  record_write_time(to, table->tally->to_ms);
  SENTENCE(table, 0, "%s calls, %.10s %.8s to %.10s %.8s UTC",
           show_count(table->tally->total.calls), from, from + 11, to,
           to + 11);
}

void table_write(FILE *out, const struct tally *tally, size_t columns,
                 bool is_cut) {
  const struct row *row;
  struct table table = {.out = out,
                        .tally = tally,
                        .columns = columns,
                        .key_width = KEY_LEAST,
                        .number_width = NUMBER_LEAST,
                        .is_cut = is_cut};
  table.has_program = tally->total.outcomes[OUTCOME_PROGRAM] != 0;
  size_t widest = strlen(show_count(tally->total.attempts)) + 1;
  if (widest > NUMBER_LEAST)
    table.number_width = (int)widest;
  size_t numbers = (size_t)table.number_width * NUMBERS;
  if (table.has_program)
    numbers += (size_t)table.number_width;
  if (columns > numbers + KEY_LEAST)
    table.key_width = columns - numbers;
  if (tally->total.attempts == 0 && tally->total.calls == 0) {
    SENTENCE(&table, 0, "no transfers in %s lines", show_count(tally->lines));
    write_lines(&table);
    return;
  }
  write_span(&table);
  putc('\n', out);
  write_head(&table);
  for (size_t i = 0; (row = rows_at(&tally->rows, i)) != NULL; i++)
    write_row(&table, row);
  if (rows_at(&tally->rows, 1) != NULL) {
    write_key(&table, "total");
    write_counts(&table, &tally->total);
    write_failures(&table, &tally->total);
    write_times(&table, &tally->total);
  }
  write_verdict(&table);
  write_lines(&table);
}

/* page.c - the report as a page of HTML; see formats.h.
 *
 * page.html is the page, with data to come as JSON. Its script may run by a
 * nonce (https://www.w3.org/TR/CSP3/), and nothing else, whatever were to get
 * into it from a trace.
 */
#include "formats.h"

#include "codes.h"
#include "version.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* The build puts the file here; make knows that this one depends on it. */
__asm__(".pushsection .rodata\n"
        ".globl curlretry_page\n"
        ".hidden curlretry_page\n"
        "curlretry_page:\n"
        ".incbin \"scripts/curlretry/report/page.html\"\n"
        ".byte 0\n"
        ".popsection\n");
extern const char curlretry_page[] __attribute__((visibility("hidden")));

static void write_number(FILE *out, const char *name, double number) {
  fprintf(out, ", \"%s\": ", name);
  json_write_number(out, number);
}

static void write_text(FILE *out, const char *name, const char *text) {
  fprintf(out, ", \"%s\": ", name);
  json_write_text(out, text);
}

static void write_series(FILE *out, const struct series *series) {
  fputs(", \"failures\": [", out);
  for (int i = 0; series->bins != NULL && i < TIMELINE_BINS; i++)
    fprintf(out, "%s%" PRIu32, i != 0 ? "," : "", series->bins[i]);
  fputs("]", out);
}

static void write_row(FILE *out, const struct row *row) {
  const struct peer *peer = peers_worst(&row->peers);
  fputs("{\"key\": ", out);
  json_write_text(out, row->key);
  fputs(", ", out);
  json_write_row(out, &row->counts, NULL);
  write_number(out, "failed_ms", row->counts.failed_ms);
  write_series(out, &row->failures);
  if (peer != NULL) {
    write_text(out, "peer", peer->name);
    write_number(out, "peer_attempts", (double)peer->attempts);
    write_number(out, "peer_failures", (double)counts_failures(peer->classes));
  }
  fputs("}", out);
}

static void write_step(FILE *out, const struct step *step) {
  fputs("{\"number\": ", out);
  json_write_number(out, step->number);
  write_number(out, "at", step->at_ms);
  write_number(out, "total", step->total);
  write_number(out, "dns", step->dns);
  write_number(out, "connect", step->connect);
  write_number(out, "tls", step->tls);
  write_number(out, "first_byte", step->first_byte);
  write_number(out, "delay", step->delay_ms);
  write_number(out, "code", step->code);
  write_number(out, "status", step->status);
  if (step->retry_class != CLASS_NONE)
    write_text(out, "class",
               policy_class_name((enum retry_class)step->retry_class));
  write_text(out, "host", step->host);
  write_text(out, "peer", step->peer);
  write_text(out, "message", step->message);
  fprintf(out, ", \"injected\": %s}", step->injected ? "true" : "false");
}

static void write_call(FILE *out, const struct call *call) {
  fprintf(out, "{\"outcome\": \"%s\"", record_outcome_name(call->outcome));
  write_text(out, "key", call->key);
  write_text(out, "program", call->program);
  write_text(out, "method", call->method);
  write_text(out, "url", call->url);
  write_number(out, "pid", call->pid);
  write_number(out, "call", call->call);
  write_number(out, "at", call->at_ms);
  write_number(out, "total", call->total_ms);
  write_number(out, "waited", call->waited_ms);
  write_number(out, "attempts", call->attempts);
  write_number(out, "code", call->code);
  write_number(out, "status", call->status);
  fputs(", \"steps\": [", out);
  for (size_t i = 0; i < call->step_count; i++) {
    fputs(i != 0 ? ", " : "", out);
    write_step(out, &call->steps[i]);
  }
  fputs("]}", out);
}

static void write_calls(FILE *out, struct calls *calls) {
  static const enum outcome worst_first[OUTCOME_COUNT] = {
      OUTCOME_FAILED, OUTCOME_RESCUED, OUTCOME_PROGRAM, OUTCOME_OK};
  const char *separator = "\n";
  fputs(", \"worst\": [", out);
  for (int i = 0; i < OUTCOME_COUNT; i++) {
    struct call *const *list;
    size_t count = calls_kept(calls, worst_first[i], &list);
    for (size_t at = 0; at < count; at++) {
      fputs(separator, out);
      write_call(out, list[at]);
      separator = ",\n";
    }
  }
  fputs("]", out);
}

static void write_notes(FILE *out, const struct tally *tally) {
  fputs(", \"notes\": [", out);
  for (size_t i = 0; i < tally->note_count; i++) {
    fprintf(out, "%s{\"count\": %" PRIu64, i != 0 ? ", " : "",
            tally->notes[i].count);
    write_text(out, "level", tally->notes[i].level);
    write_text(out, "text", tally->notes[i].text);
    fputs("}", out);
  }
  fputs("]", out);
  write_number(out, "notes_left", (double)tally->notes_left);
}

static void write_data(FILE *out, struct tally *tally) {
  const struct timeline *timeline = &tally->timeline;
  const struct row *row;
  fputs("{\"version\": 1, \"curlretry\": \"" CURLRETRY_VERSION "\"", out);
  write_text(out, "by", rows_by_names[tally->rows.by]);
  write_number(out, "from", tally->from_ms);
  write_number(out, "to", tally->to_ms);
  write_number(out, "bin", (double)timeline->bin_ms);
  write_number(out, "first_bin",
               (double)timeline->first * (double)timeline->bin_ms);
  write_number(out, "joined", (double)tally->rows.joined);
  fputs(",\n\"total\": {", out);
  json_write_row(out, &tally->total, tally);
  write_number(out, "failed_ms", tally->total.failed_ms);
  write_number(out, "injected", (double)tally->total.injected);
  fputs("},\n\"rows\": [", out);
  for (size_t i = 0; (row = rows_at(&tally->rows, i)) != NULL; i++) {
    fputs(i != 0 ? ",\n" : "\n", out);
    write_row(out, row);
  }
  fputs("]", out);
  write_notes(out, tally);
  write_calls(out, tally->calls);
  fputs("}", out);
}

#define NONCE_SIZE 33

/* Nobody has to guess it: what a trace holds is older. */
static void make_nonce(char *nonce) {
  unsigned char bytes[NONCE_SIZE / 2];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    for (size_t i = 0; i < sizeof bytes; i++)
      bytes[i] = (unsigned char)(now.tv_nsec >> i);
  }
  for (size_t i = 0; i < sizeof bytes; i++)
    (void)snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
}

void page_write(FILE *out, struct tally *tally) {
  char nonce[NONCE_SIZE];
  const char *rest = curlretry_page;
  make_nonce(nonce);
  for (;;) {
    const char *mark = strchr(rest, '@');
    if (mark == NULL)
      break;
    (void)fwrite(rest, 1, (size_t)(mark - rest), out);
    rest = mark + 1;
    if (strncmp(mark, "@NONCE@", 7) == 0) {
      fputs(nonce, out);
      rest = mark + 7;
    } else if (strncmp(mark, "@DATA@", 6) == 0) {
      write_data(out, tally);
      rest = mark + 6;
    } else {
      putc('@', out);
    }
  }
  fputs(rest, out);
}

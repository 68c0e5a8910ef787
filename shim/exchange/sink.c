/* The program must not be able to tell a held byte from a direct one: same
 * pieces, same order, same return values honoured. Source: the manual pages
 * of CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION, CURLOPT_HEADERDATA. */
#include "exchange/sink.h"

#include "host/clock.h"

#include <stdio.h> /* snprintf only */

/* The versions in which libcurl's text for a refused piece became another. */
#define NEW_TEXT_VERSION 0x080700      /* 8.7.0: says how many */
#define ERROR_TEXT_VERSION 0x080800    /* 8.8.0: knows CURL_WRITEFUNC_ERROR */
#define UNSIGNED_TEXT_VERSION 0x081400 /* 8.20.0: no "returned -1" */

void sink_begin(struct sink *sink, const struct shadow *shadow,
                struct answers *answers, struct resume *resume,
                unsigned version) {
  sink->shadow = shadow;
  sink->answers = answers;
  sink->resume = resume;
  sink->version = version;
  sink->refusal.code = CURLE_OK;
  sink->refusal.text[0] = 0;
  sink->view.has_status = false;
  atomic_store_explicit(&sink->is_paused, false, memory_order_relaxed);
  sink->is_busy = false;
  sink->has_body = false;
  sink->delivered_at = 0;
}

__attribute__((always_inline)) static inline enum delivery
put(struct sink *sink, const struct event *event, size_t *taken) {
  if (event->kind == EVENT_HEADER && !callback_wants_headers(sink->shadow)) {
    *taken = event->length;
    return DELIVERED;
  }
  *taken = callback_event(sink->shadow, event);
  if (*taken == CURL_WRITEFUNC_PAUSE) {
    atomic_store(&sink->is_paused, true);
    return DELIVERY_PAUSED;
  }
  if (*taken != event->length) {
    sink->refusal.code = CURLE_WRITE_ERROR;
    return DELIVERY_REFUSED;
  }
  if (event->kind == EVENT_BODY && sink->resume->is_possible) {
    resume_delivered(sink->resume, event->bytes, event->length);
    sink->answers->delivered = resume_counts(sink->resume);
    sink->delivered_at = clock_about_now_ms();
  }
  return DELIVERED;
}

enum delivery sink_put(struct sink *sink, const struct event *event,
                       size_t *taken) {
  return put(sink, event, taken);
}

/* libcurl's own text for a refused piece (lib/sendf.c, lib/cw-out.c): here it
 * isn't there to write it. */
static void explain(struct sink *sink, struct event piece, size_t taken) {
  char *text = sink->refusal.text;
  size_t size = sizeof(sink->refusal.text);

  if (sink->version < NEW_TEXT_VERSION)
    (void)snprintf(text, size, "%s",
                   piece.kind == EVENT_HEADER
                       ? "Failed writing header"
                       : "Failure writing output to destination");
  else if (taken == 0xFFFFFFFF /* CURL_WRITEFUNC_ERROR */ &&
           sink->version >= ERROR_TEXT_VERSION)
    (void)snprintf(text, size, "client returned ERROR on write of %zu bytes",
                   piece.length);
  else
    (void)snprintf(text, size,
                   sink->version < UNSIGNED_TEXT_VERSION
                       ? "Failure writing output to destination, "
                         "passed %zu returned %zd"
                       : "Failure writing output to destination, "
                         "passed %zu returned %zu",
                   piece.length, taken);
}

/* What getinfo says while pieces of this hop are delivered. */
static void set_view(struct sink *sink, const struct info_view *view) {
  const struct info_view as_now = {.has_status = sink->status != 0,
                                   .status = sink->status};

  sink->view = view ? *view : as_now;
  sink->view.is_header = !sink->has_body; /* a trailer isn't meant */
}

static enum delivery play(struct sink *sink, struct journal *journal) {
  const struct info_view *view = NULL;
  struct event piece;
  enum delivery result;
  size_t taken;
  int there;

  set_view(sink, view);
  while ((there = journal_peek(journal, &piece)) > 0) {
    if (view != journal_view(journal)) {
      view = journal_view(journal);
      set_view(sink, view);
    }
    if (piece.kind == EVENT_BODY) {
      sink->has_body = true;
      sink->view.is_header = false;
    }
    result = put(sink, &piece, &taken);
    if (result != DELIVERED) {
      if (result == DELIVERY_REFUSED)
        explain(sink, piece, taken);
      return result;
    }
    journal_take(journal, piece.length);
    if (atomic_load(&sink->is_paused)) /* by curl_easy_pause() */
      return DELIVERY_PAUSED;
  }
  if (!there)
    return DELIVERED;
  sink->refusal.code = CURLE_OUT_OF_MEMORY;
  return DELIVERY_REFUSED;
}

enum delivery sink_play(struct sink *sink, struct journal *journal) {
  enum delivery result;

  if (sink->is_busy || atomic_load(&sink->is_paused))
    return DELIVERY_PAUSED;
  sink->is_busy = true;
  sink->answers->view = &sink->view;
  result = play(sink, journal);
  sink->answers->view = NULL;
  sink->is_busy = false;
  sink->delivered_at = clock_now_ms();
  return result;
}

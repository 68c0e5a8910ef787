/* sink_test.h - a program of two callbacks that note what they get, and do
 * something else when it is their turn. */
#ifndef CURLRETRY_SINK_TEST_H
#define CURLRETRY_SINK_TEST_H

#include "exchange_test.h"

#include "exchange/sink.h"

#define MOST CURL_MAX_WRITE_SIZE
#define CALLS 32

/* The clocks stand until a test moves them. */
static int64_t now;

int64_t clock_now_ms(void);
int64_t clock_now_ms(void) { return now; }

int64_t clock_about_now_ms(void);
int64_t clock_about_now_ms(void) { return now; }

/* The events of a test are cut out of these, one after the other. */
static char bytes[8 * MOST];

struct event_row {
  enum event_kind kind;
  size_t length;
};

struct call_row {
  char callback; /* 'w' or 'h' */
  void *data;
  size_t length;
  bool has_view;
  struct info_view view; /* as it was then */
  char url[32];
};

/* What the program does in one of its callbacks. */
enum doing {
  TAKES,
  RETURNS,       /* `answer` */
  RETURNS_PAUSE, /* CURL_WRITEFUNC_PAUSE */
  PAUSES,        /* takes it, and calls curl_easy_pause() */
  PLAYS          /* leads to sink_play() again */
};

struct fixture {
  struct shadow shadow;
  struct answers answers;
  struct resume resume;
  struct sink sink;
  struct way way; /* nothing was shown */
  struct journal journal;
  size_t written;          /* of `bytes`, put or held */
  size_t taken;            /* as sink_put() says */
  char accepted[8 * MOST]; /* what the callbacks took, one after the other */
  size_t size;
  struct call_row calls[CALLS];
  size_t count;
  enum doing doing; /* in the call of this number */
  size_t doing_at;
  size_t answer;
  enum delivery inner;
  char write, header; /* what WRITEDATA and HEADERDATA point to */
};

/* The test at hand; the callbacks may get no data. */
static struct fixture *program;

static size_t note(char callback, char *from, size_t length, void *data) {
  struct fixture *f = program;
  struct call_row *call = &f->calls[f->count];
  bool is_turn = f->count == f->doing_at;

  assert_true(f->count++ < CALLS);
  *call = (struct call_row){callback, data, length, f->answers.view != NULL,
                            {0},      ""};
  if (call->has_view)
    call->view = *f->answers.view;
  if (call->view.url)
    memcpy(call->url, call->view.url, strlen(call->view.url) + 1);
  if (is_turn && f->doing == RETURNS_PAUSE)
    return CURL_WRITEFUNC_PAUSE;
  if (is_turn && f->doing == RETURNS)
    return f->answer;
  if (is_turn && f->doing == PAUSES)
    f->sink.is_paused = true;
  if (is_turn && f->doing == PLAYS)
    f->inner = sink_play(&f->sink, &f->journal);
  memcpy(f->accepted + f->size, from, length);
  f->size += length;
  return length;
}

static size_t on_write(char *from, size_t size, size_t count, void *data) {
  assert_int_equal(size, 1);
  return note('w', from, count, data);
}

static size_t on_header(char *from, size_t size, size_t count, void *data) {
  assert_int_equal(size, 1);
  return note('h', from, count, data);
}

static inline void begin(struct fixture *f) {
  memset(f, 0, sizeof *f);
  program = f;
  now = 0;
  f->shadow.held.write = on_write;
  f->shadow.held.write_data = &f->write;
  f->shadow.held.header = on_header;
  f->shadow.held.header_data = &f->header;
  journal_init(&f->journal, "/tmp");
  way_begin(&f->way);
  journal_read(&f->journal, &f->way, 1);
  sink_begin(&f->sink, &f->shadow, &f->answers, &f->resume, 0x081600);
}

static inline void end(struct fixture *f) {
  assert_null(f->answers.view);
  assert_false(f->sink.is_busy);
  journal_free(&f->journal);
}

static inline struct event next_event(struct fixture *f,
                                      const struct event_row *row) {
  struct event event = {row->kind, bytes + f->written, row->length};

  f->written += row->length;
  return event;
}

static inline enum delivery put(struct fixture *f,
                                const struct event_row *row) {
  const struct event event = next_event(f, row);

  program = f;
  return sink_put(&f->sink, &event, &f->taken);
}

static inline void hold(struct fixture *f, const struct event_row *rows,
                        size_t count) {
  for (size_t i = 0; i < count; i++) {
    const struct event event = next_event(f, &rows[i]);
    assert_true(journal_append(&f->journal, &event, event.length));
  }
}

static inline enum delivery play(struct fixture *f) {
  program = f;
  return sink_play(&f->sink, &f->journal);
}

/* The n-th call was of this event. */
static inline void assert_call(const struct fixture *f, size_t n,
                               const struct event_row *row) {
  bool is_header = row->kind == EVENT_HEADER;

  assert_int_equal(f->calls[n].callback, is_header ? 'h' : 'w');
  assert_ptr_equal(f->calls[n].data, is_header ? &f->header : &f->write);
  assert_int_equal(f->calls[n].length, row->length);
}

/* Every byte, once, in order. */
static inline void assert_all_taken(const struct fixture *f,
                                    const struct event_row *rows,
                                    size_t count) {
  size_t size = 0;

  for (size_t i = 0; i < count; i++)
    size += rows[i].length;
  assert_int_equal(f->size, size);
  assert_memory_equal(f->accepted, bytes, size);
}

#endif

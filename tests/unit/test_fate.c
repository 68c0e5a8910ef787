/* test_fate.c - what becomes of a piece of a held body, and of one that is
 * read to be discarded: every bound, at the byte and the ms before it and at
 * it. */
#include "exchange_test.h"

#include "exchange/response.h"

#define AT 5000 /* when the header block ended, ms */

static int64_t now;
static int looks; /* at the clock */

int64_t clock_now_ms(void);
int64_t clock_now_ms(void) {
  looks++;
  return now;
}

/* One piece after `ms`, and what becomes of it. */
struct step {
  int64_t ms;
  size_t length;
  size_t keep;
  enum fate_step then;
  bool is_there;
};

#define TAKEN(ms, length)                                                     \
  { (ms), (length), (length), FATE_TAKEN, true }
#define PASS(ms, length)                                                      \
  { (ms), (length), 0, FATE_PASS, true }
#define STOP(ms, length, keep)                                                \
  { (ms), (length), (keep), FATE_STOP, true }
#define STEPS 4

static void begin(struct response *response, int64_t announced) {
  response_init(response, "/tmp");
  response->header_at = AT;
  response->announced = announced;
  now = AT;
}

/* The fate is as the step says, and what the response knows goes on with it:
 * a piece that is passed on isn't held, and comes again as a direct one. */
static void assert_fate(const struct response *response, struct fate fate,
                        const struct step *step, int64_t *held,
                        int64_t *body) {
  assert_int_equal(fate.then, step->then);
  assert_int_equal(fate.keep, step->keep);
  *held += (int64_t)step->keep;
  *body += step->then == FATE_PASS ? 0 : (int64_t)step->length;
  assert_int_equal(response->held, *held);
  assert_int_equal(response->body, *body);
}

/* --- held ------------------------------------------------------------------
 */

#define GIB (INT64_C(1) << 30)

static const struct {
  int64_t announced, hold_bytes, hold_time_ms;
  struct step steps[STEPS];
  bool is_last; /* in the end */
} holds[] = {
    /* HOLD_BYTES, at once and in pieces */
    {-1, 100, 1000, {TAKEN(0, 99), PASS(0, 1)}, false},
    {-1, 100, 1000, {TAKEN(0, 99), TAKEN(0, 0), PASS(0, 5)}, false},
    {-1, 100, 1000, {PASS(0, 100)}, false},
    {-1, 0, 1000, {PASS(0, 0)}, false},
    {500, 100, 1000, {TAKEN(0, 99), PASS(0, 2)}, false},
    {-1, 100, 1000, {TAKEN(0, 0), TAKEN(0, 10), TAKEN(0, 0)}, false},
    /* the announced length, reached exactly; more than it */
    {50, 100, 1000, {TAKEN(0, 49), PASS(0, 1)}, true},
    {50, 100, 1000, {PASS(0, 50)}, true},
    {50, 100, 1000, {TAKEN(0, 30), PASS(0, 30)}, true},
    {0, 100, 1000, {PASS(0, 0)}, true},
    {100, 100, 1000, {TAKEN(0, 60), PASS(0, 40)}, true},
    /* HOLD_TIME, since the headers ended */
    {-1, 100, 1000, {TAKEN(0, 1), TAKEN(999, 1), PASS(1000, 1)}, false},
    {-1, 100, 1000, {PASS(99999, 1)}, false},
    {-1, 100, 0, {PASS(0, 1)}, false},
    {9, 100, 1000, {TAKEN(0, 8), PASS(1000, 1)}, true},
    /* no bound */
    {-1, 100, POLICY_UNLIMITED, {TAKEN(GIB, 99), PASS(GIB, 1)}, false},
    {-1, POLICY_UNLIMITED, 1000, {TAKEN(999, GIB), PASS(1000, 1)}, false},
    {-1,
     POLICY_UNLIMITED,
     POLICY_UNLIMITED,
     {TAKEN(0, GIB), TAKEN(GIB, GIB), TAKEN(GIB, GIB), TAKEN(GIB, GIB)},
     false},
};

static void a_body_is_held_up_to_its_first_bound(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(holds); i++) {
    const struct policy policy = {.hold_bytes = holds[i].hold_bytes,
                                  .hold_time_ms = holds[i].hold_time_ms};
    int64_t held = 0, body = 0;
    struct response response;
    begin(&response, holds[i].announced);
    for (size_t k = 0; k < STEPS && holds[i].steps[k].is_there; k++) {
      const struct step *step = &holds[i].steps[k];
      assert_false(response.is_last);
      now = AT + step->ms;
      assert_fate(&response, response_hold(&response, &policy, step->length),
                  step, &held, &body);
    }
    assert_int_equal(response.is_last, holds[i].is_last);
    assert_false(response.is_cut);
    response_free(&response);
  }
}

/* At the end of headers that no body can follow. */
static void what_is_known_to_be_the_last_is_not_held(void **state) {
  (void)state;
  static const struct policy policy = {.hold_bytes = 100,
                                       .hold_time_ms = 1000};
  struct response response;
  struct fate fate;

  begin(&response, -1);
  response.is_last = true;
  fate = response_hold(&response, &policy, 1);
  assert_int_equal(fate.then, FATE_PASS);
  assert_int_equal(fate.keep, 0);
  assert_true(response.is_last);
  response_free(&response);
}

static void a_held_response_is_due_after_its_time(void **state) {
  (void)state;
  static const struct {
    int64_t hold_time_ms, ms;
    bool is_due;
  } rows[] = {{1000, 0, false},
              {1000, 999, false},
              {1000, 1000, true},
              {0, 0, true},
              {POLICY_UNLIMITED, 1000, false},
              {POLICY_UNLIMITED, INT64_MAX - AT, false}};

  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct policy policy = {.hold_time_ms = rows[i].hold_time_ms};
    struct response response;
    begin(&response, -1);
    now = AT + rows[i].ms;
    looks = 0;
    assert_int_equal(response_is_due(&response, &policy), rows[i].is_due);
    assert_int_equal(looks, rows[i].hold_time_ms != POLICY_UNLIMITED);
    response_free(&response);
  }
}

/* --- drained ---------------------------------------------------------------
 */

static const struct {
  bool is_certain; /* the request can be sent again */
  int64_t announced, drain_bytes, hold_bytes;
  struct step steps[STEPS];
  bool is_cut; /* in the end */
} drains[] = {
    /* certain: DRAIN_BYTES, the room used exactly and by one byte more */
    {true, -1, 100, 999, {TAKEN(0, 60), TAKEN(0, 40), TAKEN(0, 0)}, false},
    {true, -1, 100, 999, {TAKEN(0, 60), TAKEN(0, 40), STOP(0, 1, 0)}, true},
    {true, -1, 100, 999, {TAKEN(0, 60), STOP(0, 41, 40)}, true},
    {true, -1, 100, 10, {TAKEN(0, 100), STOP(0, 50, 0)}, true},
    {true, -1, 0, 999, {TAKEN(0, 0), STOP(0, 7, 0)}, true},
    {true, 100, 100, 999, {TAKEN(0, 60), TAKEN(0, 40)}, false},
    /* a body announced to be longer isn't read for nothing */
    {true, 101, 100, 999, {STOP(0, 10, 10)}, true},
    {true, 101, 100, 999, {STOP(0, 101, 100)}, true},
    /* 1 s; what ended just then is whole */
    {true, -1, 100, 999, {TAKEN(999, 10), STOP(1000, 10, 10)}, true},
    {true, 20, 100, 999, {TAKEN(999, 10), STOP(1000, 10, 10)}, false},
    {true, 21, 100, 999, {TAKEN(999, 10), STOP(1000, 10, 10)}, true},
    /* after a stop: what libcurl still hands over */
    {true, -1, 100, 999, {STOP(0, 110, 100), STOP(0, 5, 0)}, true},
    /* uncertain: the larger bound, and beyond it the program gets it */
    {false, -1, 100, 300, {TAKEN(0, 299), TAKEN(0, 1), PASS(0, 1)}, false},
    {false, -1, 300, 100, {TAKEN(0, 299), TAKEN(0, 1), PASS(0, 1)}, false},
    {false, -1, 100, 300, {PASS(0, 301)}, false},
    {false, 300, 100, 300, {TAKEN(0, 300)}, false},
    {false, 301, 100, 300, {PASS(0, 1)}, false},
    {false, -1, 0, 0, {PASS(0, 1)}, false},
    {false, -1, 100, 300, {TAKEN(999, 10), PASS(1000, 10)}, false},
    {false, 20, 100, 300, {TAKEN(999, 10), PASS(1000, 10)}, false},
    /* HOLD_BYTES without a bound */
    {false, GIB, 100, POLICY_UNLIMITED, {TAKEN(0, GIB)}, false},
};

static void a_discarded_body_is_read_up_to_its_bounds(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(drains); i++) {
    const struct policy policy = {.drain_bytes = drains[i].drain_bytes,
                                  .hold_bytes = drains[i].hold_bytes};
    int64_t held = 0, body = 0;
    struct response response;
    struct fate fate;
    begin(&response, drains[i].announced);
    for (size_t k = 0; k < STEPS && drains[i].steps[k].is_there; k++) {
      const struct step *step = &drains[i].steps[k];
      now = AT + step->ms;
      fate = response_drain(&response, &policy, drains[i].is_certain,
                            step->length);
      assert_fate(&response, fate, step, &held, &body);
    }
    assert_int_equal(response.is_cut, drains[i].is_cut);
    assert_false(response.is_last);
    response_free(&response);
  }
}

static void a_drain_lasts_a_second(void **state) {
  (void)state;
  struct response response;

  begin(&response, -1);
  assert_false(response_is_drained(&response));
  now = AT + 999;
  assert_false(response_is_drained(&response));
  now = AT + 1000;
  assert_true(response_is_drained(&response));
  response_free(&response);
}

/* --- the next attempt ------------------------------------------------------
 */

static void a_cleared_response_knows_nothing(void **state) {
  (void)state;
  char text[] = "abc";
  const struct event event = {EVENT_BODY, text, 3};
  struct response response;

  response_init(&response, "/tmp");
  for (int i = 0; i < 2; i++) {
    assert_int_equal(response.state, RESPONSE_HOLDING);
    assert_int_equal(response.announced, -1);
    assert_int_equal(response.held, 0);
    assert_int_equal(response.body, 0);
    assert_int_equal(response.header_at, 0);
    assert_false(response.is_final || response.is_cut || response.is_last);
    assert_string_equal(response.entity.tag, "");
    assert_false(response.entity.has_range);
    assert_int_equal(response.entity.total, -1);
    assert_true(journal_is_empty(&response.journal));
    assert_true(journal_append(&response.journal, &event, 3));
    memset(&response.entity, 'x', sizeof response.entity);
    response.state = RESPONSE_COMMITTED;
    response.announced = response.held = response.body = 7;
    response.header_at = 7;
    response.is_final = response.is_cut = response.is_last = true;
    response_clear(&response);
  }
  response_free(&response);
}

int main(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_body_is_held_up_to_its_first_bound),
      cmocka_unit_test(what_is_known_to_be_the_last_is_not_held),
      cmocka_unit_test(a_held_response_is_due_after_its_time),
      cmocka_unit_test(a_discarded_body_is_read_up_to_its_bounds),
      cmocka_unit_test(a_drain_lasts_a_second),
      cmocka_unit_test(a_cleared_response_knows_nothing),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

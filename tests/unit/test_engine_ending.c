/* test_engine_ending.c - what becomes of a call whose attempt ended: every
 * rule, and what it yields to. */
#include "unit_test.h"

#include "engine/ending.h"

/* `flags`: c the program has a part of it, r it was to continue a body and
 * didn't come so far, w it continued one, s ... that ended too early, k an
 * outcome is kept, j the policy was asked: `reason`. */
struct row {
  const char *flags;
  enum cause cause;
  CURLcode code;
  enum verdict_reason reason;
  enum ending ending;
};

#define REWIND CURLE_SEND_FAIL_REWIND
#define BROKE CURLE_PARTIAL_FILE
#define WRITE CURLE_WRITE_ERROR

static void check_row(const struct row *row) {
  const char *flags = row->flags;
  struct ended ended = {.is_committed = strchr(flags, 'c'),
                        .is_resuming = strchr(flags, 'r'),
                        .was_resumed = strchr(flags, 'w'),
                        .is_short = strchr(flags, 's'),
                        .has_kept = strchr(flags, 'k'),
                        .cause = row->cause,
                        .code = row->code,
                        .is_judged = strchr(flags, 'j'),
                        .reason = row->reason};
  enum ending ending = ending_of(&ended);

  if (ending != row->ending)
    fail_msg("\"%s\", cause %d, code %d, reason %d: ending %d, not %d", flags,
             (int)row->cause, (int)row->code, (int)row->reason, (int)ending,
             (int)row->ending);
}

static void check_rows(const struct row *rows, size_t count) {
  for (size_t i = 0; i < count; i++)
    check_row(&rows[i]);
}

static void what_wasnt_judged_is(void **unused) {
  static const struct row rows[] = {
      {"", BY_LIBCURL, CURLE_OK, VERDICT_SUCCESS, ENDING_JUDGE},
      {"", BY_LIBCURL, BROKE, VERDICT_SUCCESS, ENDING_JUDGE},
      {"", BY_DRAIN, CURLE_OK, VERDICT_SUCCESS, ENDING_JUDGE},
      {"", BY_STALL, CURLE_OPERATION_TIMEDOUT, VERDICT_SUCCESS, ENDING_JUDGE},
      {"", BY_PROGRAM, WRITE, VERDICT_SUCCESS, ENDING_JUDGE},
      {"", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_JUDGE},
      {"k", BY_LIBCURL, BROKE, VERDICT_SUCCESS, ENDING_JUDGE},
      {"k", BY_LIBCURL, CURLE_OK, VERDICT_SUCCESS, ENDING_JUDGE},
      {"c", BY_LIBCURL, BROKE, VERDICT_SUCCESS, ENDING_JUDGE},
      {"c", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_JUDGE},
      {"r", BY_LIBCURL, CURLE_COULDNT_CONNECT, VERDICT_SUCCESS, ENDING_JUDGE},
      {"r", BY_PROGRAM, WRITE, VERDICT_SUCCESS, ENDING_JUDGE},
      {"cw", BY_LIBCURL, BROKE, VERDICT_SUCCESS, ENDING_JUDGE},
      {"cw", BY_PROGRAM, WRITE, VERDICT_SUCCESS, ENDING_JUDGE},
      /* the reason is of another attempt */
      {"", BY_LIBCURL, BROKE, VERDICT_RETRY, ENDING_JUDGE},
      {"", BY_LIBCURL, BROKE, VERDICT_FINAL, ENDING_JUDGE},
  };

  (void)unused;
  check_rows(rows, COUNT(rows));
}

static void what_was_judged_in_the_transfer_stays(void **unused) {
  static const struct row rows[] = {
      {"j", BY_LIBCURL, CURLE_OK, VERDICT_RETRY, ENDING_RETRY},
      {"j", BY_DRAIN, BROKE, VERDICT_RETRY, ENDING_RETRY},
      {"j", BY_LIBCURL, BROKE, VERDICT_RETRY, ENDING_RETRY},
      {"j", BY_LIBCURL, CURLE_OK, VERDICT_FINAL, ENDING_DELIVER},
      {"j", BY_LIBCURL, BROKE, VERDICT_EXHAUSTED, ENDING_DELIVER},
      {"j", BY_LIBCURL, BROKE, VERDICT_NO_REWIND, ENDING_DELIVER},
      {"cj", BY_LIBCURL, BROKE, VERDICT_RETRY, ENDING_RETRY},
      {"cj", BY_LIBCURL, BROKE, VERDICT_FINAL, ENDING_DELIVER},
      {"rj", BY_LIBCURL, BROKE, VERDICT_RETRY, ENDING_RETRY},
      {"rj", BY_LIBCURL, BROKE, VERDICT_BUDGET, ENDING_DELIVER},
      {"kj", BY_LIBCURL, BROKE, VERDICT_DEADLINE, ENDING_DELIVER},
  };

  (void)unused;
  check_rows(rows, COUNT(rows));
}

/* 65: it couldn't send the body from its beginning. */
static void an_attempt_that_couldnt_begin_gives_way(void **unused) {
  static const struct row rows[] = {
      {"k", BY_LIBCURL, REWIND, VERDICT_SUCCESS, ENDING_KEPT},
      {"k", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_KEPT},
      {"kj", BY_LIBCURL, REWIND, VERDICT_RETRY, ENDING_KEPT},
      {"kcw", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_KEPT},
      {"kr", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_KEPT},
      {"k", BY_PROGRAM, REWIND, VERDICT_SUCCESS, ENDING_JUDGE},
      {"", BY_LIBCURL, REWIND, VERDICT_SUCCESS, ENDING_JUDGE},
      {"", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_JUDGE},
      {"k", BY_MISMATCH, BROKE, VERDICT_SUCCESS, ENDING_JUDGE},
  };

  (void)unused;
  check_rows(rows, COUNT(rows));
}

static void what_the_program_has_whole_is_delivered(void **unused) {
  static const struct row rows[] = {
      {"c", BY_LIBCURL, CURLE_OK, VERDICT_SUCCESS, ENDING_DELIVER},
      {"cj", BY_LIBCURL, CURLE_OK, VERDICT_EXHAUSTED, ENDING_DELIVER},
      /* DRY_RUN */
      {"cj", BY_LIBCURL, CURLE_OK, VERDICT_RETRY, ENDING_DELIVER},
      {"cw", BY_LIBCURL, CURLE_OK, VERDICT_SUCCESS, ENDING_DELIVER},
      {"cs", BY_LIBCURL, CURLE_OK, VERDICT_SUCCESS, ENDING_DELIVER},
      {"ck", BY_LIBCURL, CURLE_OK, VERDICT_SUCCESS, ENDING_DELIVER},
  };

  (void)unused;
  check_rows(rows, COUNT(rows));
}

static void what_isnt_the_rest_of_the_body_isnt_taken_for_it(void **unused) {
  static const struct row rows[] = {
      /* it never came to the rest */
      {"r", BY_LIBCURL, CURLE_OK, VERDICT_SUCCESS, ENDING_MISMATCH},
      {"r", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_MISMATCH},
      {"rj", BY_MISMATCH, REWIND, VERDICT_EXHAUSTED, ENDING_DELIVER},
      /* it went on, and was too short, or too long */
      {"cws", BY_LIBCURL, CURLE_OK, VERDICT_SUCCESS, ENDING_MISMATCH},
      {"cw", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_MISMATCH},
      {"cws", BY_MISMATCH, REWIND, VERDICT_SUCCESS, ENDING_MISMATCH},
      /* it broke: that may be gone on from */
      {"cws", BY_LIBCURL, BROKE, VERDICT_SUCCESS, ENDING_JUDGE},
      {"cws", BY_STALL, CURLE_OPERATION_TIMEDOUT, VERDICT_SUCCESS,
       ENDING_JUDGE},
      /* the program's word is stronger */
      {"cws", BY_PROGRAM, WRITE, VERDICT_SUCCESS, ENDING_JUDGE},
      {"r", BY_PROGRAM, CURLE_ABORTED_BY_CALLBACK, VERDICT_SUCCESS,
       ENDING_JUDGE},
  };

  (void)unused;
  check_rows(rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_wasnt_judged_is),
      cmocka_unit_test(what_was_judged_in_the_transfer_stays),
      cmocka_unit_test(an_attempt_that_couldnt_begin_gives_way),
      cmocka_unit_test(what_the_program_has_whole_is_delivered),
      cmocka_unit_test(what_isnt_the_rest_of_the_body_isnt_taken_for_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

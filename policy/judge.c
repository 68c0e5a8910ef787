/* judge.c - policy_judge(): what becomes of an outcome, and why.
 *
 * One function per question, asked in the order of judge.h. Everything comes
 * in as an argument, so each rule is a row of a table test.
 */
#include "judge.h"

#include "delay.h"
#include "methods.h"
#include "newer.h"
#include "on.h"

/* What a retry costs; a timeout also cost its waiting (design.md, BUDGET;
 * the numbers are the AWS SDKs' standard mode). */
#define RETRY_COST 5
#define TIMEOUT_COST 10

static const char reason_texts[][44] = {
    [VERDICT_RETRY] = "retry",
    [VERDICT_SUCCESS] = "success",
    [VERDICT_FINAL] = "not retried by policy",
    [VERDICT_REFUSED] = "stopped by the program",
    [VERDICT_METHOD] = "request must not be sent twice (METHODS)",
    [VERDICT_NO_REWIND] = "request body can't be sent again",
    [VERDICT_READ_ONCE] = "a file can't be read again",
    [VERDICT_SOCKET] = "the program makes no new socket",
    [VERDICT_EXHAUSTED] = "retries exhausted",
    [VERDICT_RETRY_AFTER] = "Retry-After is too long",
    [VERDICT_MAX_TIME] = "maximum time reached",
    [VERDICT_DEADLINE] = "wait would pass the program's timeout",
    [VERDICT_COMMITTED] = "already handed over",
    [VERDICT_BUDGET] = "retry budget exhausted (BUDGET)",
    [VERDICT_CHANGED] = "the program set options meanwhile",
    [VERDICT_NO_MEMORY] = "out of memory",
};

const char *policy_reason_text(enum verdict_reason reason) {
  return reason_texts[reason];
}

static bool is_ftp_transient(int reply) { return reply >= 400 && reply < 500; }

static bool is_ftp_permanent(int reply) { return reply >= 500 && reply < 600; }

/* Whether it was the connection that failed: libcurl has other codes for a 5yz
 * (21, 67, 78 ...); a 421 it makes a timeout. */
static bool is_transport(int code) {
  enum retry_class class = codes_class(code);
  return class != CLASS_FINAL && class != CLASS_PARTIAL;
}

/* The FTP reply that failed the transfer; 0: none. A reply it got over (to
 * MDTM, SIZE or EPSV) is no failure: there code is 0, or of what came later.
 */
static int failing_reply(const struct outcome *outcome) {
  int reply = outcome->status;
  if (!outcome->is_ftp || outcome->code == CURLE_OK)
    return 0;
  if (is_ftp_permanent(reply))
    return is_transport(outcome->code) ? 0 : reply;
  return is_ftp_transient(reply) ? reply : 0;
}

/* With ftp it may be the data connection's: the login was replied to. */
bool policy_is_refused_connect(const struct outcome *outcome) {
  return outcome->code != CURLE_OK && outcome->connect_status >= 300 &&
         (outcome->is_ftp ? failing_reply(outcome) == 0
                          : outcome->status == 0);
}

/* The status an outcome is judged by; 0: its CURLcode decides.
 * Source: design.md, "What is retried", rule 1. */
static int judged_status(const struct outcome *outcome) {
  if (failing_reply(outcome) != 0)
    return failing_reply(outcome);
  if (!outcome->is_ftp && outcome->status >= POLICY_STATUS_MIN)
    return outcome->status;
  return policy_is_refused_connect(outcome) ? outcome->connect_status : 0;
}

/* Whether a proxy refused for a reason that stays. */
static bool is_refused_by_proxy(const struct outcome *outcome) {
  return outcome->code == CURLE_PROXY &&
         !codes_proxy_may_pass(outcome->proxy_error);
}

enum retry_class policy_classify(const struct outcome *outcome, int *status) {
  *status = judged_status(outcome);
  if (*status != 0)
    return CLASS_STATUS;
  return is_refused_by_proxy(outcome) ? CLASS_FINAL
                                      : codes_class(outcome->code);
}

/* Wrong proxy credentials don't become right ones (RFC 9110, 15.5.8). */
#define PROXY_AUTHENTICATION 407

/* 430 is what many servers say of a wrong name or password, 4yz or not. With
 * 67, too, comes a 421 that no login was looked at for: there are too many. */
#define FTP_WRONG_LOGIN 430

static bool is_wrong_login(const struct outcome *outcome) {
  return outcome->status == FTP_WRONG_LOGIN &&
         outcome->code == CURLE_LOGIN_DENIED;
}

/* Whether ON selects the status. An FTP 4yz is retried as 503 is. A 5yz is
 * asked for by `all` only, and not when its CURLcode is one that is never
 * retried. A wrong password (530 or 430 with 67) sent again locks accounts. */
static bool wants_status(const struct policy *policy,
                         const struct outcome *outcome, int status) {
  if (failing_reply(outcome) == 0)
    return status != PROXY_AUTHENTICATION &&
           on_has_status(&policy->on, status);
  if (is_ftp_transient(status))
    return !is_wrong_login(outcome) && on_has_status(&policy->on, 503);
  return policy->on.ftp_permanent && !codes_is_never(outcome->code);
}

/* Whether ON selects the CURLcode. */
static bool wants_code(const struct policy *policy,
                       const struct outcome *outcome) {
  if (codes_is_never(outcome->code) || is_refused_by_proxy(outcome))
    return false;
  /* The program's socket callback may have one descriptor only to give. */
  return !outcome->has_own_socket && on_has_code(&policy->on, outcome->code);
}

bool policy_allows_repeat(const struct policy *policy,
                          const struct outcome *outcome) {
  struct sent_request request = {
      .method = outcome->method,
      .url = outcome->url,
      .has_idempotency_key = outcome->has_idempotency_key,
      .is_git_read = outcome->is_git_read,
      .has_precondition = outcome->has_precondition,
      .has_side_commands = outcome->has_side_commands,
  };
  if (!outcome->has_other_method)
    (void)policy_classify(outcome, &request.status);
  return methods_allow(policy->methods, &request);
}

static int64_t add_saturating(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    return b < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

/* The limits, for a failure that may otherwise be retried. */
static enum verdict_reason check_limits(const struct policy *policy,
                                        const struct outcome *outcome,
                                        struct verdict *verdict) {
  int64_t delay = 0;
  if (outcome->retries >= policy->max_retries)
    return VERDICT_EXHAUSTED;
  delay = policy_delay(policy, outcome->retries + 1, outcome->random);
  if (verdict->status != 0 && policy->retry_after_ms > 0 &&
      outcome->retry_after_ms > 0) {
    if (outcome->retry_after_ms > policy->retry_after_ms)
      return VERDICT_RETRY_AFTER;
    delay = add_saturating(delay, outcome->retry_after_ms);
  }
  if (policy->max_time_ms != POLICY_UNLIMITED &&
      (outcome->idle_ms >= policy->max_time_ms ||
       add_saturating(outcome->idle_ms, delay) >= policy->max_time_ms))
    return VERDICT_MAX_TIME;
  if (outcome->time_left_ms != POLICY_UNLIMITED &&
      (outcome->time_left_ms <= 0 || delay >= outcome->time_left_ms))
    return VERDICT_DEADLINE;
  if (verdict->cost != 0 && outcome->tokens < verdict->cost)
    return VERDICT_BUDGET;
  verdict->delay_ms = delay;
  return VERDICT_RETRY;
}

static bool is_proxy_code(int code) {
  return code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY;
}

/* One death of a connection is many failures, but no more load: those that no
 * answer tells of. */
static int retry_cost(const struct policy *policy,
                      const struct outcome *outcome,
                      const struct verdict *verdict) {
  if (policy->budget == 0 ||
      (outcome->is_paid && verdict->status == 0 && !outcome->is_other_answer))
    return 0;
  return verdict->class == CLASS_TIMEOUT ? TIMEOUT_COST : RETRY_COST;
}

/* Whether the outcome is one to retry, apart from all limits. Sets class and
 * status of the verdict. */
static bool is_wanted(const struct policy *policy,
                      const struct outcome *outcome, struct verdict *verdict) {
  verdict->class = policy_classify(outcome, &verdict->status);
  verdict->is_proxy = verdict->status ? policy_is_refused_connect(outcome)
                                      : is_proxy_code(outcome->code);
  if (outcome->is_other_answer) {
    bool is_wanted = verdict->status != PROXY_AUTHENTICATION;
    verdict->class = CLASS_PARTIAL;
    verdict->status = 0;
    return is_wanted;
  }
  if (outcome->code == CURLE_OK && verdict->status == 0) {
    verdict->reason = VERDICT_SUCCESS;
    return false;
  }
  return verdict->status != 0 ? wants_status(policy, outcome, verdict->status)
                              : wants_code(policy, outcome);
}

static struct verdict weigh(const struct policy *policy,
                            const struct outcome *outcome) {
  struct verdict verdict = {.reason = VERDICT_FINAL, .class = CLASS_FINAL};
  if (outcome->was_refused) {
    verdict.reason = VERDICT_REFUSED;
    return verdict;
  }
  if (!is_wanted(policy, outcome, &verdict))
    return verdict;
  /* A code of no class that ON names as curl:N. */
  if (verdict.class == CLASS_FINAL)
    verdict.class = CLASS_RESET;
  if (!outcome->nothing_sent && !policy_allows_repeat(policy, outcome)) {
    verdict.reason = VERDICT_METHOD;
  } else if (!outcome->nothing_sent && !outcome->can_rewind) {
    verdict.reason = VERDICT_NO_REWIND;
  } else {
    verdict.cost = retry_cost(policy, outcome, &verdict);
    verdict.reason = check_limits(policy, outcome, &verdict);
  }
  return verdict;
}

/* Whether a retry failed on a connection that was dead before it. A reason
 * other than these three is about the request or the time, which a dead
 * connection doesn't change. A code that ON=curl:N alone names may be of
 * an attempt that had no connection; and a server may break each one, so once
 * between two counted retries. */
static bool was_dead_connection(const struct outcome *outcome,
                                const struct verdict *verdict) {
  if (verdict->reason != VERDICT_RETRY &&
      verdict->reason != VERDICT_EXHAUSTED &&
      verdict->reason != VERDICT_BUDGET)
    return false;
  return outcome->attempt >= 2 && outcome->connects == 0 &&
         !outcome->was_repeated && !outcome->has_header &&
         !outcome->is_committed && verdict->status == 0 &&
         codes_class(outcome->code) == CLASS_RESET;
}

/* Whether a retry proved itself by the challenge of an attempt before, which
 * the server doesn't know (any more): libcurl takes another one without
 * "stale=true" for a wrong password (lib/vauth/digest.c). It has the new one
 * now; like its own answer to a 401 this is no repetition of the request. */
static bool is_asked_anew(const struct policy *policy,
                          const struct outcome *outcome,
                          const struct verdict *verdict) {
  return outcome->has_new_challenge && verdict->reason == VERDICT_FINAL &&
         !outcome->was_repeated && outcome->can_rewind &&
         (policy->max_time_ms == POLICY_UNLIMITED ||
          outcome->idle_ms < policy->max_time_ms) &&
         (outcome->time_left_ms == POLICY_UNLIMITED ||
          outcome->time_left_ms > 0);
}

/* Whether a retry connects anew (design.md, FRESH_CONNECT): behind a balancer
 * the old connection leads to the same sick backend. Not where the program
 * has one descriptor or one port to give. In place of a dead connection, and
 * of one whose end would do harm, there is only a new one, whatever
 * FRESH_CONNECT says. */
static bool wants_fresh(const struct policy *policy,
                        const struct outcome *outcome,
                        const struct verdict *verdict) {
  if (outcome->has_own_socket || outcome->has_own_port)
    return false;
  if (verdict->is_at_once || outcome->must_connect)
    return true;
  if (policy->fresh_connect != FRESH_AUTO)
    return policy->fresh_connect == FRESH_ALWAYS;
  if (verdict->status == 0)
    return true;
  return !outcome->is_ftp && outcome->retries > 0;
}

struct verdict policy_judge(const struct policy *policy,
                            const struct outcome *outcome) {
  struct verdict verdict = weigh(policy, outcome);
  bool is_asked = is_asked_anew(policy, outcome, &verdict);
  if (is_asked || was_dead_connection(outcome, &verdict)) {
    verdict.reason = VERDICT_RETRY;
    verdict.is_at_once = true;
    verdict.delay_ms = 0;
    verdict.cost = 0;
  }
  if (verdict.reason == VERDICT_RETRY && (!is_asked || outcome->must_connect))
    verdict.is_fresh = wants_fresh(policy, outcome, &verdict);
  return verdict;
}

struct verdict policy_judge_again(const struct policy *policy,
                                  const struct outcome *outcome,
                                  const struct verdict *before) {
  struct outcome now = *outcome;
  struct verdict again;
  bool still_fits;
  now.retry_after_ms = 0;
  now.tokens = before->cost;
  now.is_paid = before->cost == 0;
  now.random = 0;
  again = policy_judge(policy, &now);
  still_fits = again.reason == VERDICT_RETRY ||
               (again.reason == VERDICT_MAX_TIME &&
                now.idle_ms < policy->max_time_ms) ||
               (again.reason == VERDICT_DEADLINE && now.time_left_ms > 0);
  return still_fits ? *before : again;
}

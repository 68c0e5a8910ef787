/* judge.h - the policy's answer to an outcome. Pure: see policy.h. */
#ifndef CURLRETRY_JUDGE_H
#define CURLRETRY_JUDGE_H

#include "codes.h"
#include "policy.h"

/* What an attempt ended with and where the call stands. */
struct outcome {
  int code;           /* CURLcode of the attempt */
  int status;         /* status (or FTP reply) of its last response; 0: none */
  int connect_status; /* CURLINFO_HTTP_CONNECTCODE; 0: none */
  int proxy_error;    /* CURLINFO_PROXY_ERROR, for code 97 */
  bool is_ftp;        /* `status` is an FTP reply code */
  bool was_refused;   /* the program's own callback ended the attempt */
  bool is_other_answer; /* it was to continue a body, and wasn't its rest:
                           another version, or none */
  bool nothing_sent;    /* proven: no byte of a request left */
  bool has_own_socket;  /* CURLOPT_OPENSOCKETFUNCTION, which has no other */
  bool has_own_port;    /* CURLOPT_LOCALPORT is set */
  bool must_connect;    /* libcurl's own repetition on another connection of
                           the pool would send other bytes */
  bool can_rewind;      /* the request's body can be sent again */

  /* Of the call's first request: */
  const char *method;       /* NULL: unknown */
  const char *url;          /* as the program gave it; NULL: unknown */
  bool has_other_method;    /* a redirect changed it: the status is another
                               request's */
  bool has_idempotency_key; /* (X-)Idempotency-Key is sent */
  bool is_git_read;         /* Content-Type is git-upload-pack's */
  bool has_precondition;    /* If-Match, If-None-Match, If-Unmodified-Since */
  bool has_side_commands;   /* FTP/SFTP QUOTE, CUSTOMREQUEST, APPEND ... */

  /* What tells a connection that was dead already. The caller collects all
   * of them; where they are left out, no connection was. */
  unsigned attempt;       /* the one that ended: 1 is the call's first */
  bool has_header;        /* a header line came in this attempt */
  bool is_committed;      /* the program has a part of this attempt's response;
                             what an earlier attempt delivered doesn't count */
  long connects;          /* CURLINFO_NUM_CONNECTS of this attempt; 1 where
                             libcurl can't say */
  bool has_new_challenge; /* a 401 or 407 with Digest, the attempt's first,
                             where one before answered another */
  bool was_repeated;      /* at once, since the last counted retry */

  unsigned retries;       /* retries made so far in this call */
  int64_t idle_ms;        /* since the call began or last moved a byte */
  int64_t time_left_ms;   /* to the program's own deadline;
                             POLICY_UNLIMITED: none; may be negative */
  int64_t retry_after_ms; /* Retry-After of the response, or of the proxy's
                             that refused CONNECT; 0: none */
  int tokens;             /* the origin's budget */
  bool is_paid;           /* another call's retry was charged for the same
                             incident */
  uint64_t random;        /* uniform, for the jitter */
};

enum verdict_reason {
  VERDICT_RETRY,       /* retry after delay_ms, for cost tokens */
  VERDICT_SUCCESS,     /* nothing failed */
  VERDICT_FINAL,       /* a failure that is never retried, or not in ON */
  VERDICT_REFUSED,     /* the program's callback said stop */
  VERDICT_METHOD,      /* sent, and METHODS does not let it be repeated */
  VERDICT_NO_REWIND,   /* the body can't be sent again */
  VERDICT_READ_ONCE,   /* nor a file be read again; the caller's to say */
  VERDICT_SOCKET,      /* nor a socket be used again; the caller's to say */
  VERDICT_EXHAUSTED,   /* MAX_RETRIES reached */
  VERDICT_RETRY_AFTER, /* Retry-After is longer than RETRY_AFTER */
  VERDICT_MAX_TIME,    /* MAX_TIME passed, or the wait would pass it */
  VERDICT_DEADLINE,    /* the wait would pass the program's own timeout */
  VERDICT_COMMITTED, /* the program has it already, and it can't be resumed */
  VERDICT_BUDGET,    /* not enough tokens left for this origin */
  VERDICT_CHANGED,   /* the program set options that may be for its next job;
                        the caller's to say: policy_judge() doesn't */
  VERDICT_NO_MEMORY  /* for what the retry would replace; the caller's, too */
};

struct verdict {
  enum verdict_reason reason;
  enum retry_class class; /* of the failure; CLASS_FINAL for none;
                             CLASS_RESET for a code only ON=curl:N names */
  int status;             /* the status that was judged; 0: by CURLcode */
  bool is_proxy;          /* it was the proxy that failed */
  int64_t delay_ms;       /* to wait before the retry */
  int cost;               /* tokens the retry costs; 0: BUDGET=off, or paid */
  bool is_at_once;        /* a retry that isn't counted as one, without delay
                             and cost, for a connection that was dead */
  bool is_fresh;          /* a retry on a connection of its own */
};

/* Judge an outcome. Reads nothing but its arguments.
 * Order: the program's refusal; success; status before CURLcode; the never
 * list; the class table; ON (neither is asked about an answer that isn't the
 * rest of a body: the next one may be); then method gate, rewind, MAX_RETRIES,
 * Retry-After, MAX_TIME, the deadline, the budget.
 * A retry that found a connection of the pool dead (a reset, nothing heard,
 * no connect made) says nothing about the server: where the above comes to
 * RETRY, EXHAUSTED or BUDGET, it is repeated at once. The caller gives it a
 * new connection. So is one whose answer to an old challenge met another. */
struct verdict policy_judge(const struct policy *policy,
                            const struct outcome *outcome);

/* Judge a retry again when its wait is over. `outcome` is collected anew,
 * `before` the verdict that asked for the wait: VERDICT_RETRY. What was waited
 * for and paid isn't asked for twice: Retry-After is none, the tokens are
 * those paid. Nor is another delay: until MAX_TIME or the deadline has passed
 * the retry fits. Returns *before if it still does, else the verdict that
 * says why not. */
struct verdict policy_judge_again(const struct policy *policy,
                                  const struct outcome *outcome,
                                  const struct verdict *before);

/* Whether a proxy refused CONNECT: it answered, and the request never left. */
bool policy_is_refused_connect(const struct outcome *outcome);

/* Whether METHODS lets the request be sent again once it was sent. An entry
 * for statuses means the one that policy_classify() says: none while there is
 * no answer. */
bool policy_allows_repeat(const struct policy *policy,
                          const struct outcome *outcome);

/* The class and status an outcome is judged by, whatever ON says.
 * `status` receives the status judged, 0 when the CURLcode decided. */
enum retry_class policy_classify(const struct outcome *outcome, int *status);

/* "retries exhausted" ...: for logs. Static text. The class's: codes.h. */
const char *policy_reason_text(enum verdict_reason reason);

#endif

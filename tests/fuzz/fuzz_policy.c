/* Any environment gives a policy that can be used, or one clean line: entries
 * "NAME=value" as the input has them, a line each. */
#include "fuzz.h"

#include "judge.h"
#include "policy.h"

#define ENTRIES 8

static void check_line(const char *message) {
  size_t length = strnlen(message, POLICY_MESSAGE_SIZE);

  CHECK(length >= 20 && length < POLICY_MESSAGE_SIZE, "%zu bytes", length);
  for (size_t i = 0; i < length; i++)
    CHECK(message[i] >= ' ' && message[i] <= '~', "byte %d", message[i]);
}

static void check_text(const char *text, size_t size) {
  CHECK(memchr(text, 0, size), "a text without end");
}

static void check_policy(const struct policy *policy) {
  static const char *const methods[] = {NULL, "GET", "POST", "PROPFIND"};
  struct outcome outcome = {.url = "https://user@host:8443/path?query",
                            .can_rewind = true,
                            .connects = 1,
                            .time_left_ms = POLICY_UNLIMITED,
                            .tokens = 100,
                            .random = 0x123456789abcdef};

  check_text(policy->methods, sizeof policy->methods);
  check_text(policy->hosts, sizeof policy->hosts);
  check_text(policy->programs, sizeof policy->programs);
  check_text(policy->log_path, sizeof policy->log_path);
  check_text(policy->attempt_header, sizeof policy->attempt_header);
  (void)policy_glob(policy->programs, "curl");
  (void)policy_glob_host(policy->hosts, "www.example.com", "443");
  for (outcome.code = 0; outcome.code < 110; outcome.code += 7)
    for (outcome.status = 0; outcome.status < 600; outcome.status += 51)
      for (size_t i = 0; i < COUNT(methods); i++) {
        struct verdict verdict;
        outcome.method = methods[i];
        outcome.retries = (unsigned)(outcome.status + outcome.code) % 40;
        verdict = policy_judge(policy, &outcome);
        CHECK(verdict.delay_ms >= 0 && verdict.cost >= 0, "%lld ms, %d",
              (long long)verdict.delay_ms, verdict.cost);
        CHECK(verdict.reason != VERDICT_RETRY || outcome.code ||
                  outcome.status >= 400,
              "a success is retried");
      }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  char *entries[ENTRIES], message[POLICY_MESSAGE_SIZE + 1];
  const char *list[ENTRIES];
  struct policy policy;
  size_t count = 0;

  input = (struct input){bytes, size};
  while (input.left && count < ENTRIES) {
    char *value = draw_text('\n');
    size_t room = strlen(value) + 16;
    entries[count] = malloc(room);
    snprintf(entries[count], room, "CURLRETRY_%s", value);
    free(value);
    list[count] = entries[count];
    count++;
  }
  memset(message, 0x7f, sizeof message);
  if (policy_parse(&policy, list, count, message)) {
    CHECK(!message[0], "a policy and a complaint: %s", message);
    check_policy(&policy);
  } else {
    check_line(message);
  }
  CHECK(message[POLICY_MESSAGE_SIZE] == 0x7f, "the message's end");
  while (count)
    free(entries[--count]);
  return 0;
}

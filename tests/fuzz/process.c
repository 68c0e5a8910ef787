/* The process: its clock, its policy, its sleep; the program's begin and end.
 */
#include "memory.h"
#include "program.h"

#include "host/clock.h"
#include "host/config.h"

struct program program;

/* --- what the process gives the shim ---------------------------------------
 */

static struct budget_table budgets;

int64_t clock_now_ms(void) { return model.now; }

int64_t clock_about_now_ms(void) { return model.now; }

int64_t clock_date_s(void) { return model.now / 1000; }

struct budget_table *config_budgets(void) {
  return &budgets;
}

const struct policy *config_policy(void) { return program.policy; }

static unsigned sleeps;

/* Instead of libc's: what paused is let go by another thread in the end. */
int __wrap_poll(void *files, unsigned long count, int timeout) {
  (void)files, (void)count;
  CHECK(timeout >= 0, "a sleep for ever");
  CHECK(++sleeps < 100000, "it never comes to an end");
  model.now += timeout;
  for (size_t i = 0; i < USERS && sleeps % 8 == 0; i++)
    if (program.users[i].is_performing &&
        (program.users[i].is_paused || program.users[i].is_send_paused))
      user_pause(&program.users[i], CURLPAUSE_CONT);
  return 0;
}

/* --- policies --------------------------------------------------------------
 */

static const char *const settings[] = {
    "",
    "HOLD_BYTES=0",
    "HOLD_BYTES=64",
    "HOLD_TIME=off",
    "HOLD_BYTES=100,HOLD_TIME=off",
    "HOLD_TIME=1ms,HOLD_BYTES=200",
    "RESUME=off,HOLD_BYTES=64",
    "METHODS=all,HOLD_BYTES=200",
    "MAX_TIME=off,HOLD_BYTES=128",
    "MAX_TIME=3s,DRAIN_BYTES=4",
    "DRY_RUN=1",
    "BUDGET=10",
    "STALL_TIMEOUT=2s,HOLD_BYTES=64",
    "FRESH_CONNECT=always,CLOSE_IDLE=1,ATTEMPT_HEADER=X-Try,HOLD_BYTES=64",
    "TIMEOUT_SCOPE=attempt,RETRY_AFTER=off,BACKOFF=constant,HOLD_BYTES=96",
    "SNAPSHOT_MEMORY=32,SNAPSHOT_DISK=off",
    "ON=all,METHODS=all,HOLD_BYTES=64",
    "HOSTS=!h",
    "MULTI=0",
    "MAX_RETRIES=1,HOLD_BYTES=32",
};

static const struct policy *policy_of(unsigned number) {
  static struct policy parsed[COUNT(settings)];
  static bool is_parsed[COUNT(settings)];
  char text[300], entries[10][64], message[POLICY_MESSAGE_SIZE];
  const char *list[10];
  size_t count = 0;

  if (is_parsed[number])
    return &parsed[number];
  snprintf(text, sizeof text, "%s,LOG=off,JITTER=none", settings[number]);
  for (char *part = strtok(text, ","); part; part = strtok(NULL, ",")) {
    snprintf(entries[count], sizeof entries[count], "CURLRETRY_%s", part);
    list[count] = entries[count];
    count++;
  }
  CHECK(policy_parse(&parsed[number], list, count, message), "%s", message);
  is_parsed[number] = true;
  return &parsed[number];
}

void program_begin(void) {
  static const unsigned versions[] = {0x075801, 0x081600, 0x074a00};
  unsigned lot = draw(256), version = versions[lot % COUNT(versions)];
  unsigned fails, after, policy = draw(COUNT(settings) + 1);

  memset(&program, 0, sizeof program);
  memset(&budgets, 0, sizeof budgets);
  sleeps = 0;
  model_begin(version);
  program.policy = policy < COUNT(settings) ? policy_of(policy) : NULL;
  fails = lot / COUNT(versions) % 4;
  after = fails > 1 ? draw(256) : 0;
  memory_fails(after, fails == 3 ? 1 + draw(256) : fails == 2);
  program.lacks_memory = fails > 1;
  fuzz_show("libcurl %x, policy %s, %u allocations", version,
            program.policy ? settings[policy] : "none", after);
}

void program_end(void) {
  for (size_t i = 0; i < USERS; i++)
    if (program.users[i].curl)
      user_cleanup(&program.users[i]);
  for (size_t i = 0; i < CROWDS; i++)
    if (program.crowds[i].multi)
      CHECK(!entry_multi_cleanup(HERE, program.crowds[i].multi),
            "a multi handle can't be ended");
  memory_fails(0, 0);
  CHECK(!model.easies, "%d easy handles are left", model.easies);
  CHECK(!model.multis, "%d multi handles are left", model.multis);
}

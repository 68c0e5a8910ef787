/* multi_transfer.h - transfers of a multi handle whose bodies are looked at as
 * they come. Nothing here fails a test but transfer_assert().
 */
#ifndef CURLRETRY_SHIM_MULTI_TRANSFER_H
#define CURLRETRY_SHIM_MULTI_TRANSFER_H

#include "multi_loop.h"

struct transfer {
  CURL *curl;
  char key[32];
  char plan[512];
  long long size;          /* of the body that should come */
  unsigned long long seed; /* its bytes */
  int pauses;              /* still to be made by the write callback */
  bool stays; /* in the multi handle, after its message was read */

  /* what came */
  long long got;
  int heads; /* status lines */
  int messages;
  CURLcode code; /* of the message */
  bool is_paused;
  const char *trouble;
};

/* A handle of its own. In the plan BODY stands for "200" with this size and
 * bytes that no other transfer has. */
void transfer_begin(struct transfer *transfer, const char *key,
                    const char *plan, long long size);

/* Its options again, after curl_easy_reset() or for a copy. */
void transfer_set(struct transfer *transfer);

/* For its next use: nothing has come. */
void transfer_forget(struct transfer *transfer);

void transfer_end(struct transfer *transfer);

/* What is wrong, when it should have ended well; NULL: nothing. */
const char *transfer_trouble(const struct transfer *transfer);

/* The same after curl_easy_perform(), where no message comes. */
const char *transfer_trouble_alone(const struct transfer *transfer);

/* The test fails when it is not right, or the server saw another number of
 * requests. */
void transfer_assert(const struct transfer *transfer, size_t requests);

/* Some of them, in one multi handle: the data of a drive. */
struct crowd {
  struct transfer *transfers;
  size_t count;
  bool reads_late; /* messages are read once nothing runs */
};

/* All are added. */
void crowd_add(struct drive *drive);

/* turn(): reads the messages; over when each transfer has one. What was paused
 * goes on. */
bool crowd_turn(struct drive *drive);

/* How many messages were read. */
size_t crowd_done(const struct crowd *crowd);

/* Reads what can be read; returns how many messages. */
size_t read_messages(struct drive *drive);

#endif

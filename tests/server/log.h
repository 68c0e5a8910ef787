/* The log that tests ask for, and the counters. All calls are thread-safe.
   An entry is updated while its request runs; only the last LOG_ENTRIES_MAX
   are kept. */
#ifndef FAULTY_LOG_H
#define FAULTY_LOG_H

#include "request.h"

#include <stdio.h>

#define LOG_ENTRIES_MAX 16384

/* Opens an entry; STEP is the plan's text, TURN its 1-based number. Returns
   the entry's id (its "seq", from 1). */
uint64_t log_open(const struct connection *connection,
                  const struct request *request, const char *key,
                  const char *step, uint64_t turn);

/* What was read of the request's body so far; SHA256 in hex, or "". */
void log_upload(uint64_t id, uint64_t length, const char *sha256,
                bool is_complete);

/* The status about to be sent. */
void log_status(uint64_t id, int status);

/* COUNT more response body (or tunnel) bytes are about to be sent. */
void log_sent(uint64_t id, uint64_t count);

/* Writes the entries of KEY (NULL: of all), one JSON object a line. */
void log_write_json(FILE *out, const char *key);

/* The same as fixed words, for tests without a JSON parser. */
void log_write_lines(FILE *out, const char *key);

/* How many requests of KEY (NULL: of all) were logged. */
uint64_t log_count(const char *key);

/* Forgets all entries; ids go on. */
void log_clear(void);

#endif

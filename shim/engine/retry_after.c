#include "engine/retry_after.h"

#include "number.h"

#include "engine/getinfo.h"
#include "host/clock.h"

/* RFC 9110, 10.2.3: seconds, or a date. */
static int64_t retry_after_s(const struct call *call, const char *value) {
  const char *end = value + strlen(value);
  const char *at = value;
  int64_t seconds = number_digits(&at, end);
  time_t date = -1;

  if (*value >= '0' && *value <= '9')
    return seconds < 0 ? INT64_MAX : seconds;
  if (call->handle->library->getdate)
    date = call->handle->library->getdate(value, NULL);
  return date == -1 ? 0 : date - clock_date_s();
}

/* Retry-After of the last reply to CONNECT: libcurl knows but the response's.
 * (Those from 7.84 on keep header fields; 7.88 none that it doesn't hand over:
 * CURLOPT_SUPPRESS_CONNECT_HEADERS.) */
static int64_t connect_retry_after_s(const struct call *call) {
  const struct library *library = call->handle->library;
  CURL *curl = call->handle->curl;
  struct curl_header *field = NULL;

  if (!library->easy_header ||
      library->easy_header(curl, "Retry-After", 0, CURLH_CONNECT, -1, &field))
    return 0;
  if (field->amount > 1) /* of several rounds */
    (void)library->easy_header(curl, "Retry-After", field->amount - 1,
                               CURLH_CONNECT, -1, &field);
  return retry_after_s(call, field->value);
}

/* The same of the response. CURLINFO_RETRY_AFTER may be a redirect's that led
 * there: libcurl forgets it with the transfer alone. */
static int64_t response_retry_after_s(const struct call *call) {
  const struct library *library = call->handle->library;
  int64_t seconds = getinfo_offset(call, CURLINFO_RETRY_AFTER);
  struct curl_header *field;

  if (seconds > 0 && library->easy_header &&
      library->easy_header(call->handle->curl, "Retry-After", 0, CURLH_HEADER,
                           -1, &field) == CURLHE_MISSING)
    return 0;
  return seconds;
}

int64_t retry_after_ms(const struct call *call, bool is_connect) {
  int64_t seconds =
      is_connect ? connect_retry_after_s(call) : response_retry_after_s(call);

  if (seconds > INT64_MAX / 1000)
    seconds = INT64_MAX / 1000;
  return seconds > 0 ? seconds * 1000 : 0;
}

/* Source of what is modelled: curl_easy_setopt(3), the manual pages of the
 * options, lib/setopt.c. Long, pointer and curl_off_t are one word here, as
 * the shim says, too. */
#include "fake_libcurl.h"

#include "true_name.h"

/* setopt() of either progress callback says whether libcurl's own meter is
 * off: the one set last counts. */
#define METER_IS_OFF ((CURLoption)1)

struct fake_libcurl libcurl;

/* --- options ---------------------------------------------------------------
 */

static void *default_of(CURLoption option) {
  switch ((int)option) {
  case CURLOPT_WRITEDATA:
    return stdout;
  case CURLOPT_READDATA:
    return stdin;
  case CURLOPT_NOPROGRESS:
    return (void *)1L;
  case CURLOPT_DNS_CACHE_TIMEOUT:
    return (void *)60L;
  default:
    return NULL;
  }
}

static const struct option *find(const struct options *options,
                                 CURLoption option) {
  for (size_t i = 0; i < options->count; i++)
    if (options->list[i].id == option)
      return &options->list[i];
  return NULL;
}

static struct option *make(struct options *options, CURLoption option) {
  struct option *made;

  if (options->count == COUNT(options->list))
    fail_msg("more options than there is room for");
  made = &options->list[options->count++];
  *made = (struct option){.id = option};
  return made;
}

static void put(struct options *options, CURLoption option, void *word) {
  struct option *place = (struct option *)(uintptr_t)find(options, option);

  if (!place)
    place = make(options, option);
  place->word = word;
  if (option == CURLOPT_RANGE) /* libcurl copies it */
    snprintf(place->range, sizeof place->range, "%s",
             word ? (const char *)word : "");
}

void options_put(struct options *options, CURLoption option, void *word) {
  bool is_seconds =
      option == CURLOPT_TIMEOUT || option == CURLOPT_CONNECTTIMEOUT;

  put(options, true_name(option),
      is_seconds ? (void *)((intptr_t)word * 1000) : word);
  if (option == CURLOPT_XFERINFOFUNCTION || option == CURLOPT_PROGRESSFUNCTION)
    put(options, METER_IS_OFF, (void *)(intptr_t)(word != NULL));
}

void *options_pointer(const struct options *options, CURLoption option) {
  const struct option *place = find(options, true_name(option));

  return place ? place->word : default_of(option);
}

long options_number(const struct options *options, CURLoption option) {
  return (long)(intptr_t)options_pointer(options, option);
}

const char *options_range(const struct options *options) {
  const struct option *place = find(options, CURLOPT_RANGE);

  return place ? place->range : "";
}

bool options_has_meter(const struct options *options) {
  const struct option *place = find(options, METER_IS_OFF);

  return !options_number(options, CURLOPT_NOPROGRESS) &&
         !(place && place->word);
}

static bool is_same(const struct options *a, const struct options *b,
                    CURLoption option) {
  return option == CURLOPT_RANGE
             ? !strcmp(options_range(a), options_range(b))
             : options_pointer(a, option) == options_pointer(b, option);
}

CURLoption options_difference(const struct options *a,
                              const struct options *b) {
  for (size_t i = 0; i < a->count; i++)
    if (!is_same(a, b, a->list[i].id))
      return a->list[i].id;
  for (size_t i = 0; i < b->count; i++)
    if (!is_same(a, b, b->list[i].id))
      return b->list[i].id;
  return (CURLoption)0;
}

/* --- its functions ---------------------------------------------------------
 */

static CURLcode fake_setopt(CURL *curl, CURLoption option, ...) {
  bool is_copy = curl == &libcurl.copy;
  va_list arguments;

  assert_true(is_copy || curl == &libcurl.handle);
  va_start(arguments, option);
  options_put(is_copy ? &libcurl.options_of_copy : &libcurl.options, option,
              va_arg(arguments, void *));
  va_end(arguments);
  return CURLE_OK;
}

static CURLcode fake_getinfo(CURL *curl, CURLINFO id, ...) {
  CURLcode code = CURLE_UNKNOWN_OPTION;
  va_list arguments;

  assert_ptr_equal(curl, &libcurl.handle);
  va_start(arguments, id);
  for (size_t i = 0; i < libcurl.answer_count && code; i++)
    if (libcurl.answers[i].id == id) {
      *va_arg(arguments, int64_t *) = libcurl.answers[i].word;
      code = CURLE_OK;
    }
  va_end(arguments);
  return code;
}

static CURLcode fake_pause(CURL *curl, int action) {
  assert_ptr_equal(curl, &libcurl.handle);
  libcurl.pauses++;
  libcurl.pause_action = action;
  return CURLE_OK;
}

/* Dates are plain numbers of seconds. */
static const char *fake_strerror(CURLcode code) {
  return code == CURLE_RECV_ERROR ? "Failure when receiving data" : "Failed";
}

static time_t fake_getdate(const char *text, const time_t *unused) {
  (void)unused;
  return (time_t)strtol(text, NULL, 10);
}

void libcurl_begin(unsigned version) {
  memset(&libcurl, 0, sizeof libcurl);
  libcurl.library = (struct library){.version = version,
                                     .easy_setopt = fake_setopt,
                                     .easy_getinfo = fake_getinfo,
                                     .easy_pause = fake_pause,
                                     .easy_strerror = fake_strerror,
                                     .getdate = fake_getdate};
}

void libcurl_says(CURLINFO id, int64_t number) {
  size_t i = 0;

  while (i < libcurl.answer_count && libcurl.answers[i].id != id)
    i++;
  if (i == COUNT(libcurl.answers))
    fail_msg("more answers than there is room for");
  if (i == libcurl.answer_count)
    libcurl.answer_count++;
  libcurl.answers[i] = (struct answer_now){id, number};
}

void libcurl_says_text(CURLINFO id, const char *text) {
  libcurl_says(id, (int64_t)(intptr_t)text);
}

/* --- a transfer ------------------------------------------------------------
 */

/* What the options make of the request (CURLINFO_EFFECTIVE_METHOD). */
static const char *method(void) {
  const char *own = options_pointer(&libcurl.options, CURLOPT_CUSTOMREQUEST);

  if (own)
    return own;
  if (options_number(&libcurl.options, CURLOPT_UPLOAD))
    return "PUT";
  if (options_number(&libcurl.options, CURLOPT_NOBODY))
    return "HEAD";
  return options_pointer(&libcurl.options, CURLOPT_POSTFIELDS) ||
                 options_pointer(&libcurl.options, CURLOPT_MIMEPOST)
             ? "POST"
             : "GET";
}

/* That of the URL. */
static const char *scheme(const char *url) {
  static char text[8];
  size_t length = strcspn(url, ":");

  if (length >= sizeof text || !url[length])
    return "http";
  memcpy(text, url, length);
  text[length] = 0;
  return text;
}

void libcurl_performs(void) {
  char *error = options_pointer(&libcurl.options, CURLOPT_ERRORBUFFER);
  const char *url = options_pointer(&libcurl.options, CURLOPT_URL);

  if (error)
    error[0] = 0;
  libcurl.answer_count = 0;
  libcurl.refused = CURLE_OK;
  libcurl.sent[0] = 0;
  libcurl_says(CURLINFO_RESPONSE_CODE, 0);
  libcurl_says(CURLINFO_SIZE_DOWNLOAD_T, 0);
  libcurl_says(CURLINFO_NUM_CONNECTS, 1);
  libcurl_says_text(CURLINFO_EFFECTIVE_METHOD, method());
  libcurl_says_text(CURLINFO_EFFECTIVE_URL, url);
  libcurl_says_text(CURLINFO_SCHEME, scheme(url));
}

/* The callback on the handle, to be called; after a refusal none is. */
static void *callback(CURLoption option) {
  if (libcurl.refused)
    fail_msg("libcurl would have ended the transfer with %d",
             (int)libcurl.refused);
  return options_pointer(&libcurl.options, option);
}

static void *data_of(CURLoption option) {
  return options_pointer(&libcurl.options, option);
}

int libcurl_prerequest(void) {
  union {
    void *pointer;
    curl_prereq_callback function;
  } on = {callback(CURLOPT_PREREQFUNCTION)};
  char remote[] = "127.0.0.1", local[] = "127.0.0.2";
  int answer;

  if (!on.pointer)
    return CURL_PREREQFUNC_OK;
  answer = on.function(data_of(CURLOPT_PREREQDATA), remote, local, 80, 50000);
  if (answer != CURL_PREREQFUNC_OK)
    libcurl.refused = CURLE_ABORTED_BY_CALLBACK;
  return answer;
}

/* One call of a write or header callback, with bytes that are gone after it,
 * also when it is left by longjmp. */
static size_t write_to(CURLoption function, CURLoption data, const char *bytes,
                       size_t length) {
  union {
    void *pointer;
    curl_write_callback function;
  } on = {callback(function)};
  static char *copy;
  size_t taken;

  free(copy);
  copy = copy_of(bytes, length);
  taken = on.function(copy, 1, length, data_of(data));
  free(copy);
  copy = NULL;
  if (taken != length && taken != CURL_WRITEFUNC_PAUSE)
    libcurl.refused = CURLE_WRITE_ERROR;
  return taken;
}

size_t libcurl_header(const char *line) {
  size_t length = strlen(line);
  char text[256];

  assert_true(length + 2 <= sizeof text);
  memcpy(text, line, length);
  memcpy(text + length, "\r\n", 2);
  length += 2;
  if (!strncmp(line, "HTTP/", 5))
    libcurl_says(CURLINFO_RESPONSE_CODE, strtol(line + 9, NULL, 10));
  if (options_number(&libcurl.options, CURLOPT_HEADER))
    (void)write_to(CURLOPT_WRITEFUNCTION, CURLOPT_WRITEDATA, text, length);
  return write_to(CURLOPT_HEADERFUNCTION, CURLOPT_HEADERDATA, text, length);
}

size_t libcurl_body(const char *bytes, size_t length) {
  int64_t size = 0;
  size_t taken =
      write_to(CURLOPT_WRITEFUNCTION, CURLOPT_WRITEDATA, bytes, length);

  (void)fake_getinfo(&libcurl.handle, CURLINFO_SIZE_DOWNLOAD_T, &size);
  if (taken == length)
    libcurl_says(CURLINFO_SIZE_DOWNLOAD_T, size + (int64_t)length);
  return taken;
}

size_t libcurl_read(size_t most) {
  union {
    void *pointer;
    curl_read_callback function;
  } on = {callback(CURLOPT_READFUNCTION)};
  char buffer[256];
  size_t used = strlen(libcurl.sent);
  size_t given;

  assert_true(most <= sizeof buffer);
  given = on.function(buffer, 1, most, data_of(CURLOPT_READDATA));
  if (given == CURL_READFUNC_PAUSE)
    return given;
  if (given > most)
    libcurl.refused = given == CURL_READFUNC_ABORT ? CURLE_ABORTED_BY_CALLBACK
                                                   : CURLE_READ_ERROR;
  else
    snprintf(libcurl.sent + used, sizeof libcurl.sent - used, "%.*s",
             (int)given, buffer);
  return given;
}

int libcurl_seek(curl_off_t offset) {
  union {
    void *pointer;
    curl_seek_callback function;
  } on = {callback(CURLOPT_SEEKFUNCTION)};

  return on.pointer ? on.function(data_of(CURLOPT_SEEKDATA), offset, SEEK_SET)
                    : CURL_SEEKFUNC_CANTSEEK;
}

int libcurl_progress(curl_off_t total, curl_off_t now) {
  union {
    void *pointer;
    curl_xferinfo_callback function;
  } on = {callback(CURLOPT_XFERINFOFUNCTION)};
  int answer;

  if (!on.pointer || options_number(&libcurl.options, CURLOPT_NOPROGRESS))
    return 0;
  answer = on.function(data_of(CURLOPT_XFERINFODATA), total, now, 0, 0);
  if (answer && answer != CURL_PROGRESSFUNC_CONTINUE)
    libcurl.refused = CURLE_ABORTED_BY_CALLBACK;
  return answer;
}

/* A transfer of the model, step by step, as the plan that was drawn says. */
#include "model.h"

#define IDLE_STEPS 40 /* paused for so many: the peer gives up */

static void call_back(struct model_easy *easy, int step) {
  easy->callbacks += step;
  if (easy->multi)
    easy->multi->callbacks += step;
}

char model_byte(int version, size_t at) {
  return (char)('a' + (at * 7 + at / 26 + (size_t)version * 5) % 26);
}

/* --- callbacks -------------------------------------------------------------
 */

static void *word(const struct model_easy *easy, CURLoption option) {
  return options_word(&easy->options, option);
}

static bool refuse(struct model_easy *easy, CURLcode code) {
  easy->refused = code;
  return false;
}

/* One call of a write callback with bytes that are gone after it. False: the
 * program refused. */
static bool pass_on(struct model_easy *easy, bool is_header, const char *bytes,
                    size_t length) {
  union {
    void *pointer;
    curl_write_callback function;
  } on = {
      word(easy, is_header ? CURLOPT_HEADERFUNCTION : CURLOPT_WRITEFUNCTION)};
  void *data = word(easy, is_header ? CURLOPT_HEADERDATA : CURLOPT_WRITEDATA);
  size_t taken = length;
  char *copy;

  if (!on.pointer)
    return true;
  copy = malloc(length ? length : 1);
  memcpy(copy, bytes, length);
  call_back(easy, 1);
  taken = on.function(copy, 1, length, data);
  call_back(easy, -1);
  free(copy);
  if (taken == CURL_WRITEFUNC_PAUSE) {
    CHECK(length <= sizeof easy->waiting, "a long piece");
    memcpy(easy->waiting, bytes, length);
    easy->waiting_length = length;
    easy->waiting_is_header = is_header;
    easy->is_paused = true;
    return true;
  }
  return taken == length || refuse(easy, CURLE_WRITE_ERROR);
}

static bool ask_prerequest(struct model_easy *easy) {
  union {
    void *pointer;
    curl_prereq_callback function;
  } on = {word(easy, CURLOPT_PREREQFUNCTION)};
  char remote[] = "127.0.0.1", local[] = "127.0.0.2";
  int answer;

  if (!on.pointer)
    return true;
  call_back(easy, 1);
  answer =
      on.function(word(easy, CURLOPT_PREREQDATA), remote, local, 80, 50000);
  call_back(easy, -1);
  return answer == CURL_PREREQFUNC_OK ||
         refuse(easy, CURLE_ABORTED_BY_CALLBACK);
}

static bool tell_progress(struct model_easy *easy) {
  union {
    void *pointer;
    curl_xferinfo_callback function;
    curl_progress_callback old;
  } on = {word(easy, CURLOPT_XFERINFOFUNCTION)};
  curl_off_t now = easy->stage == BODY ? (curl_off_t)easy->at : 0;
  void *data = word(easy, CURLOPT_XFERINFODATA);
  int answer = 0;

  if (word(easy, CURLOPT_NOPROGRESS))
    return true;
  call_back(easy, 1);
  if (on.pointer) {
    answer = on.function(data, 0, now, 0, easy->sent);
  } else if (word(easy, CURLOPT_PROGRESSFUNCTION)) {
    on.pointer = word(easy, CURLOPT_PROGRESSFUNCTION);
    answer = on.old(data, 0, (double)now, 0, (double)easy->sent);
  }
  call_back(easy, -1);
  return !answer || answer == CURL_PROGRESSFUNC_CONTINUE ||
         refuse(easy, CURLE_ABORTED_BY_CALLBACK);
}

/* A piece of the request's body. True: it goes on; *is_over. */
static bool send_piece(struct model_easy *easy, bool *is_over) {
  union {
    void *pointer;
    curl_read_callback function;
  } on = {word(easy, CURLOPT_READFUNCTION)};
  char buffer[64];
  size_t given;

  *is_over = false;
  if (!on.pointer) {
    *is_over = true;
    return true;
  }
  call_back(easy, 1);
  given = on.function(buffer, 1, sizeof buffer, word(easy, CURLOPT_READDATA));
  call_back(easy, -1);
  if (given == CURL_READFUNC_PAUSE) {
    easy->is_send_paused = true;
    return true;
  }
  if (given == CURL_READFUNC_ABORT)
    return refuse(easy, CURLE_ABORTED_BY_CALLBACK);
  if (given > sizeof buffer)
    return refuse(easy, CURLE_READ_ERROR);
  for (size_t i = 0; model.checks_uploads && i < given; i++)
    CHECK(buffer[i] == model_upload((size_t)easy->sent + i),
          "byte %lld of the upload is another one", (long long)easy->sent);
  easy->sent += (curl_off_t)given;
  *is_over = given == 0;
  return true;
}

/* --- the steps -------------------------------------------------------------
 */

static bool has_read_body(const struct model_easy *easy) {
  return easy->options.request == MODEL_PUT ||
         (easy->options.request == MODEL_POST &&
          !word(easy, CURLOPT_POSTFIELDS));
}

static bool step_headers(struct model_easy *easy) {
  const char *line;
  char text[120];
  size_t length;

  line = plan_line(easy, text, sizeof text - 2);
  if (!line) {
    easy->line = 0;
    if (easy->hop < easy->plan.hops) {
      easy->hop++;
      easy->stage = SENDING;
      easy->sent = 0;
      return ask_prerequest(easy);
    }
    easy->stage = BODY;
    easy->at = easy->plan.first;
    return true;
  }
  if (line != text)
    strcpy(text, line);
  easy->line++;
  if (!strncmp(text, "HTTP/", 5))
    easy->status = atoi(text + 9);
  strcat(text, "\r\n");
  length = strlen(text);
  return (!word(easy, CURLOPT_HEADER) || pass_on(easy, false, text, length)) &&
         (easy->is_paused || pass_on(easy, true, text, length));
}

static bool has_body(const struct model_easy *easy) {
  return easy->options.request != MODEL_HEAD && easy->plan.status != 204 &&
         easy->plan.status != 304;
}

/* True: more follows. */
static bool step_body(struct model_easy *easy, bool *is_over) {
  size_t length = model.drains ? 100 : 1 + draw(100);
  char bytes[128];

  *is_over = !has_body(easy) || easy->at >= easy->plan.cut;
  if (*is_over)
    return true;
  if (length > easy->plan.cut - easy->at)
    length = easy->plan.cut - easy->at;
  for (size_t i = 0; i < length; i++)
    bytes[i] = model_byte(easy->plan.version, easy->at + i);
  easy->at += length;
  return pass_on(easy, false, bytes, length);
}

/* True: it goes on; *is_over: all is done. */
static bool step_stage(struct model_easy *easy, bool *is_over) {
  bool has_sent = true;

  *is_over = false;
  if (easy->plan.code && easy->plan.at == easy->stage && easy->stage < BODY) {
    *is_over = true;
    return true;
  }
  switch (easy->stage) {
  case CONNECTING:
    easy->stage = SENDING;
    return ask_prerequest(easy);
  case SENDING:
    if (has_read_body(easy) && !send_piece(easy, &has_sent))
      return false;
    if (has_sent)
      easy->stage = HEADERS;
    return true;
  case HEADERS:
    return step_headers(easy);
  default:
    return step_body(easy, is_over);
  }
}

static void note_made(struct model_easy *easy, CURLcode code) {
  struct made *made = &easy->made[easy->made_count++];
  int status = easy->status;

  CHECK(easy->made_count < MADE_MAX, "%d attempts for one call", MADE_MAX);
  *made = (struct made){.code = code,
                        .status = status,
                        .version = easy->plan.version,
                        .was_sent = easy->stage > CONNECTING};
  made->is_final = easy->stage == BODY && status / 100 != 3 && status != 401;
  fuzz_show("  attempt ends: %d, status %d, version %d, %zu bytes", code,
            easy->status, easy->plan.version, easy->at);
}

void transfer_begin(struct model_easy *easy) {
  easy->has_plan = false;
  easy->stage = CONNECTING;
  easy->line = 0;
  easy->at = 0;
  easy->hop = easy->status = 0;
  easy->is_paused = easy->is_send_paused = false;
  easy->waiting_length = easy->idle = 0;
  easy->sent = 0;
  easy->refused = CURLE_OK;
}

/* Options that are set after the addition count. */
static void plan_now(struct model_easy *easy) {
  easy->has_plan = true;
  if (!easy->made_count)
    snprintf(easy->method, sizeof easy->method, "%s", easy_method(easy));
  plan_draw(easy);
  if (!options_word(&easy->options, CURLOPT_FOLLOWLOCATION) ||
      has_read_body(easy))
    easy->plan.hops = 0;
  fuzz_show("  attempt of %p: status %d version %d, from %zu to %zu, breaks "
            "with %d at %d",
            (void *)easy, easy->plan.status, easy->plan.version,
            easy->plan.first, easy->plan.cut, easy->plan.code, easy->plan.at);
}

bool transfer_step(struct model_easy *easy, CURLcode *code) {
  bool is_over = false;
  bool is_idle = easy->is_paused || easy->is_send_paused;
  bool goes_on;

  if (!easy->has_plan)
    plan_now(easy);
  goes_on = !easy->refused && tell_progress(easy) && !easy->refused;

  if (goes_on && !easy->is_paused && !easy->is_send_paused)
    goes_on = step_stage(easy, &is_over);
  easy->idle = is_idle ? easy->idle + 1 : 0;
  if (goes_on && !is_over && easy->idle < IDLE_STEPS)
    return false;
  *code = !goes_on                   ? easy->refused
          : easy->idle >= IDLE_STEPS ? CURLE_OPERATION_TIMEDOUT
                                     : easy->plan.code;
  note_made(easy, *code);
  return true;
}

CURLcode transfer_pause(struct model_easy *easy, int action) {
  bool was_paused = easy->is_paused;
  size_t length = easy->waiting_length;
  char bytes[sizeof easy->waiting];

  if (easy->stage == AT_REST || easy->stage >= MESSAGE)
    return CURLE_BAD_FUNCTION_ARGUMENT;
  easy->is_paused = (action & CURLPAUSE_RECV) != 0;
  easy->is_send_paused = (action & CURLPAUSE_SEND) != 0;
  multi_pausing(easy);
  if (!was_paused || easy->is_paused || !length)
    return CURLE_OK;
  easy->waiting_length = 0;
  memcpy(bytes, easy->waiting, length);
  if (!pass_on(easy, easy->waiting_is_header, bytes, length))
    return easy->refused;
  return CURLE_OK;
}

/* The easy interface of the model. */
#include "model.h"

#include <stdarg.h>

struct model model;

static struct model_easy *easy_of(CURL *curl) { return curl; }

static bool is_guarded(void) {
  return model.library.version >= LIBRARY_GUARDED;
}

static CURL *fake_init(void) {
  struct model_easy *easy = calloc(1, sizeof *easy);

  options_begin(&easy->options);
  model.easies++;
  return (CURL *)easy;
}

static void fake_cleanup(CURL *curl) {
  struct model_easy *easy = easy_of(curl);

  if (easy->callbacks) {
    CHECK(is_guarded(), "freed inside its own callback");
    return;
  }
  if (easy->multi)
    (void)multi_take_out(easy);
  options_end(&easy->options);
  model.easies--;
  free(easy);
}

static void fake_reset(CURL *curl) {
  struct model_easy *easy = easy_of(curl);

  if (easy->callbacks && is_guarded())
    return;
  options_end(&easy->options);
  options_begin(&easy->options);
}

static CURL *fake_duphandle(CURL *curl) {
  struct model_easy *copy = calloc(1, sizeof *copy);

  options_copy(&copy->options, &easy_of(curl)->options);
  model.easies++;
  return (CURL *)copy;
}

static CURLcode fake_setopt(CURL *curl, CURLoption option, ...) {
  va_list arguments;
  CURLcode code;

  va_start(arguments, option);
  code =
      options_put(&easy_of(curl)->options, option, va_arg(arguments, void *));
  va_end(arguments);
  return code;
}

const char *easy_method(const struct model_easy *easy) {
  static const char *const names[] = {"GET", "HEAD", "POST", "POST", "PUT"};
  const char *own = options_text(&easy->options, CURLOPT_CUSTOMREQUEST);

  return own ? own : names[easy->options.request];
}

static int64_t number_of(const struct model_easy *easy, CURLINFO id) {
  switch ((int)id) {
  case CURLINFO_RESPONSE_CODE:
    return easy->status;
  case CURLINFO_SIZE_DOWNLOAD_T:
    return easy->stage == BODY || easy->stage >= MESSAGE
               ? (int64_t)(easy->at - easy->plan.first)
               : 0;
  case CURLINFO_CONTENT_LENGTH_DOWNLOAD_T:
    return easy->stage >= BODY && easy->plan.has_length
               ? (int64_t)(model_size(easy->plan.version) - easy->plan.first)
               : -1;
  case CURLINFO_NUM_CONNECTS:
    return 1;
  case CURLINFO_SIZE_UPLOAD_T:
    return easy->sent;
  default:
    return 0;
  }
}

static const char *text_of(const struct model_easy *easy, CURLINFO id) {
  switch ((int)id) {
  case CURLINFO_EFFECTIVE_METHOD:
    return easy_method(easy);
  case CURLINFO_EFFECTIVE_URL:
    return options_text(&easy->options, CURLOPT_URL);
  case CURLINFO_SCHEME:
    return "HTTP";
  case CURLINFO_PRIVATE:
    return options_word(&easy->options, CURLOPT_PRIVATE);
  default:
    return NULL;
  }
}

static CURLcode fake_getinfo(CURL *curl, CURLINFO id, ...) {
  struct model_easy *easy = easy_of(curl);
  va_list arguments;
  void *answer;

  va_start(arguments, id);
  answer = va_arg(arguments, void *);
  va_end(arguments);
  switch (id & CURLINFO_TYPEMASK) {
  case CURLINFO_STRING:
    *(const char **)answer = text_of(easy, id);
    return CURLE_OK;
  case CURLINFO_LONG:
  case CURLINFO_OFF_T:
    *(int64_t *)answer = number_of(easy, id);
    return CURLE_OK;
  case CURLINFO_DOUBLE:
    *(double *)answer = (double)number_of(easy, id);
    return CURLE_OK;
  case CURLINFO_SLIST:
    *(void **)answer = NULL;
    return CURLE_OK;
  default:
    return CURLE_UNKNOWN_OPTION;
  }
}

static CURLcode fake_pause(CURL *curl, int action) {
  return transfer_pause(easy_of(curl), action);
}

/* libcurl waits, and an idle handle's progress callback is called. A transfer
 * that the program paused for good ends by what else the model would wait for:
 * a timeout. */
static CURLcode fake_perform(CURL *curl) {
  struct model_easy *easy = easy_of(curl);
  CURLcode code = CURLE_OK;

  if (easy->callbacks || easy->is_performing)
    return is_guarded() ? CURLE_RECURSIVE_API_CALL : CURLE_FAILED_INIT;
  if (easy->multi)
    return CURLE_FAILED_INIT;
  if (!options_text(&easy->options, CURLOPT_URL))
    return CURLE_URL_MALFORMAT;
  easy->is_performing = true;
  transfer_begin(easy);
  while (!transfer_step(easy, &code))
    model.now += easy->idle ? 100 : draw(3);
  easy->stage = TOLD;
  easy->is_performing = false;
  return code;
}

void model_forget(struct model_easy *easy) { easy->made_count = 0; }

static void fake_free(void *memory) { free(memory); }

static curl_version_info_data *fake_version(CURLversion age) {
  return curl_version_info(age);
}

void model_begin(unsigned version) {
  memset(&model, 0, sizeof model);
  model.now = 1000000;
  model.library = (struct library){.version = version,
                                   .easy_init = fake_init,
                                   .easy_cleanup = fake_cleanup,
                                   .easy_reset = fake_reset,
                                   .easy_duphandle = fake_duphandle,
                                   .easy_setopt = fake_setopt,
                                   .easy_getinfo = fake_getinfo,
                                   .easy_pause = fake_pause,
                                   .easy_perform = fake_perform,
                                   .free = fake_free,
                                   .getdate = curl_getdate,
                                   .version_info = fake_version};
  model.library.direct = &model.library;
  multi_fill(&model.library);
}

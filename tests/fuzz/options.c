/* The options of a handle, as lib/setopt.c keeps them. */
#include "model.h"
#include "true_name.h"

static const struct curl_easyoption *known[OPTIONS];
static const struct curl_easyoption *listed[OPTIONS];
static unsigned listed_count;

/* The installed libcurl answers which numbers it takes. */
static CURL *real;

static void learn(void) {
  const struct curl_easyoption *option = NULL;

  while ((option = curl_easy_option_next(option))) {
    unsigned number = (unsigned)option->id % 10000;
    CHECK(number < OPTIONS, "%s has another kind of number", option->name);
    if (!known[number])
      listed[listed_count++] = option;
    if (!known[number] || !(option->flags & CURLOT_FLAG_ALIAS))
      known[number] = option;
  }
  real = curl_easy_init();
  CHECK(real, "no libcurl");
}

const struct curl_easyoption *options_draw(void) {
  unsigned number = draw(256) * 256u;

  number += draw(256);
  return listed[number % listed_count];
}

static unsigned place_of(CURLoption option) {
  return (unsigned)true_name(option) % 10000;
}

static bool is_text(CURLoption option) {
  const struct curl_easyoption *about = known[(unsigned)option % 10000];

  return about && about->type == CURLOT_STRING;
}

void options_begin(struct options *options) {
  if (!real)
    learn();
  memset(options, 0, sizeof *options);
  options->words[place_of(CURLOPT_WRITEDATA)] = stdout;
  options->words[place_of(CURLOPT_READDATA)] = stdin;
  options->words[place_of(CURLOPT_NOPROGRESS)] = (void *)1L;
  options->words[place_of(CURLOPT_DNS_CACHE_TIMEOUT)] = (void *)60L;
}

void options_end(struct options *options) {
  for (unsigned i = 0; i < OPTIONS; i++)
    free(options->texts[i]);
}

void options_copy(struct options *to, const struct options *from) {
  *to = *from;
  for (unsigned i = 0; i < OPTIONS; i++)
    if (from->texts[i])
      to->texts[i] = strdup(from->texts[i]);
}

static void put_request(struct options *options, CURLoption option,
                        bool is_on) {
  switch ((int)option) {
  case CURLOPT_HTTPGET:
    if (is_on)
      options->request = MODEL_GET;
    break;
  case CURLOPT_NOBODY:
    if (is_on)
      options->request = MODEL_HEAD;
    else if (options->request == MODEL_HEAD)
      options->request = MODEL_GET;
    break;
  case CURLOPT_POST:
    options->request = is_on ? MODEL_POST : MODEL_GET;
    break;
  case CURLOPT_POSTFIELDS:
  case CURLOPT_COPYPOSTFIELDS:
    options->request = MODEL_POST;
    break;
  case CURLOPT_MIMEPOST:
  case CURLOPT_HTTPPOST:
    options->request = MODEL_FORM;
    break;
  case CURLOPT_UPLOAD:
  case CURLOPT_PUT:
    options->request = is_on ? MODEL_PUT : MODEL_GET;
    break;
  default:
    break;
  }
}

CURLcode options_put(struct options *options, CURLoption option, void *word) {
  const struct curl_easyoption *about = known[(unsigned)option % 10000];
  unsigned place = place_of(option);
  CURLcode code = CURLE_OK;

  if ((unsigned)option % 10000 >= OPTIONS || !about || about->id != option)
    return CURLE_UNKNOWN_OPTION;
  if (about->type == CURLOT_LONG || about->type == CURLOT_OFF_T ||
      about->type == CURLOT_VALUES)
    code = curl_easy_setopt(real, option, word);
  if (code)
    return code;
  if (option == CURLOPT_TIMEOUT || option == CURLOPT_CONNECTTIMEOUT)
    word = (void *)((intptr_t)word * 1000);
  if (true_name(option) == CURLOPT_UPLOAD && word)
    word = (void *)1L; /* which number, nobody sees */
  options->words[place] = word;
  if (is_text(option)) {
    char *text = word ? strdup(word) : NULL;
    free(options->texts[place]);
    options->texts[place] = text;
  }
  if (option == CURLOPT_XFERINFOFUNCTION || option == CURLOPT_PROGRESSFUNCTION)
    options->is_meter_off = word != NULL;
  put_request(options, option, word != NULL);
  return CURLE_OK;
}

void *options_word(const struct options *options, CURLoption option) {
  return options->words[place_of(option)];
}

const char *options_text(const struct options *options, CURLoption option) {
  return options->texts[place_of(option)];
}

static bool is_same_text(const char *a, const char *b) {
  return a && b ? !strcmp(a, b) : a == b;
}

/* Looked at after each call: most often nothing differs. */
static bool is_same(const struct options *a, const struct options *b) {
  if (memcmp(a->words, b->words, sizeof a->words) != 0)
    return false;
  for (unsigned i = 0; i < OPTIONS; i++)
    if (a->texts[i] != b->texts[i] && !is_same_text(a->texts[i], b->texts[i]))
      return false;
  return true;
}

const char *options_difference(const struct options *a,
                               const struct options *b) {
  for (unsigned i = is_same(a, b) ? OPTIONS : 0; i < OPTIONS; i++) {
    if (!known[i])
      continue;
    if (is_text(known[i]->id) ? !is_same_text(a->texts[i], b->texts[i])
                              : a->words[i] != b->words[i])
      return known[i]->name;
  }
  if (a->request != b->request)
    return "the method";
  return a->is_meter_off == b->is_meter_off ? NULL : "libcurl's own meter";
}

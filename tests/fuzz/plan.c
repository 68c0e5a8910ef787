/* What the model's server does: drawn for each attempt. */
#include "model.h"

char model_upload(size_t at) { return (char)('A' + at % 25); }

/* About where HOLD_BYTES, slices and checkpoints are. */
size_t model_size(int version) {
  static const size_t sizes[] = {11, 300, 410, 63};

  return sizes[version % 4];
}

static int draw_status(void) {
  static const int statuses[] = {200, 200, 200, 503, 404, 200, 429, 500,
                                 204, 401, 304, 206, 412, 416, 200, 201};

  return statuses[draw(COUNT(statuses))];
}

static CURLcode draw_code(void) {
  static const CURLcode codes[] = {
      CURLE_OK,
      CURLE_RECV_ERROR,
      CURLE_PARTIAL_FILE,
      CURLE_GOT_NOTHING,
      CURLE_COULDNT_CONNECT,
      CURLE_COULDNT_RESOLVE_HOST,
      CURLE_SEND_ERROR,
      CURLE_HTTP2_STREAM,
      CURLE_SSL_CONNECT_ERROR,
      CURLE_PEER_FAILED_VERIFICATION,
      CURLE_OUT_OF_MEMORY,
      CURLE_OPERATION_TIMEDOUT,
  };

  return codes[draw(COUNT(codes))];
}

/* Where the request asks to begin; -1: it asks for the whole. */
static long range_of(const struct model_easy *easy) {
  const char *range = options_text(&easy->options, CURLOPT_RANGE);
  long from =
      (long)(intptr_t)options_word(&easy->options, CURLOPT_RESUME_FROM_LARGE);

  if (from > 0)
    return from;
  return range ? strtol(range, NULL, 10) : -1;
}

static void write_tag(const struct plan *plan, char *text, size_t size) {
  snprintf(text, size, "%s\"v%d\"", plan->validator == 2 ? "W/" : "",
           plan->version);
}

/* If-Range: whether the range is to be served. */
static bool is_same_version(const struct model_easy *easy,
                            const struct plan *plan) {
  const struct curl_slist *list =
      options_word(&easy->options, CURLOPT_HTTPHEADER);
  char tag[16];

  for (; list; list = list->next)
    if (!strncmp(list->data, "If-Range: ", 10)) {
      write_tag(plan, tag, sizeof tag);
      return plan->validator == 1 ? !strcmp(list->data + 10, tag)
             : plan->validator == 3
                 ? strstr(list->data, plan->version == 1 ? "Jan" : "Feb") != 0
                 : false;
    }
  return true;
}

void plan_draw(struct model_easy *easy) {
  struct plan *plan = &easy->plan;
  long from = range_of(easy);

  *plan = (struct plan){.status = 200, .version = 1, .has_length = true};
  if (model.drains) {
    plan->cut = model_size(1);
    return;
  }
  plan->code = draw_code();
  plan->at = plan->code ? CONNECTING + draw(4) : CONNECTING;
  if (plan->code == CURLE_COULDNT_RESOLVE_HOST ||
      plan->code == CURLE_COULDNT_CONNECT)
    plan->at = CONNECTING;
  plan->status = draw_status();
  plan->version = plan->status < 300 ? 1 + (int)draw(3) % 3 : 0;
  if (plan->version == 3)
    plan->version = draw_once_in(3) ? 2 : 1;
  plan->hops = draw_once_in(5) ? 1 : 0;
  plan->has_interim = draw_once_in(7);
  plan->has_length = draw(3) != 1;
  plan->validator = (int)draw(4);
  plan->takes_ranges = draw(4) != 3;
  if (from >= 0 && plan->version && plan->takes_ranges &&
      plan->status == 200 && from < (long)model_size(plan->version) &&
      is_same_version(easy, plan)) {
    plan->status = 206;
    plan->first = (size_t)from;
  } else if (plan->status == 206) {
    plan->status = 200;
  }
  plan->cut = model_size(plan->version);
  if (plan->code && plan->at == BODY)
    plan->cut = plan->first + (plan->cut - plan->first) * draw(17) / 16;
}

const char *plan_line(const struct model_easy *easy, char *text, size_t size) {
  const struct plan *plan = &easy->plan;
  bool is_hop = easy->hop < plan->hops;
  unsigned line = easy->line;

  if (plan->has_interim && !is_hop && line < 2)
    return line ? "" : "HTTP/1.1 103 Early Hints";
  if (plan->has_interim && !is_hop)
    line -= 2;
  switch (line) {
  case 0:
    snprintf(text, size, "HTTP/1.1 %d Status", is_hop ? 302 : plan->status);
    return text;
  case 1:
    if (is_hop)
      return "Location: /next";
    snprintf(text, size, "X-Version: %d", plan->version);
    return text;
  case 2:
    if (plan->has_length && !is_hop)
      snprintf(text, size, "Content-Length: %zu",
               model_size(plan->version) - plan->first);
    else
      snprintf(text, size,
               is_hop ? "Content-Length: 0" : "Transfer-Encoding: chunked");
    return text;
  case 3:
    if (plan->validator == 3) {
      snprintf(text, size, "Last-Modified: Thu, 01 %s 2026 00:00:00 GMT",
               plan->version == 1 ? "Jan" : "Feb");
    } else if (plan->validator) {
      memcpy(text, "ETag: ", 6);
      write_tag(plan, text + 6, size - 6);
    } else {
      return "X-None: 1";
    }
    return text;
  case 4:
    return "Date: Sun, 01 Nov 2026 00:00:00 GMT";
  case 5:
    if (plan->status == 206)
      snprintf(text, size, "Content-Range: bytes %zu-%zu/%zu", plan->first,
               model_size(plan->version) - 1, model_size(plan->version));
    else
      snprintf(text, size, "X-Last: 1");
    return text;
  case 6:
    return "";
  default:
    return NULL;
  }
}

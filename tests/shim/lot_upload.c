/* Drawing an upload: where its bytes come from, what the read callback does,
 * and how requests and answers fail. Nothing of a response is resumed after
 * it was handed over: an upload is no GET. */
#define _GNU_SOURCE
#include "lot.h"

#include <string.h>

static long long draw_upload_size(struct lot *lot) {
  static const int edges[] = {4096, 65536, 102400, 266240};

  if (lot_chance(lot, 20))
    return edges[lot_below(lot, COUNT(edges))] + (int)lot_below(lot, 5) - 2;
  return lot_draw_size(lot);
}

static void draw_source(struct lot *lot) {
  static const size_t pieces[] = {97, 1000, 5000, 16384, 65536, 1 << 20};
  long long size = draw_upload_size(lot);
  enum source source = lot_below(lot, SOURCES);
  struct upload *upload = &lot->upload;

  if (!upload_is_possible(source))
    source = SOURCE_PIPE;
  upload_init(upload, source, (size_t)size, lot->state);
  upload->most = size < 2000 && lot_chance(lot, 20)
                     ? 1
                     : pieces[lot_below(lot, COUNT(pieces))];
  if (source < SOURCE_FIELDS) {
    upload->is_chunked = lot_chance(lot, 50);
    upload->is_post = lot_chance(lot, 30);
  } else if (source == SOURCE_MIME_SEEK || source == SOURCE_MIME_READ) {
    upload->is_chunked = lot_chance(lot, 30);
  }
}

bool lot_is_custom(const struct lot *lot) {
  bool is_post = lot->upload.source >= SOURCE_FIELDS || lot->upload.is_post;

  return strcmp(lot->method, is_post ? "POST" : "PUT") != 0;
}

/* The method, and what may be repeated of it. */
static void draw_method(struct lot *lot) {
  const struct upload *upload = &lot->upload;
  bool is_put = upload->source < SOURCE_FIELDS && !upload->is_post;

  if (!is_put)
    is_put = lot_chance(lot, 60); /* by CUSTOMREQUEST */
  lot->method = is_put ? "PUT" : "POST";
  lot->is_gated = !is_put;
  if (is_put && lot_chance(lot, 12)) {
    lot->gate = "If-Match: \"v1\"";
    lot->is_gated = true;
  } else if (!is_put && lot_chance(lot, 30)) {
    lot->gate = "Idempotency-Key: 1";
    lot->is_gated = false;
  }
  if (lot->scene->repeats_all)
    lot->is_gated = false;
}

/* libcurl 7.88 itself sends a form's stream again without its bytes. */
static bool is_sent_once(const struct lot *lot) {
  return lot->upload.source == SOURCE_FORM_READ;
}

static void draw_rounds(struct lot *lot) {
  static const char *const expectations[] = {"", ":nocontinue", ":expect=417"};

  lot->expectation = "";
  if (is_sent_once(lot))
    return;
  if (lot_chance(lot, 25))
    lot->auth =
        lot_chance(lot, 50) ? (long)CURLAUTH_DIGEST : (long)CURLAUTH_ANY;
  lot->expects = lot->upload.size && lot_chance(lot, 20);
  /* a field of the program's own is not taken back after a 417 */
  if (lot->expects || lot->upload.is_chunked)
    lot->expectation = expectations[lot_below(lot, lot->expects ? 2 : 3)];
  lot->has_rounds = lot->auth || strstr(lot->expectation, "417");
}

/* Options that make libcurl ask again by itself, and wait. A client that knows
 * Digest alone asks without a body first. */
static void add_rounds(struct lot *lot) {
  if (lot->auth == (long)CURLAUTH_DIGEST || (lot->auth && lot_chance(lot, 50)))
    lot_add(lot, ":auth=digest");
  lot_add(lot, "%s", lot->expectation);
  if (lot_chance(lot, 8))
    lot_add(lot, ":wait=%u", 1 + lot_below(lot, 20));
}

/* True: a GET without a body comes next. */
static bool add_redirect(struct lot *lot) {
  static const char *const redirects[] = {
      "307", "308", "307:drop", "308:connclose", "307:early", "303"};
  /* the program's own method and Transfer-Encoding would be kept after 303 */
  bool may_be_get = !lot_is_custom(lot) && !lot->upload.is_chunked;
  unsigned kinds = (unsigned)COUNT(redirects) - !may_be_get;
  const char *redirect = redirects[lot_below(lot, kinds)];

  lot_add(lot, "%s:next", redirect);
  lot->has_rounds = true;
  /* libcurl goes on sending, until the server has had enough */
  if (strstr(redirect, "early") && lot->is_gated)
    lot->must_succeed = false;
  add_rounds(lot);
  lot_add(lot, ",");
  return !strcmp(redirect, "303");
}

/* True: a part of the body was sent. */
static bool add_broken_answer(struct lot *lot, int version) {
  bool is_cut = !lot_chance(lot, 10);
  bool ends_with_connection = lot_add_answer(lot, version);
  long long cut = lot_draw_cut(lot, lot->sizes[version] - 1);

  if (!is_cut)
    lot_add(lot, ":rst@head");
  else
    lot_add(lot, ":%s@%lld",
            ends_with_connection || lot_chance(lot, 50) ? "rst" : "close",
            cut);
  return is_cut;
}

static void add_failure(struct lot *lot, int version, bool has_body) {
  static const char *const plain[] = {"503",       "503:connclose", "503:drop",
                                      "429",       "rst",           "close",
                                      "502:rst@3", "503:early"};
  unsigned kind = lot_below(lot, 10);

  if (kind < 4 && has_body) {
    lot_add(lot, "%s@%lld", lot_chance(lot, 50) ? "uprst" : "upclose",
            lot_draw_cut(lot, (long long)lot->upload.size));
  } else if (kind < 7 && lot->sizes[version] > 0) {
    if (add_broken_answer(lot, version) && !lot->scene->holds_all)
      lot->must_succeed = false;
  } else {
    lot_add(lot, "%s", plain[lot_below(lot, COUNT(plain))]);
  }
  add_rounds(lot);
  lot_add(lot, ",");
}

static void add_last(struct lot *lot, int version) {
  static const char *const refusals[] = {"404", "503", "413:early"};

  if (lot_chance(lot, 6)) {
    lot_add(lot, "%s", refusals[lot_below(lot, COUNT(refusals))]);
    lot->must_succeed = false;
  } else {
    lot_add_answer(lot, version);
    if (lot_chance(lot, 4)) {
      lot_add(lot, ":early");
      lot->ends_early = true;
      lot->must_succeed = false;
    } else if (lot_chance(lot, 8)) {
      lot_add(lot, ":drop"); /* the handle's next request may meet it */
    }
  }
  add_rounds(lot);
}

static void draw_send_habit(struct lot *lot) {
  static const enum send_habit habits[] = {
      SEND_ALL,   SEND_ALL,        SEND_ALL,   SEND_ALL,      SEND_SLOWLY,
      SEND_PAUSE, SEND_PAUSE_CALL, SEND_ABORT, SEND_TOO_MUCH, SEND_PAUSE};

  if (!upload_is_read(&lot->upload))
    return;
  lot->send_habit = habits[lot_below(lot, COUNT(habits))];
  /* libcurl 7.88 doesn't check what a form's callback returns */
  if (lot->send_habit == SEND_TOO_MUCH && upload_is_form(&lot->upload))
    lot->send_habit = SEND_ABORT;
  lot->send_at = lot_draw_cut(lot, (long long)lot->upload.size);
  /* libcurl 7.88 never goes on when a form's first byte is paused */
  if (upload_is_form(&lot->upload) && lot->send_at == 0)
    lot->send_at = 1;
  lot->send_times = 1 + (int)lot_below(lot, 2);
  if (lot->send_habit == SEND_SLOWLY)
    lot->send_times = 20;
  if (lot->send_habit == SEND_ABORT || lot->send_habit == SEND_TOO_MUCH)
    lot->must_succeed = false;
}

/* Whether the body can be sent again whatever was read of it. */
static bool can_rewind(const struct lot *lot) {
  switch (lot->upload.source) {
  case SOURCE_MIME_READ:
  case SOURCE_FORM_READ:
    return false;
  case SOURCE_READ:
  case SOURCE_READ_STUCK:
  case SOURCE_READ_POST:
  case SOURCE_PIPE:
  case SOURCE_FREAD:
  case SOURCE_TERMINAL:
    return (long long)lot->upload.size <= lot->scene->kept;
  default:
    return true;
  }
}

void lot_draw_upload(struct lot *lot, unsigned long long seed, unsigned number,
                     const struct lot_scene *scene) {
  unsigned failures;
  bool has_versions, has_body = true;

  lot_begin(lot, seed, number, scene);
  lot->has_upload = true;
  if (lot_chance(lot, 50))
    lot->sizes[1] = lot->sizes[2] = lot_below(lot, 3000);
  has_versions = lot_chance(lot, 30);
  if (has_versions)
    lot->sizes[2] = lot_draw_size(lot);
  lot->validator = lot->ranges = "";
  lot->is_gzip = lot_chance(lot, 15);
  draw_source(lot);
  draw_method(lot);
  draw_rounds(lot);
  lot->must_succeed = can_rewind(lot);
  failures = lot_below(lot, 5);
  for (unsigned i = 0; i <= failures; i++) {
    int version = has_versions && lot_chance(lot, 40) ? 2 : 1;
    if (lot_chance(lot, 14) && !is_sent_once(lot) && add_redirect(lot))
      has_body = false; /* maybe for some requests */
    if (i < failures)
      add_failure(lot, version, has_body);
    else
      add_last(lot, version);
  }
  lot_draw_habit(lot);
  draw_send_habit(lot);
  lot->has_prereq = lot_chance(lot, 70);
  /* A connection that ends unannounced may be used once more before that is
     seen. What was sent on it then isn't repeated. */
  if (lot->is_gated && (failures || strstr(lot->plan, ":drop") ||
                        strstr(lot->plan, "expect=417")))
    lot->must_succeed = false;
}

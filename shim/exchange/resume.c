/* Rules: design.md, "Resume"; RFC 9110, 13.1.5 (If-Range), 14 (ranges),
 * 15.3.7.3 (combining parts). What can't be proved equal is not continued. */
#include "exchange/resume.h"

#include "engine/attempt.h"
#include "engine/call.h"
#include "host/hash.h"

#include <stdio.h> /* snprintf only */
#include <stdlib.h>
#include <string.h>

struct resume_hash {
  struct hash delivered; /* of all the program has */
  struct hash repeated;  /* of what this attempt repeats */
};

void resume_begin(struct resume *resume) {
  resume->is_possible = false;
  resume->is_resuming = false;
  resume->was_resumed = false;
  resume->is_hashing = false;
  resume->mode = RESUME_NONE;
  resume->delivered = 0;
  resume->base = 0;
  resume->seam = 0;
  resume->mismatch = NULL;
  resume->range[0] = 0;
  resume->header.data = NULL;
}

void resume_free(struct resume *resume) {
  free(resume->hash);
  resume->hash = NULL;
}

/* RFC 9110, 8.8.2.2: a date is strong when it is old enough at its Date. */
static bool has_strong_date(const struct call *call,
                            const struct entity *entity) {
  time_t modified, date;

  if (entity->tag[0] || !entity->modified[0] || !entity->date[0] ||
      !call->library->getdate)
    return false;
  modified = call->library->getdate(entity->modified, NULL);
  date = call->library->getdate(entity->date, NULL);
  return modified != -1 && date != -1 && date - modified >= 1;
}

static bool start_hash(struct resume *resume) {
  if (!resume->hash)
    resume->hash = aligned_alloc(64, sizeof(*resume->hash));
  if (!resume->hash)
    return false;
  hash_begin(&resume->hash->delivered);
  return true;
}

/* Whether the program's own headers leave Range and If-Range to us. */
static bool has_free_range(const struct call *call) {
  const struct curl_slist *item = call->handle->shadow.attempt.http_header;

  for (; item; item = item->next)
    if (item->data && (!strncasecmp(item->data, "range", 5) ||
                       !strncasecmp(item->data, "if-range", 8)))
      return false;
  return true;
}

void resume_committed(struct call *call) {
  struct resume *resume = &call->resume;
  const struct shadow *shadow = &call->handle->shadow;
  const struct hop *hop = &call->hop;
  bool is_http = hop->status != 0 && !hop->is_ftp;

  if (call->response.is_last || resume->is_resuming || !call->policy->resume ||
      call->policy->dry_run || shadow->request != REQUEST_GET ||
      strcmp(call->method, "GET") != 0)
    return;
  if (is_http && hop->status != 200 && hop->status != 206)
    return;
  if (!is_http && call->scheme == URL_HTTP && !hop->is_ftp)
    return; /* HTTP/0.9 */
  resume->entity = call->response.entity;
  resume->status = is_http ? hop->status : 0;
  resume->length = call->response.announced;
  if (resume->length < 0 && resume->status == 206 &&
      resume->entity.has_range && !hop->is_encoded)
    resume->length = resume->entity.last - resume->entity.first + 1;
  resume->is_encoded = hop->is_encoded;
  if (resume->entity.is_multipart || hop->is_stream)
    return;
  resume->is_ranged = is_http && !hop->is_encoded &&
                      !resume->entity.refuses_ranges &&
                      (resume->status == 200 || resume->entity.has_range) &&
                      (entity_has_strong_tag(&resume->entity) ||
                       has_strong_date(call, &resume->entity)) &&
                      has_free_range(call);
  /* a strong tag's word is enough; a date's is for ranges only */
  resume->is_hashing = !is_http || !entity_has_strong_tag(&resume->entity);
  resume->is_possible = !resume->is_hashing || start_hash(resume);
}

void resume_delivered(struct call *call, const void *bytes, size_t length) {
  struct resume *resume = &call->resume;

  resume->delivered += (int64_t)length;
  if (resume->is_hashing)
    hash_add(&resume->hash->delivered, bytes, length);
}

bool resume_is_possible(const struct call *call) {
  const struct resume *resume = &call->resume;

  return resume->is_possible &&
         (resume->length < 0 || resume->delivered < resume->length);
}

static void prepare_range(struct call *call) {
  struct resume *resume = &call->resume;
  const struct attempt_options *own = &call->handle->shadow.attempt;
  int64_t first = resume->status == 206 ? resume->entity.first : 0;
  const char *validator =
      resume->entity.tag[0] ? resume->entity.tag : resume->entity.modified;
  CURLcode (*set)(CURL *, CURLoption, ...) = call->library->easy_setopt;

  first += resume->delivered;
  if (own->resume_from) {
    (void)set(call->curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)first);
  } else {
    if (resume->status == 206)
      (void)snprintf(resume->range, sizeof(resume->range), "%lld-%lld",
                     (long long)first, (long long)resume->entity.last);
    else
      (void)snprintf(resume->range, sizeof(resume->range), "%lld-",
                     (long long)first);
    (void)set(call->curl, CURLOPT_RANGE, resume->range);
  }
  (void)snprintf(resume->if_range, sizeof(resume->if_range), "If-Range: %s",
                 validator);
  resume->header.data = resume->if_range;
  attempt_changed(call, CURLOPT_HTTPHEADER);
}

void resume_prepare(struct call *call) {
  struct resume *resume = &call->resume;

  resume->is_resuming = true;
  resume->mode = resume->is_ranged ? RESUME_RANGE : RESUME_SKIP;
  resume->base = resume->delivered;
  resume->skipped = 0;
  resume->seam = 0;
  resume->mismatch = NULL;
  if (resume->is_hashing)
    hash_begin(&resume->hash->repeated);
  if (resume->is_ranged)
    prepare_range(call);
}

/* The same scheme, host and path: what lies before "?" and "#". */
static bool is_same_place(const struct call *call) {
  const char *now = NULL;
  const char *then = NULL;
  size_t length;

  (void)info_answer(call->first, CURLINFO_EFFECTIVE_URL, &then);
  (void)call->library->easy_getinfo(call->curl, CURLINFO_EFFECTIVE_URL, &now);
  if (!now || !then)
    return false;
  length = strcspn(then, "?#");
  return length == strcspn(now, "?#") && !strncmp(now, then, length);
}

static bool refuse(struct resume *resume, const char *why) {
  resume->mismatch = why;
  return false;
}

static bool accepts_part(struct call *call) {
  struct resume *resume = &call->resume;
  const struct entity *now = &call->response.entity;
  const struct entity *first = &resume->entity;
  int64_t from = resume->status == 206 ? first->first : 0;
  int64_t total = resume->status == 206 ? first->total : resume->length;

  if (!now->has_range || now->is_multipart)
    return refuse(resume, "the 206 has no single Content-Range");
  if (now->first != from + resume->delivered)
    return refuse(resume, "the 206 begins at another byte");
  if (total >= 0 && now->total >= 0 && now->total != total)
    return refuse(resume, "the 206 is of another length");
  if (resume->status == 206 && now->last != first->last)
    return refuse(resume, "the 206 ends at another byte");
  if (resume->status == 200 && now->total >= 0 && now->last != now->total - 1)
    return refuse(resume, "the 206 ends at another byte");
  if (now->tag[0] && strcmp(now->tag, first->tag) != 0)
    return refuse(resume, "the 206 has another ETag");
  if (!now->tag[0] && now->modified[0] &&
      strcmp(now->modified, first->modified) != 0)
    return refuse(resume, "the 206 has another Last-Modified");
  if (call->hop.is_encoded)
    return refuse(resume, "the 206 has a Content-Encoding");
  if (!is_same_place(call))
    return refuse(resume, "the 206 comes from another place");
  if (resume->length < 0)
    resume->length = now->last + 1 - from;
  return true;
}

/* Where no byte can prove it the program still has the first one's headers. */
static bool is_other_version(const struct entity *first,
                             const struct entity *now) {
  return (first->tag[0] && now->tag[0] && strcmp(first->tag, now->tag) != 0) ||
         (first->modified[0] && now->modified[0] &&
          strcmp(first->modified, now->modified) != 0);
}

/* A repetition of the whole: skipped on the word of the same strong ETag or
 * after its bytes proved equal. */
static bool accepts_whole(struct call *call) {
  struct resume *resume = &call->resume;
  const struct entity *now = &call->response.entity;
  int64_t announced = call->response.announced;

  resume->mode = RESUME_SKIP;
  if (resume->length >= 0 && announced >= 0 && announced != resume->length)
    return refuse(resume, "the repeated response has another length");
  if (entity_has_strong_tag(now) && entity_has_strong_tag(&resume->entity) &&
      strcmp(now->tag, resume->entity.tag) != 0)
    return refuse(resume, "the repeated response has another ETag");
  if (!resume->base && is_other_version(&resume->entity, now))
    return refuse(resume, "the repeated response is of another version");
  if (resume->status == 206 &&
      (!now->has_range || now->first != resume->entity.first))
    return refuse(resume, "the repeated 206 begins at another byte");
  if (call->hop.is_encoded != resume->is_encoded &&
      (!call->handle->shadow.asks_encoding ||
       call->handle->shadow.keeps_encoding))
    return refuse(resume, "the repeated response has another encoding");
  if (resume->is_hashing)
    return true;
  if (!entity_has_strong_tag(now) || !is_same_place(call))
    return refuse(resume, "the repeated response has no such ETag");
  return true;
}

bool resume_is_short(const struct call *call) {
  const struct resume *resume = &call->resume;

  return resume->was_resumed && resume->length >= 0 &&
         resume->delivered < resume->length;
}

bool resume_is_long(const struct call *call, size_t length) {
  const struct resume *resume = &call->resume;

  return resume->was_resumed && resume->length >= 0 &&
         (int64_t)length > resume->length - resume->delivered;
}

bool resume_accepts(struct call *call) {
  struct resume *resume = &call->resume;
  int status = call->hop.is_ftp ? 0 : call->hop.status;

  if (status == 206 && resume->mode == RESUME_RANGE)
    return accepts_part(call);
  if (status == resume->status)
    return accepts_whole(call);
  return refuse(resume, "the repeated response has another status");
}

bool resume_skip(struct call *call, const char *bytes, size_t length,
                 size_t *skip, bool *is_done) {
  struct resume *resume = &call->resume;
  int64_t left = resume->base - resume->skipped;
  struct resume_hash *hash = resume->hash;

  *skip = 0;
  *is_done = true;
  if (resume->mode == RESUME_RANGE)
    return true;
  *skip = (int64_t)length < left ? length : (size_t)left;
  resume->skipped += (int64_t)*skip;
  *is_done = resume->skipped == resume->base;
  if (!resume->is_hashing)
    return true;
  hash_add(&hash->repeated, bytes, *skip);
  if (!*is_done)
    return true;
  if (hash_is_same(&hash->repeated, &hash->delivered))
    return true;
  return refuse(resume, "the repeated bytes differ");
}

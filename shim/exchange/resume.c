/* Rules: design.md, "Resume"; RFC 9110, 13.1.5 (If-Range), 14 (ranges),
 * 15.3.7.3 (combining parts). What can't be proved equal is not continued. */
#include "exchange/resume.h"

#include <stdio.h> /* snprintf only */
#include <string.h>

#define GETS_ON (64 * 1024) /* bytes; design.md, MAX_RETRIES */

void resume_begin(struct resume *resume) {
  const size_t from = offsetof(struct resume, is_possible);

  memset((char *)resume + from, 0, sizeof(*resume) - from);
  resume->range[0] = 0;
}

void resume_free(struct resume *resume) {
  proof_free(resume->proof);
  resume->proof = NULL;
}

/* RFC 9110, 8.8.2.2: a date is strong when it is old enough at its Date. */
static bool has_strong_date(const struct answer *answer) {
  const struct entity *entity = answer->entity;
  time_t modified, date;

  if (entity->has_tag || !entity->modified[0] || !entity->date[0] ||
      !answer->getdate)
    return false;
  modified = answer->getdate(entity->modified, NULL);
  date = answer->getdate(entity->date, NULL);
  return modified != -1 && date != -1 && date - modified >= 1;
}

static bool start_proof(struct resume *resume) {
  if (!resume->proof)
    resume->proof = proof_new();
  if (!resume->proof)
    return false;
  proof_begin(resume->proof);
  return true;
}

/* Whether the program's own headers leave Range and If-Range to us. */
static bool has_free_range(const struct shadow *shadow) {
  const struct curl_slist *item = shadow->attempt.http_header;

  for (; item; item = item->next)
    if (item->data && (!strncasecmp(item->data, "range", 5) ||
                       !strncasecmp(item->data, "if-range", 8)))
      return false;
  return true;
}

/* Whether the rest can be asked for: the whole, or the program's own single
 * range, of a version that can be named. libcurl compares MAXFILESIZE with
 * what one attempt gets: a body of unknown length is repeated from its
 * beginning. */
static bool is_ranged(const struct resume *resume, const struct answer *answer,
                      const struct shadow *shadow) {
  const struct entity *entity = &resume->entity;

  return resume->status && !resume->is_encoded && !entity->refuses_ranges &&
         (resume->length >= 0 || !shadow->has_max_size) &&
         (resume->status == 200 || entity->has_range) &&
         (entity_has_strong_tag(entity) || has_strong_date(answer)) &&
         has_free_range(shadow);
}

void resume_committed(struct resume *resume, const struct answer *answer,
                      const struct shadow *shadow) {
  const struct hop *hop = answer->hop;

  if (resume->is_resuming || shadow->request != REQUEST_GET)
    return;
  if (answer->status ? answer->status != 200 && answer->status != 206
                     : answer->is_http)
    return; /* without a status: HTTP/0.9 */
  if (answer->status && shadow->keeps_framing)
    return; /* its bytes are those of one connection, not of the entity */
  resume->entity = *answer->entity;
  resume->status = answer->status;
  resume->is_encoded = hop->is_encoded;
  resume->length = answer->announced;
  if (resume->length < 0 && resume->status == 206 &&
      resume->entity.has_range && !hop->is_encoded && !shadow->ignores_length)
    resume->length = resume->entity.last - resume->entity.first + 1;
  if (resume->entity.is_multipart || hop->is_stream)
    return;
  /* what was delivered of one with gaps is proved, whatever its tag */
  resume->is_ranged =
      !answer->may_have_gaps && is_ranged(resume, answer, shadow);
  /* a strong tag's word is enough; a date's is for ranges only. Encoders are
     known to leave the tag as it was (Apache's DeflateAlterETag NoChange). */
  resume->is_hashing = answer->may_have_gaps || !resume->status ||
                       resume->is_encoded ||
                       !entity_has_strong_tag(&resume->entity);
  resume->is_possible = !resume->is_hashing || start_proof(resume);
}

void resume_delivered(struct resume *resume, const void *bytes,
                      size_t length) {
  resume->delivered += (int64_t)length;
  if (resume->is_hashing)
    proof_add(resume->proof, bytes, length);
}

bool resume_is_possible(const struct resume *resume) {
  return resume->is_possible &&
         (resume->delivered || entity_has_strong_tag(&resume->entity)) &&
         (resume->length < 0 || resume->delivered < resume->length);
}

static void prepare_range(struct resume *resume) {
  bool is_part = resume->status == 206;

  resume->first = resume->delivered + (is_part ? resume->entity.first : 0);
  if (is_part)
    (void)snprintf(resume->range, sizeof(resume->range), "%lld-%lld",
                   (long long)resume->first, (long long)resume->entity.last);
  else
    (void)snprintf(resume->range, sizeof(resume->range), "%lld-",
                   (long long)resume->first);
  (void)snprintf(resume->if_range, sizeof(resume->if_range), "If-Range: %s",
                 resume->entity.tag[0] ? resume->entity.tag
                                       : resume->entity.modified);
}

void resume_prepare(struct resume *resume) {
  resume->is_resuming = true;
  resume->mode = resume->is_ranged ? RESUME_RANGE : RESUME_SKIP;
  resume->base = resume->delivered;
  resume->skipped = 0;
  resume->repeated = 0;
  resume->mismatch = NULL;
  if (resume->is_hashing)
    proof_rewind(resume->proof);
  if (resume->is_ranged)
    prepare_range(resume);
}

/* The same scheme, host and path: what lies before "?" and "#". */
static bool is_same_place(const char *a, const char *b) {
  size_t length = a ? strcspn(a, "?#") : 0;

  return a && b && length == strcspn(b, "?#") && !strncmp(a, b, length);
}

static bool refuse(struct resume *resume, const char *why) {
  resume->mismatch = why;
  return false;
}

/* Whether the 206 says that it is of another version. A tag that can't be used
 * isn't the first one's. */
static bool is_other_version(const struct entity *first,
                             const struct entity *now) {
  if (now->has_tag)
    return !first->has_tag || strcmp(now->tag, first->tag) != 0;
  return !first->has_tag && now->location && first->location &&
         now->location != first->location;
}

static bool accepts_range(struct resume *resume, const struct entity *now) {
  const struct entity *first = &resume->entity;
  bool is_part = resume->status == 206;
  int64_t total = is_part ? first->total : resume->length;

  if (!now->has_range || now->is_multipart)
    return refuse(resume, "the 206 has no single Content-Range");
  if (now->first != (is_part ? first->first : 0) + resume->delivered)
    return refuse(resume, "the 206 begins at another byte");
  if (total >= 0 && now->total >= 0 && now->total != total)
    return refuse(resume, "the 206 is of another length");
  if (is_part ? now->last != first->last
              : now->total >= 0 && now->last != now->total - 1)
    return refuse(resume, "the 206 ends at another byte");
  return true;
}

static bool accepts_part(struct resume *resume, const struct answer *answer,
                         const struct shadow *shadow) {
  const struct entity *now = answer->entity;
  const struct entity *first = &resume->entity;
  bool has_tag = now->has_tag;

  if (!accepts_range(resume, now))
    return false;
  if (is_other_version(first, now) ||
      (!resume->base && !entity_has_same_tag(first, now)))
    return refuse(resume, "the 206 has another ETag");
  if (!has_tag && now->has_modified &&
      strcmp(now->modified, first->modified) != 0)
    return refuse(resume, "the 206 has another Last-Modified");
  /* a server may send less than was asked for (RFC 9110, 15.3.7) */
  if (resume->status == 200 && resume->length < 0 && now->total < 0)
    return refuse(resume, "the 206 does not say where the whole ends");
  if (answer->hop->is_encoded)
    return refuse(resume, "the 206 has a Content-Encoding");
  if (!is_same_place(answer->url, answer->first_url))
    return refuse(resume, "the 206 comes from another place");
  if (resume->length < 0 && !shadow->ignores_length)
    resume->length = resume->delivered + now->last + 1 - now->first;
  return true;
}

/* Where both name the end, or the whole's length. */
static bool is_other_range(const struct entity *first,
                           const struct entity *now) {
  return first->has_range &&
         (now->last != first->last || (now->total >= 0 && first->total >= 0 &&
                                       now->total != first->total));
}

/* A repetition of the whole: skipped on the word of the same strong ETag or
 * after its bytes proved equal. */
static bool accepts_whole(struct resume *resume, const struct answer *answer,
                          const struct shadow *shadow) {
  const struct entity *now = answer->entity;
  int64_t announced = answer->announced;

  resume->mode = RESUME_SKIP;
  if (resume->length >= 0 && announced >= 0 && announced != resume->length)
    return refuse(resume, "the repeated response has another length");
  if (entity_has_strong_tag(now) && entity_has_strong_tag(&resume->entity) &&
      strcmp(now->tag, resume->entity.tag) != 0)
    return refuse(resume, "the repeated response has another ETag");
  if ((!resume->base || !resume->is_hashing) &&
      !entity_has_same_tag(&resume->entity, now))
    return refuse(resume, "the repeated response has no such ETag");
  if (resume->status == 206 &&
      (!now->has_range || now->first != resume->entity.first))
    return refuse(resume, "the repeated 206 begins at another byte");
  if (resume->status == 206 && is_other_range(&resume->entity, now))
    return refuse(resume, "the repeated 206 ends at another byte");
  if (answer->hop->is_encoded != resume->is_encoded &&
      (!shadow->asks_encoding || shadow->keeps_encoding))
    return refuse(resume, "the repeated response has another encoding");
  if ((!resume->base || !resume->is_hashing) &&
      !is_same_place(answer->url, answer->first_url))
    return refuse(resume, "the repeated response comes from another place");
  return true;
}

bool resume_rejects(struct resume *resume, const char *why) {
  bool was_longer = !resume->is_resuming && resume->mismatch;

  resume->is_resuming = true; /* again, if it was the rest up to here */
  if (!resume->mismatch)
    resume->mismatch = why;
  return resume->length >= 0 &&
         !(was_longer && resume->delivered > resume->base);
}

bool resume_got_on(const struct resume *resume) {
  return resume->was_resumed && !resume->is_resuming &&
         resume->delivered - resume->base >= GETS_ON;
}

bool resume_is_short(const struct resume *resume) {
  return resume->was_resumed && resume->length >= 0 &&
         resume->delivered < resume->length;
}

bool resume_is_long(const struct resume *resume, size_t length) {
  return resume->was_resumed && resume->length >= 0 && !resume->may_trail &&
         (int64_t)length > resume->length - resume->delivered;
}

bool resume_accepts(struct resume *resume, const struct answer *answer,
                    const struct shadow *shadow) {
  resume->may_trail = shadow->includes_header && answer->hop->is_chunked;
  if (answer->status == 206 && resume->mode == RESUME_RANGE)
    return accepts_part(resume, answer, shadow);
  if (answer->status == resume->status)
    return accepts_whole(resume, answer, shadow);
  return refuse(resume, "the repeated response has another status");
}

void resume_continues(struct resume *resume, size_t repeated) {
  resume->is_resuming = false;
  resume->was_resumed = true;
  resume->repeated = repeated;
}

enum repetition resume_repeats(struct resume *resume, const char *bytes,
                               size_t length, size_t *head) {
  int64_t left = resume->base - resume->skipped;

  *head = (int64_t)length < left ? length : (size_t)left;
  resume->skipped += (int64_t)*head;
  if (resume->is_hashing && !proof_repeats(resume->proof, bytes, *head)) {
    (void)refuse(resume, "the repeated bytes differ");
    return REPEATS_OTHER_BYTES;
  }
  return resume->skipped < resume->base ? REPEATS_SO_FAR : REPEATS_TO_THE_END;
}

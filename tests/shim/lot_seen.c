/* What the server saw of a drawn upload, held against what the program
 * gave. */
#define _GNU_SOURCE
#include "lot.h"

#include "sha256.h"

#include <stdlib.h>
#include <string.h>

/* The bytes that came, of a whole body and of a broken one. */
static const char *body_trouble(const struct lot *lot, const struct seen *seen,
                                size_t index) {
  const char *trouble = NULL;
  size_t length;
  char *body;

  if (!strcmp(seen->method, "GET"))
    return seen->length ? "a GET with a body" : NULL;
  if (seen->hash[0] == '-') /* answered without looking at it */
    return NULL;
  /* the first round of Digest */
  if (lot->auth == (long)CURLAUTH_DIGEST && !seen->length)
    return NULL;
  body = upload_body(&lot->upload, lot->key, index, &length);
  if (seen->length > (long long)length)
    trouble = "a longer body than the program's";
  else if (seen->is_whole && seen->length != (long long)length)
    trouble = "a shorter body than the program's, as a whole one";
  else if (strcmp(seen->hash, sha256_of(body, (size_t)seen->length).text) != 0)
    trouble = "other bytes than the program's";
  free(body);
  return trouble;
}

/* A GET after a 303, and what follows from it; else always the same. */
static bool is_right_method(const struct lot *lot, const struct seen *seen,
                            size_t index) {
  const struct seen *last = index ? &seen[index - 1] : NULL;

  if (!strcmp(seen[index].method, lot->method))
    return !last || last->status != 303 || lot_is_custom(lot);
  if (strcmp(seen[index].method, "GET") != 0 || !last)
    return false;
  return last->status == 303 || !strcmp(last->method, "GET");
}

/* Whether the request after this one is libcurl's own doing: the answer asked
 * for it, or a pooled connection was dead. A connection from before may be in
 * the pool that the server knows no request of. */
static bool is_followed(const struct lot *lot, const struct seen *seen,
                        size_t index) {
  switch (seen->status) {
  case 303:
  case 307:
  case 308:
  case 401:
  case 417:
    return true;
  case 0:
    return seen->request > 1 || (index == 0 && lot->is_reused);
  default:
    return false;
  }
}

/* The request whose answer the program got; not always the last to come, when
 * one that the program refused was slow. */
static const struct seen *accepted_of(const struct seen *seen, size_t count) {
  for (size_t i = count; i > 0; i--)
    if (seen[i - 1].status == 200)
      return &seen[i - 1];
  return NULL;
}

static const char *accepted_trouble(const struct lot *lot,
                                    const struct seen *accepted) {
  const struct upload *upload = &lot->upload;
  curl_off_t uploaded = -1;

  if (!accepted)
    return "code 0, and no request with 200";
  if (!strcmp(accepted->method, "GET"))
    return NULL;
  if (!accepted->is_whole)
    return "code 0, and the body not whole";
  if (upload_is_read(upload) && !upload->seeks &&
      upload->taken != (long long)upload->size)
    return "code 0, and not all bytes taken";
  /* they take the headers of one that broke off the size of the next one */
  if (is_libcurl(0x080700, 0x080c00))
    return NULL;
  curl_easy_getinfo(lot->curl, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  if (upload->source < SOURCE_MIME_DATA && !upload->is_chunked &&
      uploaded != (curl_off_t)upload->size)
    return "getinfo has another upload size";
  return NULL;
}

static const char *count_trouble(const struct lot *lot, size_t count) {
  if (lot->upload.calls_after_end)
    return "asked for bytes after their end";
  if (!lot->has_prereq)
    return NULL;
  if (count > (size_t)lot->requests)
    return "a request of which the program was not told";
  if (lot->refusals && !lot->has_rounds &&
      lot->requests != lot->requests_refused)
    return "a request after the refusal";
  return NULL;
}

const char *lot_upload_trouble(const struct lot *lot, const struct seen *seen,
                               size_t count) {
  const char *trouble = count_trouble(lot, count);

  /* none: a pooled connection was dead */
  if (!trouble && (count > LOT_STEPS || (count == 0 && lot->code == CURLE_OK)))
    trouble = "an unlikely number of requests";
  for (size_t i = 0; i < count && !trouble; i++) {
    if (!is_right_method(lot, seen, i))
      trouble = "another method";
    else if (lot->is_gated && i + 1 < count && !is_followed(lot, &seen[i], i))
      trouble = "a request repeated that must not be";
    else
      trouble = body_trouble(lot, &seen[i], i);
  }
  if (!trouble && lot->code == CURLE_OK && lot->version && !lot->ends_early)
    trouble = accepted_trouble(lot, accepted_of(seen, count));
  return trouble;
}

static void print_upload(const struct lot *lot, FILE *out) {
  static const char *const habits[SEND_HABITS] = {
      "gives all",        "gives slowly", "pauses",
      "calls easy_pause", "aborts",       "gives too much"};
  const struct upload *upload = &lot->upload;

  fprintf(out,
          "  %s of %zu bytes from %s in pieces of %zu%s%s, reader %s at %lld"
          "\n  auth %ld, %s%s%s, %lld bytes taken, %d seeks, %d prerequests\n",
          lot->method, upload->size, upload_name(upload->source), upload->most,
          upload->is_chunked ? ", chunked" : "",
          upload->is_post ? ", CURLOPT_POST" : "", habits[lot->send_habit],
          lot->send_at, lot->auth,
          lot->expects ? "expects" : "expects nothing", lot->gate ? ", " : "",
          lot->gate ? lot->gate : "", upload->taken, upload->seeks,
          lot->requests);
}

/* The shim's lines about it. */
static void print_log(const struct lot *lot, FILE *out) {
  FILE *file = fopen(getenv("CURLRETRY_LOG"), "re");
  char line[4096], mark[40];

  snprintf(mark, sizeof mark, "%s/", lot->key);
  while (file && fgets(line, sizeof line, file))
    if (strstr(line, mark))
      fprintf(out, "  %.30s ... %s", line, strrchr(line, ' '));
  if (file)
    fclose(file);
}

void lot_print(const struct lot *lot, const struct seen *seen, size_t count,
               FILE *out) {
  static const char *const habits[HABITS] = {
      "takes everything",   "pauses",     "calls easy_pause",
      "pauses at a header", "takes less", "takes less of a header",
      "aborts by progress",
  };

  fprintf(out, "  plan %s\n  program %s at %lld\n", lot->plan,
          habits[lot->habit], lot->habit_at);
  if (lot->has_upload)
    print_upload(lot, out);
  fprintf(out, "  code %d, %lld of %lld bytes of version %d, handle %s\n",
          (int)lot->code, lot->got, lot->sizes[lot->version], lot->version,
          lot->is_reused ? "reused" : "new");
  for (size_t i = 0; i < count && i < LOT_STEPS; i++)
    fprintf(out, "  %s, connection %u.%u, %lld bytes%s, %.8s: %d, %lld sent\n",
            seen[i].method, seen[i].connection, seen[i].request,
            seen[i].length, seen[i].is_whole ? "" : " (broken)", seen[i].hash,
            seen[i].status, seen[i].sent);
  print_log(lot, out);
}

/* A transfer of a scene, and whether it ended as it may. */
#define _GNU_SOURCE
#include "failing_scene.h"

#include "upload.h"

#include <stdlib.h>
#include <string.h>

#define BUSY_SIZE 500
#define SEEN_MAX 8
#define UPLOAD_SEED 3

/* --- one transfer ----------------------------------------------------------
 */

struct part {
  struct transfer transfer;
  struct upload upload;
};

static void complain(struct scene_result *result, const struct part *part,
                     const char *what) {
  const struct transfer *transfer = &part->transfer;
  long status = 0;

  if (result->trouble[0])
    return;
  curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
  snprintf(result->trouble, sizeof result->trouble,
           "%s: %s: code %d, status %ld, %lld bytes, %d status lines, "
           "%zu requests",
           transfer->key, what, (int)transfer->code, status, transfer->got,
           transfer->heads, server_count(transfer->key));
}

/* The plan with BUSY and KEY spelled out. */
static void spell(const struct scene *scene, const char *key, char *plan,
                  size_t size) {
  const char *at = scene->plan;
  size_t used = 0;

  while (*at && used < size - 64) {
    if (!strncmp(at, "BUSY", 4)) {
      used += (size_t)snprintf(plan + used, size - used, "503:size=%d:seed=%s",
                               BUSY_SIZE, key);
      at += 4;
    } else if (!strncmp(at, "KEY", 3)) {
      used += (size_t)snprintf(plan + used, size - used, "%s", key);
      at += 3;
    } else {
      plan[used++] = *at++;
    }
  }
  plan[used] = 0;
}

static void set_options(const struct scene *scene, struct part *part) {
  transfer_set(&part->transfer);
  if (scene->set)
    scene->set(&part->transfer);
}

/* `curl`: a handle to be used; NULL: a new one. */
static void begin(const struct scene *scene, struct part *part,
                  const char *key, int number, CURL *curl) {
  struct transfer *transfer = &part->transfer;
  char name[32], plan[400];

  snprintf(name, sizeof name, "%s-%d", key, number);
  spell(scene, name, plan, sizeof plan);
  transfer_begin(transfer, name, plan, scene->size);
  if (curl) {
    curl_easy_cleanup(transfer->curl);
    transfer->curl = curl;
  }
  if (scene->ends_busy)
    transfer->size = BUSY_SIZE;
  set_options(scene, part);
  if (!scene->upload)
    return;
  upload_init(&part->upload, scene->is_post ? SOURCE_READ_POST : SOURCE_READ,
              (size_t)scene->upload, UPLOAD_SEED);
  part->upload.most = 60000;
  upload_put(&part->upload, transfer->curl);
}

static void end(const struct scene *scene, struct part *part) {
  transfer_end(&part->transfer);
  if (scene->upload)
    upload_free(&part->upload);
}

static bool has_code(const struct scene *scene, int code) {
  for (int i = 0; i < SCENE_CODES; i++)
    if (code && scene->codes[i] == code)
      return true;
  return false;
}

/* By the server, which is asked once. */
static struct hash upload_sum;

void scene_prepare(const struct scene *scene) {
  struct upload upload;

  if (!scene->upload)
    return;
  upload_init(&upload, SOURCE_READ, (size_t)scene->upload, UPLOAD_SEED);
  upload_sum = hash_of(upload.bytes, upload.size);
  upload_free(&upload);
}

/* What arrived whole at the server is the upload. */
static void judge_upload(const struct part *part,
                         struct scene_result *result) {
  const struct upload *upload = &part->upload;
  struct seen seen[SEEN_MAX];
  size_t count = server_saw(part->transfer.key, seen, SEEN_MAX);

  /* 8.7 to 8.13 go on after a rewind that failed, if we don't end it */
  if (upload->calls_after_end && is_libcurl(0x080700, 0x080e00))
    return;
  if (upload->calls_after_end)
    complain(result, part, "the callback was called after its end");
  for (size_t i = 0; i < count; i++)
    if (seen[i].is_whole && strcmp(seen[i].hash, upload_sum.text) != 0)
      complain(result, part, "another upload");
}

static void judge(const struct scene *scene, const struct part *part,
                  struct scene_result *result) {
  const struct transfer *transfer = &part->transfer;
  size_t requests = server_count(transfer->key);
  bool is_answer =
      transfer->code == CURLE_OK && transfer->heads == scene->way + 1;
  long status = 0;
  bool is_right, is_busy;

  curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
  is_right = is_answer && status / 100 == 2 && transfer->got == scene->size;
  is_busy = is_answer && status == 503 &&
            transfer->got == (scene->is_empty ? 0 : BUSY_SIZE);
  if (transfer->trouble)
    complain(result, part, transfer->trouble);
  if (result->may_fail &&
      (transfer->code || (scene->loop && !transfer->messages))) {
    result->is_rescued = false;
    return;
  }
  if (scene->loop && transfer->messages != 1)
    complain(result, part, "not one message");
  if (requests > scene->requests)
    complain(result, part, "too many requests");
  if (!is_right && !(is_busy && scene->may_be_busy) &&
      !has_code(scene, (int)transfer->code))
    complain(result, part, "another end");
  if (scene->upload)
    judge_upload(part, result);
  if (scene->ends_broken)
    is_right = transfer->code != CURLE_OK;
  if (!(scene->ends_busy ? is_busy : is_right))
    result->is_rescued = false;
}

/* --- the ways to transfer --------------------------------------------------
 */

static void play_easy(const struct scene *scene, const char *key,
                      struct scene_result *result) {
  struct part part;

  begin(scene, &part, key, 0, NULL);
  part.transfer.code = curl_easy_perform(part.transfer.curl);
  judge(scene, &part, result);
  end(scene, &part);
}

/* The first handle is reset and used again afterwards. */
static void play_copy(const struct scene *scene, const char *key,
                      struct scene_result *result) {
  struct part first, second, third;
  CURL *copy;

  begin(scene, &first, key, 0, NULL);
  if (!first.transfer.curl) { /* libcurl's duphandle() would crash */
    result->is_rescued = false;
    return;
  }
  copy = curl_easy_duphandle(first.transfer.curl);
  begin(scene, &second, key, 1, copy);
  second.transfer.code = curl_easy_perform(copy);
  judge(scene, &second, result);
  end(scene, &second);
  first.transfer.code = curl_easy_perform(first.transfer.curl);
  judge(scene, &first, result);
  curl_easy_reset(first.transfer.curl);
  begin(scene, &third, key, 2, first.transfer.curl);
  third.transfer.code = curl_easy_perform(third.transfer.curl);
  judge(scene, &third, result);
  end(scene, &third);
}

static void play_multi(const struct scene *scene, const char *key,
                       struct scene_result *result) {
  struct part parts[2];
  struct transfer transfers[2];
  struct crowd crowd = {transfers, 2, false};
  struct drive drive;

  drive_open(&drive, loop_named(scene->loop), crowd_turn, &crowd);
  for (int i = 0; i < 2; i++) {
    begin(scene, &parts[i], key, i, NULL);
    transfers[i] = parts[i].transfer;
    set_options(scene, &parts[i]);
    transfers[i].stays = true;
    curl_easy_setopt(transfers[i].curl, CURLOPT_WRITEDATA, &transfers[i]);
    curl_easy_setopt(transfers[i].curl, CURLOPT_HEADERDATA, &transfers[i]);
    curl_easy_setopt(transfers[i].curl, CURLOPT_PRIVATE, &transfers[i]);
  }
  crowd_add(&drive);
  (void)drive_end(&drive);
  for (int i = 0; i < 2; i++) {
    parts[i].transfer = transfers[i];
    if (drive.trouble && !result->may_fail)
      complain(result, &parts[i], drive.trouble);
    judge(scene, &parts[i], result);
    (void)drive_remove(&drive, transfers[i].curl);
    end(scene, &parts[i]);
  }
  drive_close(&drive);
}

void scene_play(const struct scene *scene, const char *key,
                struct scene_result *result) {
  result->trouble[0] = 0;
  result->is_rescued = true;
  if (scene->loop)
    play_multi(scene, key, result);
  else if (scene->is_copied)
    play_copy(scene, key, result);
  else
    play_easy(scene, key, result);
}

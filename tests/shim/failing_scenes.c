/* The scenes. */
#define _GNU_SOURCE
#include "failing_scene.h"

#include <string.h>

#define USUAL                                                                 \
  "CURLRETRY_BASE_DELAY=1ms", "CURLRETRY_JITTER=none",                        \
      "CURLRETRY_METHODS=all", "CURLRETRY_MAX_RETRIES=2"
#define NO_BUDGET "CURLRETRY_BUDGET=off"

static const char *const usual[] = {USUAL, NO_BUDGET, NULL};
static const char *const early[] = {USUAL, NO_BUDGET,
                                    "CURLRETRY_HOLD_BYTES=16K", NULL};
static const char *const idempotent[] = {USUAL, NO_BUDGET,
                                         "CURLRETRY_METHODS=idempotent", NULL};
static const char *const spooling[] = {USUAL, NO_BUDGET,
                                       "CURLRETRY_SNAPSHOT_MEMORY=64K", NULL};
static const char *const kept[] = {USUAL, NO_BUDGET,
                                   "CURLRETRY_MAX_TIME=120ms",
                                   "CURLRETRY_MAX_RETRIES=1", NULL};
static const char *const logged[] = {USUAL,
                                     NO_BUDGET,
                                     "CURLRETRY_LOG_LEVEL=debug",
                                     "CURLRETRY_LOG_FORMAT=json",
                                     "CURLRETRY_TRACE=./trace",
                                     NULL};
static const char *const of_user[] = {USUAL, "CURLRETRY_BUDGET_SCOPE=user",
                                      NULL};
static const char *const before[] = {USUAL, NO_BUDGET,
                                     "CURLRETRY_FAULTS=connect:first=1", NULL};
static const char *const after[] = {USUAL, NO_BUDGET,
                                    "CURLRETRY_FAULTS=reset:first=1", NULL};
static const char *const answered[] = {USUAL, NO_BUDGET,
                                       "CURLRETRY_FAULTS=503:first=1", NULL};

/* What the shim remembers as text. */
static void set_texts(struct transfer *transfer) {
  CURL *curl = transfer->curl;
  static char error[CURL_ERROR_SIZE];

  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "none");
  curl_easy_setopt(curl, CURLOPT_NETRC_FILE, "none");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

static void set_follow(struct transfer *transfer) {
  curl_easy_setopt(transfer->curl, CURLOPT_FOLLOWLOCATION, 1L);
}

static void set_tunnel(struct transfer *transfer) {
  struct url proxy = url_of("", "");

  *strchr(proxy.text + strlen("http://"), '/') = 0;
  curl_easy_setopt(transfer->curl, CURLOPT_PROXY, proxy.text);
  curl_easy_setopt(transfer->curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

const struct scene scenes[] = {
    {.name = "status",
     .policy = usual,
     .plan = "BUSY,BODY",
     .size = 20000,
     .may_be_busy = true,
     .requests = 2,
     .set = set_texts},
    {.name = "held",
     .policy = usual,
     .plan = "BODY:chunked:close@9000,BODY:chunked",
     .size = 20000,
     .codes = {CURLE_PARTIAL_FILE},
     .requests = 2},
    {.name = "resumed",
     .policy = early,
     .plan = "BODY:etag=a:ranges:close@60000,BODY:etag=a:ranges",
     .size = 99999,
     .codes = {CURLE_PARTIAL_FILE},
     .requests = 2},
    {.name = "skipped",
     .policy = early,
     .plan = "BODY:chunked:close@60000,BODY:chunked",
     .size = 99999,
     .codes = {CURLE_PARTIAL_FILE},
     .requests = 2},
    {.name = "kept",
     .policy = kept,
     .plan = "BUSY,hang",
     .ends_busy = true,
     .may_be_busy = true,
     .requests = 2},
    {.name = "redirect",
     .policy = usual,
     .plan = "302:next,BUSY,302:next,BODY",
     .size = 20000,
     .may_be_busy = true,
     .way = 1,
     .requests = 4,
     .set = set_follow},
    {.name = "tunnel",
     .policy = usual,
     .plan = "BUSY,BODY",
     .size = 20000,
     .may_be_busy = true,
     .way = 1,
     .requests = 2,
     .set = set_tunnel},
    {.name = "post",
     .policy = usual,
     .plan = "close,201:size=1000:seed=KEY",
     .size = 1000,
     .codes = {CURLE_GOT_NOTHING},
     .way = 1,
     .requests = 2,
     .upload = 20000,
     .is_post = true},
    {.name = "post-once",
     .policy = idempotent,
     .plan = "close,201:size=1000:seed=KEY",
     .size = 1000,
     .ends_broken = true,
     .codes = {CURLE_GOT_NOTHING},
     .way = 1,
     .requests = 1,
     .upload = 20000,
     .is_post = true},
    {.name = "spool",
     .policy = spooling,
     .plan = "BUSY,201:size=1000:seed=KEY",
     .size = 1000,
     .may_be_busy = true,
     .way = 1,
     .requests = 2,
     .upload = 300000},
    {.name = "spool-cut",
     .policy = spooling,
     .plan = "upclose@200000,201:size=1000:seed=KEY",
     .size = 1000,
     .codes = {CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR},
     .way = 1,
     .requests = 2,
     .upload = 300000},
    {.name = "spool-moved",
     .policy = spooling,
     .plan = "307:next,201:size=1000:seed=KEY",
     .size = 1000,
     .codes = {CURLE_SEND_FAIL_REWIND},
     .way = 3,
     .requests = 2,
     .upload = 300000,
     .set = set_follow},
    {.name = "logged",
     .policy = logged,
     .plan = "BUSY,BODY",
     .size = 20000,
     .may_be_busy = true,
     .requests = 2},
    {.name = "user",
     .policy = of_user,
     .plan = "BUSY,BODY",
     .size = 20000,
     .may_be_busy = true,
     .requests = 2},
    {.name = "fault-connect",
     .policy = before,
     .plan = "BODY",
     .size = 20000,
     .codes = {CURLE_COULDNT_CONNECT},
     .requests = 1},
    {.name = "fault-reset",
     .policy = after,
     .plan = "BODY",
     .size = 20000,
     .codes = {CURLE_GOT_NOTHING, CURLE_RECV_ERROR},
     .requests = 1},
    {.name = "fault-status",
     .policy = answered,
     .plan = "BODY",
     .size = 20000,
     .may_be_busy = true,
     .is_empty = true,
     .requests = 1},
    {.name = "copy",
     .policy = usual,
     .plan = "BUSY,BODY",
     .size = 20000,
     .may_be_busy = true,
     .requests = 2,
     .is_copied = true,
     .set = set_texts},
    {.name = "poll",
     .policy = usual,
     .plan = "BUSY,BODY:chunked:close@9000,BODY:chunked",
     .size = 20000,
     .may_be_busy = true,
     .codes = {CURLE_PARTIAL_FILE},
     .requests = 3,
     .loop = "poll"},
    {.name = "select",
     .policy = usual,
     .plan = "BUSY,BODY",
     .size = 20000,
     .may_be_busy = true,
     .requests = 2,
     .loop = "select-fixed"},
    {.name = "epoll",
     .policy = early,
     .plan = "BUSY,BODY:chunked:close@9000,BODY:chunked",
     .size = 20000,
     .may_be_busy = true,
     .codes = {CURLE_PARTIAL_FILE},
     .requests = 3,
     .loop = "epoll"},
};

const size_t scene_count = COUNT(scenes);

/* test_random_upload.c - uploads with everything drawn by lot: where the
 * bytes come from and in which pieces, what the read callback does, how the
 * request, the connection and the answer fail, what the program does with the
 * answer. Each body that came whole is the program's, each broken one a prefix
 * of it; the program is asked for each byte once unless its own seek was used;
 * a request that must not be repeated isn't; where every failure can be got
 * over the code is 0; and the answer is right as in test_random.c. */
#include "lot_run.h"

#define KEPT_ALL (1LL << 40)

/* 1M in memory, then files */
static const char *const all[] = {"CURLRETRY_HOLD_TIME=off",
                                  "CURLRETRY_HOLD_BYTES=4M", NULL};
static const char *const spooled[] = {
    "CURLRETRY_HOLD_TIME=off", "CURLRETRY_HOLD_BYTES=4M",
    "CURLRETRY_SNAPSHOT_MEMORY=4K", "CURLRETRY_METHODS=all", NULL};
static const char *const small[] = {
    "CURLRETRY_HOLD_TIME=off", "CURLRETRY_HOLD_BYTES=4M",
    "CURLRETRY_SNAPSHOT_MEMORY=4K", "CURLRETRY_SNAPSHOT_DISK=256K", NULL};
static const char *const in_memory[] = {
    "CURLRETRY_HOLD_TIME=1ms",       "CURLRETRY_HOLD_BYTES=4K",
    "CURLRETRY_SNAPSHOT_MEMORY=64K", "CURLRETRY_SNAPSHOT_DISK=off",
    "CURLRETRY_METHODS=all",         NULL};
static const char *const on_disk[] = {"CURLRETRY_HOLD_BYTES=1",
                                      "CURLRETRY_SNAPSHOT_MEMORY=off",
                                      "CURLRETRY_SNAPSHOT_DISK=100K", NULL};
static const char *const nothing[] = {
    "CURLRETRY_HOLD_TIME=off",       "CURLRETRY_HOLD_BYTES=4M",
    "CURLRETRY_SNAPSHOT_MEMORY=off", "CURLRETRY_SNAPSHOT_DISK=off",
    "CURLRETRY_METHODS=all",         NULL};

static const struct lot_scene scenes[] = {
    {"keep-all", all, .holds_all = true, .kept = KEPT_ALL},
    {"keep-in-a-file", spooled, .holds_all = true, .repeats_all = true,
     .kept = KEPT_ALL},
    {"keep-little", small, .holds_all = true, .kept = 260 << 10},
    {"keep-in-memory", in_memory, .repeats_all = true, .kept = 64 << 10},
    {"keep-on-disk", on_disk, .kept = 100 << 10},
    {"keep-nothing", nothing, .holds_all = true, .repeats_all = true},
};

int main(int argc, char **argv) {
  static const struct lot_run run = {.scenes = scenes,
                                     .scene_count = COUNT(scenes),
                                     .draw = lot_draw_upload,
                                     .usual = 2000,
                                     .in_a_long = 8000};

  return lot_run(argc, argv, &run);
}

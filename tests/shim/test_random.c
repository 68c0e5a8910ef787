/* test_random.c - transfers with everything drawn by lot: size, framing,
 * encoding, validators, where and how they break, what the program's callbacks
 * do. What the program got is a prefix of the one version whose headers it
 * saw; all of it when the code is 0; and where every failure can be got over,
 * the code is 0. */
#include "lot_run.h"

static const char *const hold_everything[] = {"CURLRETRY_HOLD_TIME=off", NULL};
static const char *const hold_a_byte[] = {"CURLRETRY_HOLD_BYTES=1", NULL};
static const char *const hold_little[] = {"CURLRETRY_HOLD_BYTES=4K",
                                          "CURLRETRY_HOLD_TIME=off", NULL};
static const char *const hold_some[] = {"CURLRETRY_HOLD_BYTES=64K", NULL};
static const char *const hold_no_time[] = {"CURLRETRY_HOLD_BYTES=20K",
                                           "CURLRETRY_HOLD_TIME=1ms", NULL};
static const char *const no_resume[] = {"CURLRETRY_HOLD_BYTES=16K",
                                        "CURLRETRY_RESUME=off", NULL};

static const struct lot_scene scenes[] = {
    {"hold-everything", hold_everything, .resumes = true},
    {"hold-a-byte", hold_a_byte, .resumes = true},
    {"hold-little", hold_little, .resumes = true},
    {"hold-some", hold_some, .resumes = true},
    {"hold-no-time", hold_no_time, .resumes = true, .shows_headers = true},
    {"no-resume", no_resume, .resumes = false},
};

int main(int argc, char **argv) {
  static const struct lot_run run = {.scenes = scenes,
                                     .scene_count = COUNT(scenes),
                                     .draw = lot_draw,
                                     .usual = 3000,
                                     .in_a_long = 8000};

  return lot_run(argc, argv, &run);
}

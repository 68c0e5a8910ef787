/* failing_scene.h - transfers of all kinds that fail and are retried, to be
 * made while something in the shim fails. What must hold then: the program
 * gets the right bytes, all of them, or how the transfer would have ended
 * without the shim; no request is sent that may not be.
 */
#ifndef CURLRETRY_SHIM_FAILING_SCENE_H
#define CURLRETRY_SHIM_FAILING_SCENE_H

#include "multi_transfer.h"

#define SCENE_CODES 3

struct scene {
  const char *name;
  const char *const *policy;
  const char *plan; /* as a transfer's; BUSY is a 503 with a body */
  long long size;   /* of the body that should come */
  bool ends_busy;   /* the 503 is what the program gets when nothing fails */
  bool ends_broken; /* or an error */
  bool may_be_busy; /* it would have got that without the shim */
  bool is_empty;    /* a 503 without a body */
  int codes[SCENE_CODES]; /* or one of these */
  int way;                /* status lines before the answer's */
  size_t requests;        /* at most */
  long long upload;       /* bytes; 0: a GET */
  bool is_post;
  const char *loop; /* of two transfers of a multi handle; NULL: easy */
  bool is_copied;   /* the second one with a copy of the first one's handle */
  void (*set)(struct transfer *transfer); /* more options; or NULL */
};

extern const struct scene scenes[];
extern const size_t scene_count;

struct scene_result {
  bool may_fail;     /* to be set: libcurl is out of memory, too, so any error
                        will do */
  char trouble[300]; /* "": as it must be */
  bool is_rescued;   /* it ended as it does when nothing fails */
};

/* Once a process, before. */
void scene_prepare(const struct scene *scene);

/* All of it, from the first handle's init to the last one's cleanup. `key` is
 * at most 24 bytes long. No test fails here. */
void scene_play(const struct scene *scene, const char *key,
                struct scene_result *result);

#endif

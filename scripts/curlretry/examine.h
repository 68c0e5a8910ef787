/* examine.h - what a program's objects have to do with libcurl. */
#ifndef CURLRETRY_EXAMINE_H
#define CURLRETRY_EXAMINE_H

#include "objects.h"
#include "policy.h"

/* What a program may import. */
enum use {
  USE_PERFORM,      /* curl_easy_perform */
  USE_MULTI,        /* the functions that drive a multi handle */
  USE_CONNECT_ONLY, /* curl_easy_send and curl_easy_recv */
  USE_DLSYM,        /* of the program itself */
  USE_DLOPEN,
  USE_COUNT
};

#define LIBCURLS_MAX 4
#define VERSION_SIZE 24

struct libcurl_copy {
  const char *path;
  char version[VERSION_SIZE];
  const char *flavour; /* "OpenSSL" */
};

struct examination {
  const char *uses[USE_COUNT]; /* the first object that does; NULL: none */
  struct libcurl_copy shared[LIBCURLS_MAX];
  size_t shared_count;
  struct libcurl_copy inside; /* linked in statically; no path: none */
  const char *looked_up;      /* a function it has the name of, for dlsym */
  bool has_loader; /* it, or a library that it needs, imports dlopen */
};

void examine(struct examination *found, const struct objects *objects);

/* How far its transfers are reached by a library with this policy. */
enum reach {
  REACH_NO_LIBCURL,
  REACH_UNUSED,    /* it has one and transfers nothing with it */
  REACH_INSIDE,    /* a static copy calls itself */
  REACH_MULTI_OFF, /* it drives multi handles, which the policy leaves out */
  REACH_LOOKED_UP, /* it asks dlsym for the functions */
  REACH_EASY_ONLY, /* both, and the policy leaves the multi interface out */
  REACH_WHOLE
};
enum reach examine_reach(const struct examination *found,
                         const struct policy *policy);
static inline bool reach_is_reached(enum reach reach) {
  return reach >= REACH_LOOKED_UP;
}

#endif

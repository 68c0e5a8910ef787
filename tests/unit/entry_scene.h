/* entry_scene.h - a program that calls the interposed functions, on a libcurl
 * of any version without network: an easy handle and a multi handle, whose
 * transfers a test plays in the program's drive calls.
 */
#ifndef CURLRETRY_ENTRY_SCENE_H
#define CURLRETRY_ENTRY_SCENE_H

#include "fake_libcurl.h"

#include "interpose/entry.h"

/* An interposed function is entered here. */
#define ENTERED                                                               \
  ((struct entrance){&libcurl.library, NULL, __builtin_frame_address(0)})

/* CURLMOPT_NOTIFYFUNCTION(3) and its friends, of 8.17. */
#define NOTIFY_INFO_READ 0u
#define NOTIFY_EASY_DONE 1u

struct entry_scene {
  int64_t now;
  struct policy policy;
  char multi; /* its address is the CURLM's */

  void (*on_write)(void); /* what the program does in its write callback */
  struct options options; /* of the easy handle, as it set them */

  /* what libcurl is to do */
  void (*plays)(void); /* in curl_multi_perform(), curl_easy_perform() */
  CURLMcode refusal;   /* the answer of functions of a multi handle's */
  CURLMcode addition;  /* the same of curl_multi_add_handle() alone */
  CURLMcode removal;   /* ... of curl_multi_remove_handle() */
  CURLMsg messages[4]; /* to be read there */
  size_t message_count;
  int running;
  unsigned descriptors; /* to be waited for: numbers 100, 101, ... */
  curl_off_t counted;   /* by curl_multi_get_offt() */

  /* what it was told */
  struct options multi_options;
  unsigned notifications; /* enabled: a bit each */
  size_t cleanups;        /* of easy handles */
  size_t removals;        /* from the multi handle */
};

extern struct entry_scene entry_scene;

/* The setup and the teardown of each test: libcurl of that version. */
int entry_begin(unsigned version);

/* The same, where the program has both its handles, one in the other. */
int entry_begin_added(unsigned version);
int entry_end(void **unused);

static inline CURLM *the_multi(void) { return (CURLM *)&entry_scene.multi; }
static inline CURL *the_easy(void) { return (CURL *)&libcurl.handle; }
static inline CURL *the_copy(void) { return (CURL *)&libcurl.copy; }

/* The program makes its handles: http://host/path, and nothing is written. */
void program_makes_easy(void);
void program_makes_multi(void);

/* It adds the one to the other, and drives that; how many run. */
void program_adds(void);
int program_drives(void);

/* The first attempt has failed, the retry waits for a second. */
void program_comes_to_wait(void);

/* It reads the message of that handle's end. */
void program_reads(const CURL *curl, CURLcode code);

/* The transfer of the easy handle comes to a 503, to a 200; to one of unknown
 * length, which is handed over after it: to be set as what libcurl plays. */
void plays_busy(void);
void plays_fine(void);
void plays_unsized(void);
void plays_nothing(void);

/* libcurl has a message. */
void libcurl_is_done(CURL *curl, CURLcode code);

/* What it calls back, as the option on the multi handle says. A stream that
 * is pushed has a copy of the easy handle. */
void libcurl_notifies(unsigned notification, CURL *easy);
int libcurl_pushes(void);

#endif

/* soak.h - a program that lives long and makes many transfers of every kind,
 * against the servers of tests/soak/servers.sh, for soak.sh: in threads by
 * curl_easy_perform(), or many at once by curl_multi_poll() or epoll. It looks
 * at every byte, prints a line a transfer, and at the end what of its memory
 * and descriptors is left.
 *
 * A transfer depends on the seed and its own number alone.
 */
#ifndef CURLRETRY_SOAK_H
#define CURLRETRY_SOAK_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- what there is to be had: world.c ------------------------------------ */

/* A file that the servers have. */
struct body {
  char name[16];
  const unsigned char *bytes;
  size_t size;
};

enum scheme { SCHEME_HTTP, SCHEME_FTP, SCHEME_SFTP };

/* A way to a server: a line of the file: NAME SCHEME VERSION URL PROXY STORE
 * WEIGHT, "-" for none. */
struct server {
  char name[24];
  enum scheme scheme;
  long version; /* CURLOPT_HTTP_VERSION */
  char url[128];
  char proxy[64];
  char store[256]; /* where uploads come to lie, and links to bodies */
  unsigned weight;
};

struct world {
  struct body *bodies;
  size_t body_count;
  struct server servers[16];
  size_t server_count;
  unsigned weights; /* the sum */
  char files[256];  /* the bodies' folder */
  const char *name; /* of this process: part of the keys */
  unsigned long long seed;
  FILE *out;
};
extern struct world world;

/* False: a message was printed. */
bool world_open(const char *files, const char *servers);

/* Whether a file is this body, byte for byte. */
bool world_is_file(const char *path, const struct body *body);

/* Milliseconds of the monotonic clock. */
long long now_ms(void);

/* --- one transfer: draw.c, job.c, look.c --------------------------------- */

enum operation { OP_GET, OP_RANGE, OP_GZIP, OP_HEAD, OP_PUT, OP_POST, OPS };

/* Where an upload comes from. */
enum source {
  SOURCE_NONE,
  SOURCE_FIELDS, /* POSTFIELDS */
  SOURCE_READ,   /* a callback that can't go back */
  SOURCE_CHUNKS, /* the same, of unknown length */
  SOURCE_SEEK,   /* ... that can */
  SOURCE_FILE,   /* the default callback on a FILE * */
  SOURCES
};

struct job {
  CURL *curl; /* kept from job to job */

  /* drawn */
  unsigned long long state; /* of the generator */
  unsigned number;
  char id[40];
  const struct server *server;
  const struct body *body;
  enum operation operation;
  enum source source;
  size_t first, last;   /* of the body: what is wanted */
  size_t pause_at;      /* byte; SIZE_MAX: never */
  long long give_up_ms; /* after so long the program takes it away; 0: never */
  long timeout_ms;      /* CURLOPT_TIMEOUT_MS; 0: none */

  /* what came of it */
  char url[640];
  char stored[512]; /* where the upload is to lie; "" elsewhere */
  char linked[512]; /* a link to the body, for FTP and SFTP; or "" */
  struct curl_slist *headers;
  FILE *file;
  size_t got;
  size_t read_at;
  unsigned blocks; /* final header blocks */
  bool is_paused;
  bool is_running;
  const char *trouble; /* the first one; NULL: none */
  long long began_at;
};

unsigned draw_below(struct job *job, unsigned limit);
void job_draw(struct job *job, unsigned number);

/* Draws a transfer and sets its options; curl_easy_reset() before. */
void job_begin(struct job *job, unsigned number);

/* To be called at times: goes on with what is paused. True: the program takes
 * the transfer away now. */
bool job_tick(struct job *job);

/* Looks at what came of it and prints its line. `code`: the CURLcode; -1: it
 * was taken away. */
void job_end(struct job *job, int code);

/* Looks at the answer. */
size_t look_at_body(char *bytes, size_t size, size_t count, void *data);
size_t look_at_header(char *bytes, size_t size, size_t count, void *data);
void look_at_end(struct job *job, int code, long status);
void job_complain(struct job *job, const char *trouble);

/* --- who drives: easy.c, multi.c ----------------------------------------- */

/* Transfers from `first` on, `width` at once; all handles are new and are
 * closed afterwards. */
void easy_run(unsigned first, unsigned count, unsigned width);
void poll_run(unsigned first, unsigned count, unsigned width);
void epoll_run(unsigned first, unsigned count, unsigned width);

#endif

/* Bodies that are no forms, and what all have. */
#define _GNU_SOURCE
#include "upload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHIFT 11 /* bytes of the FILE that don't belong to the body */

const char *upload_name(enum source source) {
  static const char *const names[SOURCES] = {
      "read",      "read-seek",    "read-ioctl", "read-stuck", "read-post",
      "offset",    "offset-fread", "pipe",       "fread",      "terminal",
      "fields",    "binary",       "copied",     "mime-data",  "mime-file",
      "mime-seek", "mime-read",    "form",       "form-read"};

  return names[source];
}

bool upload_is_read(const struct upload *upload) {
  return upload->source <= SOURCE_READ_POST ||
         upload->source == SOURCE_MIME_SEEK ||
         upload->source == SOURCE_MIME_READ ||
         upload->source == SOURCE_FORM_READ;
}

bool upload_is_form(const struct upload *upload) {
  return upload->source >= SOURCE_MIME_DATA;
}

/* --- the program's callbacks ----------------------------------------------
 */

size_t upload_read(char *buffer, size_t size, size_t count, void *data) {
  struct upload *upload = data;
  size_t length = size * count;

  upload->calls_after_end += upload->has_ended;
  if (length > upload->most)
    length = upload->most;
  if (length > upload->size - upload->at)
    length = upload->size - upload->at;
  memcpy(buffer, upload->bytes + upload->at, length);
  upload->at += length;
  upload->taken += (long long)length;
  upload->has_ended = length == 0;
  return length;
}

int upload_seek(void *data, curl_off_t offset, int origin) {
  struct upload *upload = data;

  upload->seeks++;
  if (upload->source == SOURCE_READ_STUCK)
    return CURL_SEEKFUNC_FAIL;
  if (origin != SEEK_SET || offset < 0 || (size_t)offset > upload->size)
    return CURL_SEEKFUNC_FAIL;
  upload->at = (size_t)offset;
  upload->has_ended = false;
  return CURL_SEEKFUNC_OK;
}

static curlioerr on_ioctl(CURL *curl, int command, void *data) {
  struct upload *upload = data;

  (void)curl;
  if (command != CURLIOCMD_RESTARTREAD)
    return CURLIOE_UNKNOWNCMD;
  return upload->seek(upload->data, 0, SEEK_SET) ? CURLIOE_FAILRESTART
                                                 : CURLIOE_OK;
}

/* --- files ----------------------------------------------------------------
 */

void upload_write(FILE *file, const char *bytes, size_t length) {
  if (fwrite(bytes, 1, length, file) != length || fflush(file))
    fail_msg("no room");
}

static void open_file(struct upload *upload) {
  upload->file = tmpfile();
  upload_write(upload->file, "not a part ", SHIFT);
  upload_write(upload->file, upload->bytes, upload->size);
  fseek(upload->file, SHIFT, SEEK_SET);
}

static void put_file(struct upload *upload) {
  if (upload->source <= SOURCE_OFFSET_FREAD)
    open_file(upload);
  else
    upload_feed(upload);
  curl_easy_setopt(upload->curl, CURLOPT_READDATA, upload->file);
  curl_easy_setopt(upload->curl, CURLOPT_READFUNCTION,
                   upload->source == SOURCE_OFFSET_FREAD ||
                           upload->source == SOURCE_FREAD
                       ? fread
                       : NULL);
}

/* --- all of it ------------------------------------------------------------
 */

static void put_callback(struct upload *upload) {
  CURL *curl = upload->curl;

  curl_easy_setopt(curl, CURLOPT_READFUNCTION, upload->read);
  curl_easy_setopt(curl, CURLOPT_READDATA, upload->data);
  if (upload->source == SOURCE_READ_SEEK ||
      upload->source == SOURCE_READ_STUCK) {
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, upload->seek);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, upload->data);
  } else if (upload->source == SOURCE_READ_IOCTL) {
    curl_easy_setopt(curl, CURLOPT_IOCTLFUNCTION, on_ioctl);
    curl_easy_setopt(curl, CURLOPT_IOCTLDATA, upload);
  }
}

/* The method and the length of what comes from a callback or a FILE. */
static void put_method(struct upload *upload) {
  CURL *curl = upload->curl;
  curl_off_t length = upload->is_chunked ? -1 : (curl_off_t)upload->size;

  if (!upload->is_post) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, length);
    return;
  }
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, length);
  if (upload->is_chunked) {
    upload->headers =
        curl_slist_append(upload->headers, "Transfer-Encoding: chunked");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, upload->headers);
  }
}

static void put_fields(struct upload *upload) {
  CURL *curl = upload->curl;

  /* of a copy the length has to be known first */
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                   upload->source == SOURCE_BINARY ? (curl_off_t)upload->size
                                                   : (curl_off_t)-1);
  curl_easy_setopt(curl,
                   upload->source == SOURCE_COPIED ? CURLOPT_COPYPOSTFIELDS
                                                   : CURLOPT_POSTFIELDS,
                   upload->bytes);
}

/* Bytes that the source can carry: a C string has no zero, a terminal has
 * lines. */
static void fill(struct upload *upload, unsigned long long seed) {
  bool is_text =
      upload->source == SOURCE_FIELDS || upload->source == SOURCE_COPIED;
  bool is_lines = upload->source == SOURCE_TERMINAL;

  unsigned long long word = 0;

  upload->bytes = malloc(upload->size + 1);
  for (size_t i = 0; i < upload->size; i++) {
    word = i % 8 ? word >> 8 : upload_word(seed, i / 8);
    unsigned char byte = (unsigned char)word;
    if (is_text || is_lines)
      byte = (unsigned char)('a' + byte % 26);
    if (is_lines && (i % 64 == 63 || i + 1 == upload->size))
      byte = '\n';
    upload->bytes[i] = (char)byte;
  }
  upload->bytes[upload->size] = 0;
}

void upload_init(struct upload *upload, enum source source, size_t size,
                 unsigned long long seed) {
  memset(upload, 0, sizeof *upload);
  upload->source = source;
  upload->size = size;
  upload->most = 5000;
  upload->read = upload_read;
  upload->seek = upload_seek;
  upload->data = upload;
  upload->writer_end = -1;
  upload->is_post = source == SOURCE_READ_POST;
  upload->is_chunked = source < SOURCE_FIELDS && source != SOURCE_READ_SEEK &&
                       source != SOURCE_READ_STUCK && source != SOURCE_OFFSET;
  fill(upload, seed);
}

void upload_put(struct upload *upload, CURL *curl) {
  upload->curl = curl;
  if (upload_is_form(upload)) {
    upload_put_form(upload);
  } else if (upload->source >= SOURCE_FIELDS) {
    put_fields(upload);
  } else {
    put_method(upload);
    if (upload->source <= SOURCE_READ_POST)
      put_callback(upload);
    else
      put_file(upload);
  }
}

void upload_free(struct upload *upload) {
  curl_mime_free(upload->mime);
  curl_formfree(upload->form);
  curl_slist_free_all(upload->headers);
  if (upload->file)
    fclose(upload->file);
  upload_starve(upload);
  if (*upload->path)
    unlink(upload->path);
  free(upload->bytes);
}

void upload_begin(struct upload *upload, enum source source, const char *key,
                  const char *plan, size_t size) {
  upload_init(upload, source, size, size);
  upload_put(upload, handle_for(key, plan));
}

void upload_end(struct upload *upload) {
  curl_easy_cleanup(upload->curl);
  upload_free(upload);
}

struct hash upload_hash(const struct upload *upload, const char *key,
                        size_t index) {
  size_t length;
  char *body = upload_body(upload, key, index, &length);
  struct hash hash = hash_of(body, length);

  free(body);
  return hash;
}

unsigned long long upload_word(unsigned long long seed,
                               unsigned long long index) {
  unsigned long long word = seed + (index + 1) * 0x9e3779b97f4a7c15ULL;

  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
  return word ^ (word >> 31);
}

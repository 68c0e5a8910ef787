/* Source of what libcurl makes of forms: RFC 7578. */
#define _GNU_SOURCE
#include "upload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHIFT 11 /* bytes of the FILE that don't belong to the body */

const char *upload_name(enum source source) {
  static const char *const names[] = {
      "read",      "read-seek", "read-ioctl", "read-post", "offset",
      "pipe",      "fread",     "fields",     "copied",    "mime-data",
      "mime-file", "mime-seek", "mime-read",  "form"};

  return names[source];
}

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

static int on_seek(void *data, curl_off_t offset, int origin) {
  struct upload *upload = data;

  upload->seeks++;
  if (origin != SEEK_SET || offset < 0 || (size_t)offset > upload->size)
    return CURL_SEEKFUNC_FAIL;
  upload->at = (size_t)offset;
  upload->has_ended = false;
  return CURL_SEEKFUNC_OK;
}

static curlioerr on_ioctl(CURL *curl, int command, void *data) {
  (void)curl;
  if (command != CURLIOCMD_RESTARTREAD)
    return CURLIOE_UNKNOWNCMD;
  return on_seek(data, 0, SEEK_SET) ? CURLIOE_FAILRESTART : CURLIOE_OK;
}

static void put_callback(struct upload *upload) {
  CURL *curl = upload->curl;

  if (upload->source == SOURCE_READ_POST) {
    upload->headers = curl_slist_append(NULL, "Transfer-Encoding: chunked");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, upload->headers);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
  } else {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  }
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, upload_read);
  curl_easy_setopt(curl, CURLOPT_READDATA, upload);
  if (upload->source == SOURCE_READ_SEEK) {
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, upload);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)upload->size);
  } else if (upload->source == SOURCE_READ_IOCTL) {
    curl_easy_setopt(curl, CURLOPT_IOCTLFUNCTION, on_ioctl);
    curl_easy_setopt(curl, CURLOPT_IOCTLDATA, upload);
  }
}

static void write_file(FILE *file, const char *bytes, size_t length) {
  if (fwrite(bytes, 1, length, file) != length || fflush(file))
    fail_msg("no room");
}

static void put_file(struct upload *upload) {
  CURL *curl = upload->curl;
  int ends[2];

  if (upload->source == SOURCE_OFFSET) {
    upload->file = tmpfile();
    write_file(upload->file, "not a part ", SHIFT);
    write_file(upload->file, upload->bytes, upload->size);
    fseek(upload->file, SHIFT, SEEK_SET);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)upload->size);
  } else {
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], upload->bytes, upload->size),
                     upload->size);
    close(ends[1]);
    upload->file = fdopen(ends[0], "r");
  }
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READDATA, upload->file);
  if (upload->source == SOURCE_FREAD)
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, fread);
}

static void put_mime(struct upload *upload) {
  curl_mimepart *part;

  upload->mime = curl_mime_init(upload->curl);
  part = curl_mime_addpart(upload->mime);
  curl_mime_name(part, "part");
  if (upload->source == SOURCE_MIME_DATA) {
    curl_mime_data(part, upload->bytes, upload->size);
  } else if (upload->source == SOURCE_MIME_FILE) {
    int file = mkstemp(strcpy(upload->path, "/tmp/shim-upload-XXXXXX"));
    upload->file = fdopen(file, "w");
    write_file(upload->file, upload->bytes, upload->size);
    curl_mime_filedata(part, upload->path);
  } else {
    curl_mime_data_cb(part, (curl_off_t)upload->size, upload_read,
                      upload->source == SOURCE_MIME_SEEK ? on_seek : NULL,
                      NULL, upload);
  }
  curl_easy_setopt(upload->curl, CURLOPT_MIMEPOST, upload->mime);
}

static void put_form(struct upload *upload) {
  struct curl_httppost *last = NULL;

  curl_formadd(&upload->form, &last, CURLFORM_COPYNAME, "part",
               CURLFORM_PTRCONTENTS, upload->bytes, CURLFORM_CONTENTLEN,
               (curl_off_t)upload->size, CURLFORM_END);
  curl_easy_setopt(upload->curl, CURLOPT_HTTPPOST, upload->form);
}

void upload_begin(struct upload *upload, enum source source, const char *key,
                  const char *plan, size_t size) {
  memset(upload, 0, sizeof *upload);
  upload->source = source;
  upload->curl = handle_for(key, plan);
  upload->size = size;
  upload->most = 5000;
  upload->bytes = malloc(size + 1);
  for (size_t i = 0; i < size; i++)
    upload->bytes[i] = (char)('a' + (i * 7 + i / 251 + i / 4099) % 26);
  upload->bytes[size] = 0;
  if (source <= SOURCE_READ_POST)
    put_callback(upload);
  else if (source <= SOURCE_FREAD)
    put_file(upload);
  else if (source >= SOURCE_MIME_DATA && source <= SOURCE_MIME_READ)
    put_mime(upload);
  else if (source == SOURCE_FORM)
    put_form(upload);
  else if (source == SOURCE_FIELDS)
    curl_easy_setopt(upload->curl, CURLOPT_POSTFIELDS, upload->bytes);
  else
    curl_easy_setopt(upload->curl, CURLOPT_COPYPOSTFIELDS, upload->bytes);
}

void upload_end(struct upload *upload) {
  curl_easy_cleanup(upload->curl);
  curl_mime_free(upload->mime);
  curl_formfree(upload->form);
  curl_slist_free_all(upload->headers);
  if (upload->file)
    fclose(upload->file);
  if (*upload->path)
    unlink(upload->path);
  free(upload->bytes);
}

/* The multipart text around the one part, with libcurl's boundary. */
static struct hash form_hash(const struct upload *upload, const char *key,
                             size_t index) {
  char type[256], name[128] = "";
  const char *boundary;
  struct hash hash;
  size_t length;
  char *text;
  FILE *out = open_memstream(&text, &length);

  server_header(key, index, "content-type", type, sizeof type);
  boundary = strstr(type, "boundary=");
  if (!boundary)
    fail_msg("%s: no boundary in '%s'", key, type);
  boundary += 9;
  if (*upload->path)
    snprintf(name, sizeof name,
             "; filename=\"%s\"\r\nContent-Type: application/octet-stream",
             strrchr(upload->path, '/') + 1);
  fprintf(out, "--%s\r\nContent-Disposition: form-data; name=\"part\"%s",
          boundary, name);
  fprintf(out, "\r\n\r\n%s\r\n--%s--\r\n", upload->bytes, boundary);
  fclose(out);
  hash = hash_of(text, length);
  free(text);
  return hash;
}

struct hash upload_hash(const struct upload *upload, const char *key,
                        size_t index) {
  if (upload->source >= SOURCE_MIME_DATA)
    return form_hash(upload, key, index);
  return hash_of(upload->bytes, upload->size);
}

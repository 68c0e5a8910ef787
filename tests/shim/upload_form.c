/* Forms, by curl_mime_*() and by curl_formadd(). Source of what libcurl makes
 * of them: RFC 7578. */
#define _GNU_SOURCE
#include "upload.h"

#include <stdlib.h>
#include <string.h>

static void put_file_part(struct upload *upload, curl_mimepart *part) {
  int file = mkstemp(strcpy(upload->path, "/tmp/shim-upload-XXXXXX"));

  upload->file = fdopen(file, "w");
  upload_write(upload->file, upload->bytes, upload->size);
  curl_mime_filedata(part, upload->path);
}

static void put_mime(struct upload *upload) {
  curl_mimepart *part;

  upload->mime = curl_mime_init(upload->curl);
  part = curl_mime_addpart(upload->mime);
  curl_mime_name(part, "part");
  if (upload->source == SOURCE_MIME_DATA)
    curl_mime_data(part, upload->bytes, upload->size);
  else if (upload->source == SOURCE_MIME_FILE)
    put_file_part(upload, part);
  else
    curl_mime_data_cb(part, upload->is_chunked ? -1 : (curl_off_t)upload->size,
                      upload->read,
                      upload->source == SOURCE_MIME_SEEK ? upload->seek : NULL,
                      NULL, upload->data);
  curl_easy_setopt(upload->curl, CURLOPT_MIMEPOST, upload->mime);
}

static void put_form(struct upload *upload) {
  struct curl_httppost *last = NULL;
  bool is_read = upload->source == SOURCE_FORM_READ;

  curl_formadd(&upload->form, &last, CURLFORM_COPYNAME, "part",
               is_read ? CURLFORM_STREAM : CURLFORM_PTRCONTENTS,
               is_read ? upload->data : upload->bytes, CURLFORM_CONTENTLEN,
               (curl_off_t)upload->size, CURLFORM_END);
  if (is_read)
    curl_easy_setopt(upload->curl, CURLOPT_READFUNCTION, upload->read);
  curl_easy_setopt(upload->curl, CURLOPT_HTTPPOST, upload->form);
}

void upload_put_form(struct upload *upload) {
  if (upload->source >= SOURCE_FORM)
    put_form(upload);
  else
    put_mime(upload);
}

/* The multipart text around the one part, with libcurl's boundary. */
static void write_form(FILE *out, const struct upload *upload, const char *key,
                       size_t index) {
  char type[256], name[128] = "";
  const char *boundary;

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
  fputs("\r\n\r\n", out);
  fwrite(upload->bytes, 1, upload->size, out);
  fprintf(out, "\r\n--%s--\r\n", boundary);
}

char *upload_body(const struct upload *upload, const char *key, size_t index,
                  size_t *length) {
  char *body = NULL;
  FILE *out = open_memstream(&body, length);

  if (upload_is_form(upload))
    write_form(out, upload, key, index);
  else
    fwrite(upload->bytes, 1, upload->size, out);
  fclose(out);
  return body;
}

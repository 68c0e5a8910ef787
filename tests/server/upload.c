/* Reading a request's body, with the plan's faults on the way. */
#include "upload.h"

#include "log.h"
#include "net.h"
#include "text.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct upload {
  struct connection *connection;
  struct fault fault;
  EVP_MD_CTX *digest; /* NULL with nohash */
  uint64_t length;
};

bool upload_is_announced(const struct request *request) {
  const char *length = request_header(request, "Content-Length");

  return request_header(request, "Transfer-Encoding") ||
         (length && strcmp(length, "0") != 0);
}

/* The plan's fault at the current length, if it is here. */
static enum upload_result meet_fault(struct upload *upload) {
  struct fault *fault = &upload->fault;

  if (upload->length == fault->stall_at) {
    fault->stall_at = AT_NEVER;
    if (net_wait_gone(upload->connection->fd, fault->stall_ms))
      return UPLOAD_LOST;
  }
  if (fault->cut != CUT_NONE && upload->length == fault->cut_at)
    return fault->cut == CUT_CLOSE ? UPLOAD_CLOSE : UPLOAD_RESET;
  return UPLOAD_WHOLE;
}

/* Reads SIZE body bytes, stopping at the plan's faults. */
static enum upload_result read_bytes(struct upload *upload, uint64_t size) {
  const struct fault *fault = &upload->fault;
  char block[65536];

  while (size > 0) {
    enum upload_result result = meet_fault(upload);
    uint64_t most = size < sizeof block ? size : sizeof block;
    size_t got;

    if (result != UPLOAD_WHOLE)
      return result;
    if (fault->stall_at - upload->length < most)
      most = fault->stall_at - upload->length;
    if (fault->cut_at - upload->length < most)
      most = fault->cut_at - upload->length;
    got = connection_read(upload->connection, block, (size_t)most);
    if (got == 0)
      return UPLOAD_LOST;
    if (upload->digest)
      EVP_DigestUpdate(upload->digest, block, got);
    upload->length += got;
    size -= got;
  }
  return UPLOAD_WHOLE;
}

/* Reads one line of the chunked coding, without its line end. */
static bool read_line(struct upload *upload, char *line, size_t size) {
  size_t used = 0;

  while (used < size && connection_read_byte(upload->connection, line + used))
    if (line[used++] == '\n') {
      line[used - 1] = '\0';
      if (used > 1 && line[used - 2] == '\r')
        line[used - 2] = '\0';
      return true;
    }
  return false;
}

/* RFC 9112 7.1. */
static enum upload_result read_chunked(struct upload *upload) {
  char line[1024];

  for (;;) {
    enum upload_result result;
    char *end;
    unsigned long long size;

    if (!read_line(upload, line, sizeof line))
      return UPLOAD_LOST;
    size = strtoull(line, &end, 16);
    if (end == line || size > (1ULL << 60))
      return UPLOAD_LOST;
    if (size == 0)
      break;
    result = read_bytes(upload, size);
    if (result != UPLOAD_WHOLE)
      return result;
    if (!read_line(upload, line, sizeof line) || line[0])
      return UPLOAD_LOST;
  }
  do
    if (!read_line(upload, line, sizeof line))
      return UPLOAD_LOST;
  while (line[0]);
  return UPLOAD_WHOLE;
}

static enum upload_result read_body(struct upload *upload,
                                    const struct request *request) {
  const char *coding = request_header(request, "Transfer-Encoding");
  const char *length = request_header(request, "Content-Length");
  uint64_t size = 0;
  enum upload_result result;

  if (coding && text_list_has(coding, "chunked"))
    result = read_chunked(upload);
  else if (length && !text_number(length, &size))
    return UPLOAD_LOST;
  else
    result = read_bytes(upload, size);
  if (result == UPLOAD_WHOLE)
    result = meet_fault(upload);
  if (result == UPLOAD_WHOLE &&
      (upload->fault.stall_at != AT_NEVER || upload->fault.cut != CUT_NONE))
    return UPLOAD_SHORT;
  return result;
}

enum upload_result upload_read(struct connection *connection,
                               const struct request *request,
                               const struct step *step, uint64_t id) {
  struct upload upload = {.connection = connection, .fault = step->up};
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int hash_size = 0;
  char sha256[2 * EVP_MAX_MD_SIZE + 1] = "";
  enum upload_result result;

  if (!step->nohash) {
    upload.digest = EVP_MD_CTX_new();
    EVP_DigestInit_ex(upload.digest, EVP_sha256(), NULL);
  }
  result = read_body(&upload, request);
  if (upload.digest) {
    EVP_DigestFinal_ex(upload.digest, hash, &hash_size);
    text_hex(sha256, hash, hash_size);
    EVP_MD_CTX_free(upload.digest);
  }
  log_upload(id, upload.length, sha256,
             result == UPLOAD_WHOLE || result == UPLOAD_SHORT);
  return result;
}

/* Basic and Digest authentication of the user "user". */
#include "auth.h"

#include "text.h"

#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define REALM "faulty"
#define BASIC_CREDENTIALS "dXNlcjpzZWNyZXQ=" /* user:secret */
#define MD5_HEX_SIZE 33

static void md5_hex(char out[MD5_HEX_SIZE], const char *text) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;

  EVP_Digest(text, strlen(text), hash, &size, EVP_md5(), NULL);
  text_hex(out, hash, 16);
}

/* Copies parameter NAME of a Digest header, without quotes; false when it is
   missing. */
static bool parameter(const char *header, const char *name, char *out,
                      size_t size) {
  size_t name_length = strlen(name);

  while (*header) {
    size_t key = (header += strspn(header, " \t,"), strcspn(header, "=,"));
    const char *value = header + key + (header[key] == '=');
    bool is_quoted = *value == '"';
    size_t length = is_quoted ? strcspn(++value, "\"") : strcspn(value, ", ");

    if (key == name_length && strncasecmp(header, name, key) == 0) {
      snprintf(out, size, "%.*s", (int)length, value);
      return length < size;
    }
    header = value + length + (is_quoted && value[length] == '"');
  }
  return false;
}

/* What a nonce of this process begins with. */
static void nonce_start(char out[32]) {
  snprintf(out, 32, "faulty-%ld-", (long)getpid());
}

static bool digest_is_right(const char *header, const char *method,
                            const char *target) {
  char user[64], realm[64], nonce[64], uri[4096], response[64];
  char qop[16], count[16], cnonce[256];
  char secret[MD5_HEX_SIZE], request[MD5_HEX_SIZE], wanted[MD5_HEX_SIZE];
  char text[8192], start[32];

  if (!parameter(header, "username", user, sizeof user) ||
      !parameter(header, "realm", realm, sizeof realm) ||
      !parameter(header, "nonce", nonce, sizeof nonce) ||
      !parameter(header, "uri", uri, sizeof uri) ||
      !parameter(header, "response", response, sizeof response) ||
      !parameter(header, "qop", qop, sizeof qop) ||
      !parameter(header, "nc", count, sizeof count) ||
      !parameter(header, "cnonce", cnonce, sizeof cnonce))
    return false;
  nonce_start(start);
  if (strcmp(user, "user") != 0 || strcmp(realm, REALM) != 0 ||
      strncmp(nonce, start, strlen(start)) != 0 || strcmp(uri, target) != 0)
    return false;
  md5_hex(secret, "user:" REALM ":secret");
  snprintf(text, sizeof text, "%s:%s", method, uri);
  md5_hex(request, text);
  snprintf(text, sizeof text, "%s:%s:%s:%s:%s:%s", secret, nonce, count,
           cnonce, qop, request);
  md5_hex(wanted, text);
  return strcmp(response, wanted) == 0;
}

bool auth_accepts(const struct request *request, const char *scheme,
                  bool is_proxy) {
  const char *header = request_header(request, is_proxy ? "Proxy-Authorization"
                                                        : "Authorization");

  if (!header)
    return false;
  if (strcmp(scheme, "basic") == 0)
    return strncasecmp(header, "Basic ", 6) == 0 &&
           strcmp(header + 6, BASIC_CREDENTIALS) == 0;
  return strncasecmp(header, "Digest ", 7) == 0 &&
         digest_is_right(header + 7, request->method, request->target);
}

void auth_challenge(FILE *head, const char *scheme, bool is_proxy) {
  static atomic_uint counter;
  char start[32];

  fputs(is_proxy ? "Proxy-Authenticate: " : "WWW-Authenticate: ", head);
  if (strcmp(scheme, "basic") == 0) {
    fputs("Basic realm=\"" REALM "\"\r\n", head);
    return;
  }
  nonce_start(start);
  fprintf(head,
          "Digest realm=\"" REALM "\", nonce=\"%s%u\", qop=\"auth\", "
          "algorithm=MD5\r\n",
          start, atomic_fetch_add(&counter, 1) + 1);
}

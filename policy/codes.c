/* codes.c - the contract's table of CURLcodes (design.md, "What is retried").
 *
 * The numbers of CURLcodes and CURLproxycodes are part of libcurl's ABI and
 * never change meaning (libcurl-errors(3)), so the headers of one version
 * serve every version the process may run with.
 */
#include "codes.h"

#include "newer.h"

/* Above every class: the program's own doing, its arguments, certificates,
 * limits. The same request can only fail the same way, or must not be made
 * again. */
#define NEVER ((uint8_t)CLASS_COUNT)

/* Newer than the headers built against, and known to be final: 100 is a
 * local size limit, 101 a refused ECH. Their numbers are past this table. */
#define FIRST_UNKNOWN ((int)CURLE_UNRECOVERABLE_POLL + 1)

static const uint8_t classes[FIRST_UNKNOWN] = {
    [CURLE_COULDNT_RESOLVE_PROXY] = CLASS_DNS,
    [CURLE_COULDNT_RESOLVE_HOST] = CLASS_DNS,
    [CURLE_COULDNT_CONNECT] = CLASS_CONNECT,
    [CURLE_PROXY] = CLASS_CONNECT,
    [CURLE_SSL_CONNECT_ERROR] = CLASS_TLS,
    [CURLE_OPERATION_TIMEDOUT] = CLASS_TIMEOUT,
    [CURLE_FTP_ACCEPT_TIMEOUT] = CLASS_TIMEOUT,
    [CURLE_HTTP2] = CLASS_RESET,
    [CURLE_GOT_NOTHING] = CLASS_RESET,
    [CURLE_SEND_ERROR] = CLASS_RESET,
    [CURLE_RECV_ERROR] = CLASS_RESET,
    [CURLE_HTTP2_STREAM] = CLASS_RESET,
    [CURLE_HTTP3] = CLASS_RESET,
    [CURLE_QUIC_CONNECT_ERROR] = CLASS_RESET,
    [CURLE_PARTIAL_FILE] = CLASS_PARTIAL,

    [CURLE_UNSUPPORTED_PROTOCOL] = NEVER,
    [CURLE_FAILED_INIT] = NEVER,
    [CURLE_URL_MALFORMAT] = NEVER,
    [CURLE_NOT_BUILT_IN] = NEVER,
    [CURLE_WRITE_ERROR] = NEVER,
    [CURLE_READ_ERROR] = NEVER,
    [CURLE_OUT_OF_MEMORY] = NEVER,
    [CURLE_FUNCTION_NOT_FOUND] = NEVER,
    [CURLE_ABORTED_BY_CALLBACK] = NEVER,
    [CURLE_BAD_FUNCTION_ARGUMENT] = NEVER,
    [CURLE_TOO_MANY_REDIRECTS] = NEVER,
    [CURLE_UNKNOWN_OPTION] = NEVER,
    [CURLE_SETOPT_OPTION_SYNTAX] = NEVER,
    [CURLE_SSL_ENGINE_NOTFOUND] = NEVER,
    [CURLE_SSL_ENGINE_SETFAILED] = NEVER,
    [CURLE_SSL_CERTPROBLEM] = NEVER,
    [CURLE_SSL_CIPHER] = NEVER,
    [CURLE_PEER_FAILED_VERIFICATION] = NEVER,
    [CURLE_FILESIZE_EXCEEDED] = NEVER,
    [CURLE_SEND_FAIL_REWIND] = NEVER,
    [CURLE_SSL_ENGINE_INITFAILED] = NEVER,
    [CURLE_LOGIN_DENIED] = NEVER,
    [CURLE_SSL_CACERT_BADFILE] = NEVER,
    [CURLE_SSL_SHUTDOWN_FAILED] = NEVER,
    [CURLE_SSL_CRL_BADFILE] = NEVER,
    [CURLE_SSL_ISSUER_ERROR] = NEVER,
    [CURLE_SSL_PINNEDPUBKEYNOTMATCH] = NEVER,
    [CURLE_SSL_INVALIDCERTSTATUS] = NEVER,
    [CURLE_RECURSIVE_API_CALL] = NEVER,
    [CURLE_SSL_CLIENTCERT] = NEVER,

    /* Not used by any current libcurl: codes this version doesn't know.
     * (51 was a failed certificate check of its own until 7.62.) */
    [CURLE_OBSOLETE20] = NEVER,
    [CURLE_OBSOLETE24] = NEVER,
    [CURLE_OBSOLETE29] = NEVER,
    [CURLE_OBSOLETE32] = NEVER,
    [CURLE_OBSOLETE40] = NEVER,
    [CURLE_OBSOLETE44] = NEVER,
    [CURLE_OBSOLETE46] = NEVER,
    [CURLE_OBSOLETE50] = NEVER,
    [CURLE_OBSOLETE51] = NEVER,
    [CURLE_OBSOLETE57] = NEVER,
    [CURLE_OBSOLETE62] = NEVER,
    [CURLE_OBSOLETE75] = NEVER,
    [CURLE_OBSOLETE76] = NEVER,
};

static const char class_names[CLASS_COUNT][8] = {
    "final", "dns", "connect", "tls", "timeout", "reset", "partial", "status"};

bool codes_is_never(int code) {
  return code < 0 || code >= FIRST_UNKNOWN || classes[code] == NEVER;
}

enum retry_class codes_class(int code) {
  return codes_is_never(code) ? CLASS_FINAL : (enum retry_class)classes[code];
}

/* What depends on the network or the proxy's load. Wrong credentials, an
 * unsupported command or a rule of the proxy's stay as they are; so does what
 * libcurl could not name (CURLPX_OK, CURLPX_UNKNOWN_FAIL). */
bool codes_proxy_may_pass(int proxy_error) {
  switch (proxy_error) {
  case CURLPX_CLOSED:
  case CURLPX_RECV_ADDRESS:
  case CURLPX_RECV_AUTH:
  case CURLPX_RECV_CONNECT:
  case CURLPX_RECV_REQACK:
  case CURLPX_SEND_AUTH:
  case CURLPX_SEND_CONNECT:
  case CURLPX_SEND_REQUEST:
  case CURLPX_RESOLVE_HOST:
  case CURLPX_REQUEST_FAILED:
  case CURLPX_REPLY_CONNECTION_REFUSED:
  case CURLPX_REPLY_GENERAL_SERVER_FAILURE:
  case CURLPX_REPLY_HOST_UNREACHABLE:
  case CURLPX_REPLY_NETWORK_UNREACHABLE:
  case CURLPX_REPLY_TTL_EXPIRED:
    return true;
  default:
    return false;
  }
}

const char *policy_class_name(enum retry_class retry_class) {
  return class_names[retry_class];
}

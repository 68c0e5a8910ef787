/* url.h - the little we must know of a URL before libcurl parses it. */
#ifndef CURLRETRY_URL_H
#define CURLRETRY_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum url_scheme {
  URL_NONE, /* no URL */
  URL_HTTP, /* http, https, and what libcurl guesses to be http */
  URL_FTP,  /* ftp, ftps */
  URL_SFTP,
  URL_OTHER /* any other: the call is passed through */
};

/* The scheme of `url`, guessed by the host's name where there is none, as
 * CURLOPT_URL(3) says. Cheap: where the URL names it, looks at the first bytes
 * only. */
enum url_scheme url_scheme(const char *url);

/* Whether `url` names its scheme, as libcurl sees it where it would otherwise
 * guess: with a slash behind the colon. */
bool url_has_scheme(const char *url);

/* The scheme named "http", "ftps" ...: CURLOPT_DEFAULT_PROTOCOL. */
enum url_scheme url_protocol(const char *name);

/* The host of `url`, lower case, without user info, port and brackets, into
 * `host` (`size` bytes, at least 1; cut to fit). "" when there is none. */
void url_host(const char *url, char *host, size_t size);

/* The port of `url` as digits into `port` (URL_PORT_SIZE bytes): that of its
 * scheme, named or guessed, where it has none. */
#define URL_PORT_SIZE 6
void url_port(const char *url, char *port);

/* Host and port of `url` as one text, "a.test:8080", "[::1]:80": `port` where
 * it names none, NULL: that of its scheme. "" when there is no host. `size`
 * bytes, at least 1; cut to fit. */
void url_host_port(const char *url, const char *port, char *text, size_t size);

/* A hash of scheme, host and port: the origin (RFC 6454) as it is written;
 * a default port that is named makes another one. Never 0. */
uint64_t url_origin(const char *url);

/* Whether `url` names https. */
bool url_is_https(const char *url);

/* A URL of plain HTTP in place of `url`, in one that is to be freed: its host
 * has ".invalid" behind it (RFC 6761, 6.4), so nothing that is known of the
 * host, as that it wants TLS (HSTS), is of this one. NULL: out of memory. */
char *url_disguise(const char *url);

/* What libcurl made of such a URL (CURLINFO_EFFECTIVE_URL), with https and the
 * host in it again; to be freed. NULL: out of memory. */
char *url_undisguise(const char *url);

/* `url` for a log line into `text` (`size` bytes, at least 1; cut to fit):
 * without user info and fragment, "..." for query values and for parts of the
 * query that have no "=", "?" for bytes that are no visible ASCII. Where a
 * password may be in what libcurl takes for something else, "...@" for it. */
void url_redact(const char *url, char *text, size_t size);

#endif

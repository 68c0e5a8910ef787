/* har.c - attempts as entries of HAR 1.2; see formats.h.
 *
 * http://www.softwareishard.com/blog/har-12-spec/ What it has no field for
 * begins with "_". Headers and bodies are not in a trace.
 */
#include "formats.h"

#include "version.h"

#include <arpa/inet.h>
#include <string.h>

static size_t entries;

/* Firefox wants a list of pages. */
static void write_beginning(FILE *out) {
  fputs("{\"log\": {\"version\": \"1.2\", \"creator\": {\"name\": "
        "\"curlretry\", \"version\": \"" CURLRETRY_VERSION "\"}, "
        "\"pages\": [], \"entries\": [",
        out);
}

static void write_text(FILE *out, const char *name, const char *text) {
  fprintf(out, ", \"%s\": ", name);
  if (text != NULL)
    json_write_text(out, text);
  else
    fputs("null", out);
}

static void write_number(FILE *out, const char *name, double number) {
  fprintf(out, ", \"%s\": ", name);
  json_write_number(out, number);
}

static double at_least_0(double number) {
  return number > 0 ? number : 0; /* UNKNOWN too */
}

/* The attempt's time, cut into what the format knows. Its "connect" includes
 * TLS, and its parts make the whole. */
struct parts {
  double dns, connect, tls, wait, receive, whole;
};

static struct parts parts_of(const struct record *record) {
  struct parts parts = {
      .dns = at_least_0(record->dns),
      .tls = at_least_0(record->tls),
      .wait = at_least_0(record->first_byte),
  };
  parts.connect = at_least_0(record->connect) + parts.tls;
  double rest = at_least_0(record->total) - parts.dns - parts.connect;
  if (isnan(record->first_byte))
    parts.wait = at_least_0(rest);
  parts.receive = at_least_0(rest - parts.wait);
  parts.whole = parts.dns + parts.connect + parts.wait + parts.receive;
  return parts;
}

static void write_timings(FILE *out, const struct record *record,
                          const struct parts *parts) {
  fputs(", \"timings\": {\"blocked\": -1", out);
  write_number(out, "dns", isnan(record->dns) ? -1 : parts->dns);
  write_number(out, "connect", isnan(record->connect) ? -1 : parts->connect);
  write_number(out, "ssl", isnan(record->tls) ? -1 : parts->tls);
  fputs(", \"send\": 0", out);
  write_number(out, "wait", parts->wait);
  write_number(out, "receive", parts->receive);
  fputs("}", out);
}

static const char *version_of(const struct record *record) {
  static char text[32];
  if (record->http_version == NULL)
    return "";
  (void)snprintf(text, sizeof text, "HTTP/%.24s", record->http_version);
  return text;
}

static void write_request(FILE *out, const struct record *record) {
  const char *url =
      record->effective_url != NULL ? record->effective_url : record->url;
  fputs(", \"request\": {\"method\": ", out);
  json_write_text(out, record->method != NULL ? record->method : "");
  write_text(out, "url", url);
  write_text(out, "httpVersion", version_of(record));
  fputs(", \"cookies\": [], \"headers\": [], \"queryString\": [], "
        "\"headersSize\": -1",
        out);
  write_number(out, "bodySize", at_least_0(record->sent));
  fputs("}", out);
}

/* Chrome shows "_error" of what has no status. */
static void write_response(FILE *out, const struct record *record) {
  double received = at_least_0(record->received);
  fputs(", \"response\": {\"status\": ", out);
  json_write_number(out, at_least_0(record->status));
  write_text(out, "statusText", "");
  write_text(out, "httpVersion", version_of(record));
  fputs(", \"cookies\": [], \"headers\": [], \"content\": {\"size\": ", out);
  json_write_number(out, received);
  fputs(", \"mimeType\": \"\"}, \"redirectURL\": \"\", \"headersSize\": -1",
        out);
  write_number(out, "bodySize", received);
  if (record->message != NULL)
    write_text(out, "_error", record->message);
  fputs("}", out);
}

/* "192.0.2.1:443" or "[::1]:443" */
static void write_peer(FILE *out, const struct record *record) {
  unsigned char bytes[16];
  char address[64];
  const char *peer = record->peer;
  const char *port = peer != NULL ? strrchr(peer, ':') : NULL;
  if (port == NULL || port - peer >= (ptrdiff_t)sizeof address)
    return;
  bool is_bracketed = peer[0] == '[' && port > peer + 1 && port[-1] == ']';
  (void)snprintf(address, sizeof address, "%.*s",
                 (int)(port - peer) - (is_bracketed ? 2 : 0),
                 peer + (is_bracketed ? 1 : 0));
  if (inet_pton(is_bracketed ? AF_INET6 : AF_INET, address, bytes) == 1)
    write_text(out, "serverIPAddress", address);
  write_text(out, "connection", port + 1);
}

static void write_more(FILE *out, const struct record *record) {
  write_number(out, "_pid", record->pid);
  write_number(out, "_tid", record->tid);
  write_number(out, "_call", record->call);
  write_number(out, "_attempt", record->attempt);
  write_text(out, "_program", record->program);
  write_text(out, "_call_url", record->url);
  write_text(out, "_host", record->host);
  write_text(out, "_proxy", record->proxy);
  fprintf(out, ", \"_at_proxy\": %s", record->at_proxy ? "true" : "false");
  fprintf(out, ", \"_reused\": %s", record->reused ? "true" : "false");
  fprintf(out, ", \"_injected\": %s", record->injected ? "true" : "false");
  write_number(out, "_code", record->code);
  write_text(out, "_class", record->class_name);
  write_text(out, "_verdict", record->verdict);
  write_text(out, "_reason", record->reason);
  write_number(out, "_delay_ms", record->delay_ms);
  write_number(out, "_retry_after_ms", record->retry_after_ms);
  write_number(out, "_held", record->held);
  write_number(out, "_replayed", record->replayed);
  write_number(out, "_resumed_from", record->resumed_from);
}

void har_take(FILE *out, const struct record *record) {
  char began[25];
  struct parts parts = parts_of(record);
  record_write_time(began, record->at_ms - parts.whole);
  if (entries == 0)
    write_beginning(out);
  fprintf(out, "%s\n{\"startedDateTime\": \"%s\"", entries++ ? "," : "",
          began);
  write_number(out, "time", parts.whole);
  write_request(out, record);
  write_response(out, record);
  fputs(", \"cache\": {}", out);
  write_timings(out, record, &parts);
  write_peer(out, record);
  write_more(out, record);
  fputs("}", out);
}

void har_end(FILE *out) {
  if (entries == 0)
    write_beginning(out);
  fputs("]}}\n", out);
}

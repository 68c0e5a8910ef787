/* Source of the ids and their classes: curl_easy_getinfo(3), curl.h. Numbers
 * are captured by class and number, so ids newer than our headers are too. */
#include "libcurl/info.h"

#include "text/url.h"

#include <stdlib.h>
#include <string.h>

/* The highest number asked for in each class; libcurl refuses unknown ids. */
#define INFO_LAST 80

/* Strings that are an outcome's own. Others (CURLINFO_PRIVATE) are not; nor is
 * CURLINFO_FTP_ENTRY_PATH: libcurl's (7.88) may point into a session that
 * another handle of the multi has ended, so it isn't asked for unasked. */
static const CURLINFO texts[] = {
    CURLINFO_EFFECTIVE_URL, CURLINFO_CONTENT_TYPE,     CURLINFO_REDIRECT_URL,
    CURLINFO_PRIMARY_IP,    CURLINFO_RTSP_SESSION_ID,  CURLINFO_LOCAL_IP,
    CURLINFO_SCHEME,        CURLINFO_EFFECTIVE_METHOD, CURLINFO_REFERER,
    CURLINFO_NONE};

/* A socket is of now. */
static bool is_captured_number(int n) {
  return n != (CURLINFO_LASTSOCKET & CURLINFO_MASK) &&
         n != (CURLINFO_ACTIVESOCKET & CURLINFO_MASK);
}

/* False: there is no room. */
static bool keep_text(struct info *info, struct info_value *value,
                      const char *text) {
  size_t size = text ? strlen(text) + 1 : 0;

  value->as.text = NULL;
  if (!text)
    return true;
  if (size > info->text_size - info->text_used)
    return false;
  memcpy(info->text + info->text_used, text, size);
  value->as.text = info->text + info->text_used;
  info->text_used += size;
  return true;
}

static struct info_value *next(struct info *info, int id) {
  struct info_value *value = &info->values[info->count];

  if (info->count == INFO_MAX)
    return NULL;
  value->id = (CURLINFO)id;
  return value;
}

static void capture_class(struct info *info, const struct library *library,
                          CURL *curl, int class) {
  for (int n = 1; n < INFO_LAST; n++) {
    struct info_value *value = next(info, class + n);
    if (!value)
      return;
    if (is_captured_number(n) &&
        !library->easy_getinfo(curl, value->id, &value->as))
      info->count++;
  }
}

/* Room for all strings; a URL may be of any length. False: out of memory. */
static bool make_room(struct info *info, const struct library *library,
                      CURL *curl) {
  size_t size = 0;
  char *room;

  for (size_t i = 0; texts[i]; i++) {
    const char *text = NULL;
    if (!library->easy_getinfo(curl, texts[i], &text) && text)
      size += strlen(text) + 1;
  }
  if (size <= info->text_size)
    return true;
  room = realloc(info->text, size);
  if (!room)
    return false;
  info->text = room;
  info->text_size = size;
  return true;
}

/* False: not all strings, for lack of memory. */
static bool capture(struct info *info, const struct library *library,
                    CURL *curl) {
  bool is_whole = make_room(info, library, curl);

  info->count = 0;
  info->text_used = 0;
  info->error[0] = 0;
  for (size_t i = 0; texts[i]; i++) {
    struct info_value *value = next(info, (int)texts[i]);
    const char *text = NULL;
    if (value && !library->easy_getinfo(curl, value->id, &text) &&
        keep_text(info, value, text))
      info->count++;
  }
  capture_class(info, library, curl, CURLINFO_LONG);
  capture_class(info, library, curl, CURLINFO_DOUBLE);
  capture_class(info, library, curl, CURLINFO_OFF_T);
  return is_whole;
}

int info_capture_way(struct info *info, const struct library *library,
                     CURL *curl, int requests) {
  (void)capture(info, library, curl);
  return headers_pin(&info->headers, library, curl, requests);
}

bool info_capture(struct info *info, const struct library *library, CURL *curl,
                  const char *error_buffer) {
  bool is_whole = capture(info, library, curl);

  if (!headers_capture(&info->headers, library, curl) &&
      library->easy_nextheader)
    is_whole = false;
  if (error_buffer) {
    memcpy(info->error, error_buffer, INFO_ERROR_SIZE - 1);
    info->error[INFO_ERROR_SIZE - 1] = 0;
  }
  return is_whole;
}

void info_free(struct info *info) {
  if (!info)
    return;
  headers_free(&info->headers);
  free(info->text);
  free(info);
}

void info_set_status(struct info *info, long status) {
  for (size_t i = 0; i < info->count; i++)
    if (info->values[i].id == CURLINFO_RESPONSE_CODE)
      info->values[i].as.number = status;
}

bool info_answer(const struct info *info, CURLINFO id, void *answer) {
  for (size_t i = 0; i < info->count; i++) {
    const struct info_value *value = &info->values[i];
    if (value->id != id)
      continue;
    switch ((int)id & CURLINFO_TYPEMASK) {
    case CURLINFO_STRING:
      *(const char **)answer = value->as.text;
      return true;
    case CURLINFO_LONG:
      *(long *)answer = value->as.number;
      return true;
    case CURLINFO_DOUBLE:
      *(double *)answer = value->as.real;
      return true;
    default:
      *(curl_off_t *)answer = value->as.offset;
      return true;
    }
  }
  return false;
}

/* Where the URL names none libcurl tells that of plain HTTP, or none (later
 * ones, of a Unix socket). */
static void correct_port(const char *url, long *answer) {
  char port[URL_PORT_SIZE];

  url_port(url, port);
  if (*answer == 80 || *answer <= 0)
    *answer = strtol(port, NULL, 10);
}

void info_correct(const char *url, CURLINFO id, void *answer) {
  const char **text = answer;

  switch ((int)id) {
  case CURLINFO_EFFECTIVE_URL:
    *text = url;
    break;
  case CURLINFO_SCHEME:
    if (*text) /* in capitals up to 8.x */
      *text = **text == 'H' ? "HTTPS" : "https";
    break;
  case CURLINFO_PROTOCOL:
    if (*(long *)answer == CURLPROTO_HTTP)
      *(long *)answer = CURLPROTO_HTTPS;
    break;
  case CURLINFO_PRIMARY_PORT:
    correct_port(url, answer);
    break;
  default:
    break;
  }
}

void info_correct_all(struct info *info, const char *url) {
  for (size_t i = 0; i < info->count; i++)
    info_correct(url, info->values[i].id, &info->values[i].as);
}

/* What counts the response's body, in both generations of ids. */
static bool is_size(CURLINFO id) {
  switch ((int)id) {
  case CURLINFO_SIZE_DOWNLOAD:
  case CURLINFO_SPEED_DOWNLOAD:
  case CURLINFO_SIZE_DOWNLOAD_T:
  case CURLINFO_SPEED_DOWNLOAD_T:
  case CURLINFO_SIZE_DELIVERED:
    return true;
  default:
    return false;
  }
}

bool info_first_answer(const struct info *first, CURLINFO id,
                       int64_t delivered, void *answer) {
  switch ((int)id) {
  case CURLINFO_SIZE_DOWNLOAD:
    if (delivered >= 0)
      *(double *)answer = (double)delivered;
    return delivered >= 0;
  case CURLINFO_SIZE_DOWNLOAD_T:
  case CURLINFO_SIZE_DELIVERED:
    if (delivered >= 0)
      *(curl_off_t *)answer = (curl_off_t)delivered;
    return delivered >= 0;
  case CURLINFO_RESPONSE_CODE:
  case CURLINFO_EFFECTIVE_URL:
  case CURLINFO_CONTENT_TYPE:
  case CURLINFO_CONTENT_LENGTH_DOWNLOAD:
  case CURLINFO_CONTENT_LENGTH_DOWNLOAD_T:
  case CURLINFO_HEADER_SIZE:
  case CURLINFO_HTTPAUTH_AVAIL:
  case CURLINFO_PROXYAUTH_AVAIL:
  case CURLINFO_FILETIME:
  case CURLINFO_FILETIME_T:
  case CURLINFO_REDIRECT_COUNT:
    return info_answer(first, id, answer);
  /* REDIRECT_URL is known at a transfer's end alone: the first one broke */
  default:
    return false;
  }
}

bool info_view_answer(const struct info_view *view, CURLINFO id,
                      void *answer) {
  if (view->is_header && is_size(id)) {
    if (((int)id & CURLINFO_TYPEMASK) == CURLINFO_DOUBLE)
      *(double *)answer = 0;
    else
      *(curl_off_t *)answer = 0;
    return true;
  }
  if (id == CURLINFO_RESPONSE_CODE && view->has_status) {
    *(long *)answer = view->status;
    return true;
  }
  if (id == CURLINFO_EFFECTIVE_URL && view->url) {
    *(const char **)answer = view->url;
    return true;
  }
  if (id == CURLINFO_SCHEME && view->scheme) {
    *(const char **)answer = view->scheme;
    return true;
  }
  return false;
}

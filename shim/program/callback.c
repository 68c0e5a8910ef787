/* Sources: the manual pages of the options. Where a default is libcurl's own
 * function we call the libc's at this place, so that its address needn't be
 * looked up at the start of every process. */
#include "program/callback.h"

static size_t write_file(char *bytes, size_t size, size_t count, void *file) {
  return fwrite(bytes, size, count, file);
}

size_t callback_event(const struct shadow *shadow, const struct event *event) {
  const struct held_options *held = &shadow->held;
  curl_write_callback function = held->write;
  void *data = held->write_data;

  if (event->kind == EVENT_HEADER) {
    if (held->header)
      function = held->header;
    data = held->header_data;
  }
  if (!function)
    function = write_file;
  return function(event->bytes, 1, event->length, data);
}

struct reader callback_reader(const struct shadow *shadow) {
  struct reader reader = {shadow->held.read, shadow->held.read_data, NULL};

  if (!reader.function || reader.function == (curl_read_callback)fread) {
    reader.function = (curl_read_callback)fread;
    reader.file = reader.data;
  }
  return reader;
}

size_t callback_read(const struct reader *reader, char *buffer, size_t size,
                     size_t count) {
  return reader->function(buffer, size, count, reader->data);
}

int callback_seek(const struct shadow *shadow, CURL *curl, curl_off_t offset,
                  int origin) {
  const struct held_options *held = &shadow->held;

  if (held->seek)
    return held->seek(held->seek_data, offset, origin);
  if (held->ioctl && !offset && origin == SEEK_SET)
    return held->ioctl(curl, CURLIOCMD_RESTARTREAD, held->ioctl_data)
               ? CURL_SEEKFUNC_FAIL
               : CURL_SEEKFUNC_OK;
  return CURL_SEEKFUNC_CANTSEEK;
}

/* libcurl prefers XFERINFOFUNCTION where both are set. */
int callback_progress(const struct shadow *shadow, const curl_off_t at[4]) {
  const struct held_options *held = &shadow->held;

  if (!callback_wants_progress(shadow))
    return 0;
  if (held->xferinfo)
    return held->xferinfo(held->progress_data, at[0], at[1], at[2], at[3]);
  return held->progress(held->progress_data, (double)at[0], (double)at[1],
                        (double)at[2], (double)at[3]);
}

int callback_prerequest(const struct shadow *shadow, char *remote, char *local,
                        int remote_port, int local_port) {
  const struct held_options *held = &shadow->held;

  if (!held->prereq)
    return CURL_PREREQFUNC_OK;
  return held->prereq(held->prereq_data, remote, local, remote_port,
                      local_port);
}

curl_socket_t callback_open_socket(const struct shadow *shadow,
                                   curlsocktype purpose,
                                   struct curl_sockaddr *address) {
  const struct socket_options *own = &shadow->socket;

  if (!own->open)
    return socket(address->family, address->socktype, address->protocol);
  return own->open(own->open_data, purpose, address);
}

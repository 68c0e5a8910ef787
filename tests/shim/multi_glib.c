/* The main loop of GLib, in a context of its own. */
#define _GNU_SOURCE
#include "multi_socket.h"

#include <glib-unix.h>
#include <stdlib.h>

struct context {
  GMainContext *context;
  GSource *timer; /* NULL: none */
};

static void drop(GSource *source) {
  if (!source)
    return;
  g_source_destroy(source);
  g_source_unref(source);
}

static GSource *watch_time(struct drive *drive, long ms,
                           GSourceFunc function) {
  struct context *own = drive->own;
  GSource *source = g_timeout_source_new((guint)ms);

  g_source_set_callback(source, function, drive, NULL);
  g_source_attach(source, own->context);
  return source;
}

static gboolean on_ready(gint socket, GIOCondition what, gpointer data) {
  socket_act(data, socket,
             (what & G_IO_IN ? CURL_CSELECT_IN : 0) |
                 (what & G_IO_OUT ? CURL_CSELECT_OUT : 0) |
                 (what & (G_IO_ERR | G_IO_HUP) ? CURL_CSELECT_ERR : 0));
  return G_SOURCE_CONTINUE;
}

static gboolean on_time(gpointer data) {
  struct drive *drive = data;
  struct context *own = drive->own;

  drop(own->timer);
  own->timer = NULL;
  socket_act(drive, CURL_SOCKET_TIMEOUT, 0);
  return G_SOURCE_REMOVE;
}

static gboolean on_limit(gpointer data) {
  (void)data;
  return G_SOURCE_CONTINUE;
}

static int on_socket(CURL *curl, curl_socket_t socket, int what, void *data,
                     void *assigned) {
  struct drive *drive = data;
  struct context *own = drive->own;
  GIOCondition events = (GIOCondition)0;
  GSource *source = NULL;
  GUnixFDSourceFunc ready = on_ready;

  (void)curl;
  drop(assigned);
  if (what & CURL_POLL_IN)
    events |= G_IO_IN;
  if (what & CURL_POLL_OUT)
    events |= G_IO_OUT;
  if (what != CURL_POLL_REMOVE) {
    source = g_unix_fd_source_new(socket, events);
    g_source_set_callback(source, G_SOURCE_FUNC(ready), drive, NULL);
    g_source_attach(source, own->context);
  }
  curl_multi_assign(drive->multi, socket, source);
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *data) {
  struct drive *drive = data;
  struct context *own = drive->own;

  (void)multi;
  drive->timer_calls++;
  drop(own->timer);
  own->timer = ms < 0 ? NULL : watch_time(drive, ms, on_time);
  return 0;
}

void glib_open(struct drive *drive) {
  struct context *own = calloc(1, sizeof *own);

  drive->own = own;
  own->context = g_main_context_new();
  socket_listen(drive, on_socket, on_timer);
}

void glib_close(struct drive *drive) {
  struct context *own = drive->own;

  drop(own->timer);
  g_main_context_unref(own->context);
  free(own);
}

void glib_run(struct drive *drive) {
  struct context *own = drive->own;
  GSource *limit = watch_time(drive, drive_left(drive), on_limit);

  while (drive_left(drive)) {
    g_main_context_iteration(own->context, TRUE);
    drive->wakeups++;
  }
  drop(limit);
}

/* plugins.h - interpreters and servers that load a libcurl as a plugin, or run
 * a helper that has one. */
#ifndef CURLRETRY_PLUGINS_H
#define CURLRETRY_PLUGINS_H

#include <stdbool.h>
#include <stddef.h>

/* A kind of program that is known to do so. */
struct plugin_host {
  const char *name;            /* "PHP" */
  const char *const *programs; /* patterns of file names, NULL at the end */
  const char *const *files;    /* patterns of its plugins' paths */
  const char *verb;            /* "loads" them, or "runs" */
  bool uses_deepbind;          /* dlopens them with RTLD_DEEPBIND */
  bool is_script;              /* what is started is a script around it */
};

/* The kind that a program is by its name; NULL: none. */
const struct plugin_host *plugins_host(const char *program);

/* The plugins for libcurl that are installed for the program: an array, NULL
 * at its end. */
const char *const *plugins_find(const struct plugin_host *host,
                                const char *program);

#endif

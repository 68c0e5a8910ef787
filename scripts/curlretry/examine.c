/* examine.c - see examine.h. */
#include "examine.h"

#include <stdio.h>
#include <string.h>

/* Asked of every object; the last two of the program alone, since half of the
 * system's libraries import them. */
static const struct {
  const char *name;
  enum use use;
} imports[] = {
    {"curl_easy_perform", USE_PERFORM},
    {"curl_multi_perform", USE_MULTI},
    {"curl_multi_socket_action", USE_MULTI},
    {"curl_multi_socket", USE_MULTI},
    {"curl_multi_socket_all", USE_MULTI},
    {"curl_easy_send", USE_CONNECT_ONLY},
    {"curl_easy_recv", USE_CONNECT_ONLY},
    {"dlsym", USE_DLSYM},
    {"dlopen", USE_DLOPEN},
};

/* What libcurl needs for TLS. NSS first: its libssl3 isn't OpenSSL's. */
static const char *flavour_of(const struct elf_file *file) {
  static const char *const flavours[][2] = {
      {"libnss3", "NSS"},        {"libgnutls", "GnuTLS"},
      {"libmbedtls", "mbedTLS"}, {"libwolfssl", "wolfSSL"},
      {"librustls", "rustls"},   {"libssl", "OpenSSL"},
  };
  const char *name = NULL;
  for (size_t f = 0; f < sizeof flavours / sizeof flavours[0]; f++) {
    for (size_t i = 0; (name = elf_text(file, DT_NEEDED, i)) != NULL; i++) {
      if (strncmp(name, flavours[f][0], strlen(flavours[f][0])) == 0)
        return flavours[f][1];
    }
  }
  return "no TLS library";
}

/* "libcurl/7.88.1", as curl_version() has it, anywhere in the file. */
static bool read_version(const struct elf_file *file, char *version) {
  static const char mark[] = "libcurl/";
  const char *end = (const char *)file->bytes + file->size;
  const char *at = elf_find(file, mark, sizeof mark - 1);
  version[0] = '\0';
  while (at != NULL) {
    size_t length = 0;
    at += sizeof mark - 1;
    while (at + length < end && length < VERSION_SIZE - 1 &&
           memchr("0123456789.", at[length], 11) != NULL)
      length++;
    if (length >= 5 && at[0] != '.') {
      (void)snprintf(version, VERSION_SIZE, "%.*s", (int)length, at);
      return true;
    }
    struct elf_file rest = *file;
    rest.bytes = (const unsigned char *)at;
    rest.size = (size_t)(end - at);
    at = elf_find(&rest, mark, sizeof mark - 1);
  }
  return false;
}

static void look_at_imports(struct examination *found,
                            const struct object *object, bool is_program) {
  struct elf_symbol symbol;
  for (size_t i = 0; elf_symbol(&object->file, i, &symbol); i++) {
    if (symbol.is_defined)
      continue;
    for (size_t n = 0; n < sizeof imports / sizeof imports[0]; n++) {
      enum use use = imports[n].use;
      if (found->uses[use] == NULL && (is_program || use < USE_DLSYM) &&
          strcmp(symbol.name, imports[n].name) == 0)
        found->uses[use] = object->path;
    }
  }
}

/* The name as a text of its own, in a program that doesn't import it. */
static void look_at_names(struct examination *found,
                          const struct object *program) {
  static const char *const names[] = {
      "curl_easy_perform", "curl_multi_perform", "curl_multi_socket_action"};
  if (found->uses[USE_DLSYM] == NULL || found->uses[USE_PERFORM] != NULL ||
      found->uses[USE_MULTI] != NULL)
    return;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (found->looked_up == NULL &&
        elf_find(&program->file, names[i], strlen(names[i]) + 1) != NULL)
      found->looked_up = names[i];
  }
}

static void look_at(struct examination *found, const struct object *object,
                    bool is_program) {
  char version[VERSION_SIZE];
  struct libcurl_copy *copy = NULL;
  bool defines = elf_defines(&object->file, "curl_easy_perform");
  if (defines && elf_defines(&object->file, "curlretry_active"))
    return;
  bool has_version = read_version(&object->file, version);
  bool is_library = object->file.interpreter == NULL && !object->file.is_pie;
  if (defines && is_library) {
    if (found->shared_count < LIBCURLS_MAX)
      copy = &found->shared[found->shared_count++];
  } else {
    look_at_imports(found, object, is_program);
    if ((defines || has_version) && found->inside.path == NULL)
      copy = &found->inside;
  }
  if (copy == NULL)
    return;
  copy->path = object->path;
  copy->flavour = flavour_of(&object->file);
  (void)snprintf(copy->version, sizeof copy->version, "%s",
                 has_version ? version : "unknown version");
}

void examine(struct examination *found, const struct objects *objects) {
  memset(found, 0, sizeof *found);
  for (size_t i = 0; i < objects->count; i++)
    look_at(found, &objects->list[i], i == 0);
  if (objects->count != 0 && found->inside.path == NULL)
    look_at_names(found, &objects->list[0]);
}

enum reach examine_reach(const struct examination *found,
                         const struct policy *policy) {
  bool is_multi = found->uses[USE_MULTI] != NULL;
  if (found->uses[USE_PERFORM] != NULL)
    return is_multi && !policy->multi ? REACH_EASY_ONLY : REACH_WHOLE;
  if (is_multi)
    return policy->multi ? REACH_WHOLE : REACH_MULTI_OFF;
  if (found->inside.path != NULL)
    return REACH_INSIDE;
  if (found->looked_up != NULL)
    return REACH_LOOKED_UP;
  return found->shared_count != 0 ? REACH_UNUSED : REACH_NO_LIBCURL;
}

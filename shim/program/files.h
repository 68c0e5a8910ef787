/* files.h - the files that libcurl itself reads for a request.
 *
 * It opens them again for each transfer, or connection. One that can be read
 * once (a FIFO, a pipe of the shell's in /dev/fd, a terminal) is empty then,
 * or its open() waits for a writer for ever.
 */
#ifndef CURLRETRY_FILES_H
#define CURLRETRY_FILES_H

#include "libcurl/library.h"

#include <stdbool.h>

struct files {
  struct file *first; /* owned; NULL: none was named */
  bool uses_netrc;    /* CURLOPT_NETRC */
  bool is_incomplete; /* a name was lost: out of memory */
};

/* The program named `path` for `option`; NULL: none any more. Copied. */
void files_set(struct files *files, CURLoption option, const char *path);

/* Copy what `from` has. False: out of memory. */
bool files_copy(struct files *to, const struct files *from);

void files_free(struct files *files);

/* Whether a transfer has used up one of them. `has_connected`: those that are
 * read for a connection (certificates, keys), too. Asks stat(). */
bool files_are_spent(const struct files *files, bool has_connected);

/* The same for the parts of a form, where it was sent: curl_formadd(3). Those
 * of a mime are libcurl's to tell: it never rewinds a part that is no regular
 * file (CURLE_SEND_FAIL_REWIND), but makes the parts of a form anew. */
bool files_form_is_spent(const struct curl_httppost *form);

#endif

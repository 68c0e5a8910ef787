/* seam.h - where a later attempt's body continues the program's. */
#ifndef CURLRETRY_SEAM_H
#define CURLRETRY_SEAM_H

#include "engine/call.h"

/* The attempt that continues a body has answered. CURLE_WRITE_ERROR: not with
 * what continues it. */
CURLcode seam_answer(struct call *call);

/* Body bytes of that attempt, before and across the seam. Returns as a write
 * callback. */
size_t seam_skip(struct call *call, char *bytes, size_t length);

/* Body bytes after the commit. A pause keeps the whole piece in libcurl: what
 * of it was skipped is skipped again when it returns. */
size_t seam_pass(struct call *call, char *bytes, size_t length);

/* A value that libcurl takes for a failed write. */
size_t seam_refuse(size_t length);

#endif

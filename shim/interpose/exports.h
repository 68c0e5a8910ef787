/* exports.h - our functions as dlsym() hands them out. */
#ifndef CURLRETRY_EXPORTS_H
#define CURLRETRY_EXPORTS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether we answer dlsym(object, name) for a name that begins with "curl_":
 * `*answer` is then our stub for the libcurl that `object` leads to, or 0
 * (with dlerror set) where the real symbol is absent and only our own export
 * would be found. False: the real dlsym answers. `caller`: the return
 * address of the dlsym() call. */
bool exports_answer(void *object, const char *name, const void *caller,
                    uintptr_t *answer);

#endif

/* push.h - streams that an HTTP/2 server pushes: passed through. */
#ifndef CURLRETRY_PUSH_H
#define CURLRETRY_PUSH_H

#include "drive/multi.h"

/* CURLMOPT_PUSHFUNCTION; NULL: none. Result as libcurl's. */
CURLMcode push_set(struct multi *multi, curl_push_callback callback);

#endif

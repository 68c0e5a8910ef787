/* true_name.h - options of libcurl that are two names of one thing, for what
 * stands in for a handle; lib/setopt.c.
 */
#ifndef TRUE_NAME_H
#define TRUE_NAME_H

#include <curl/curl.h>

static inline CURLoption true_name(CURLoption option) {
  switch ((int)option) {
  case CURLOPT_TIMEOUT:
    return CURLOPT_TIMEOUT_MS;
  case CURLOPT_CONNECTTIMEOUT:
    return CURLOPT_CONNECTTIMEOUT_MS;
  case CURLOPT_RESUME_FROM:
    return CURLOPT_RESUME_FROM_LARGE;
  case CURLOPT_INFILESIZE:
    return CURLOPT_INFILESIZE_LARGE;
  case CURLOPT_POSTFIELDSIZE:
    return CURLOPT_POSTFIELDSIZE_LARGE;
  case CURLOPT_MAXFILESIZE:
    return CURLOPT_MAXFILESIZE_LARGE;
  case CURLOPT_PUT:
    return CURLOPT_UPLOAD;
  case CURLOPT_COPYPOSTFIELDS:
    return CURLOPT_POSTFIELDS;
  case CURLOPT_ABSTRACT_UNIX_SOCKET:
    return CURLOPT_UNIX_SOCKET_PATH;
  default:
    return option;
  }
}

#endif

/* newer.h - libcurl's header, and what later ones than 7.74's have of which
 * we speak: the header that is there at build time says nothing of the
 * libcurl that a program brings. Instead of curl/curl.h in policy/ and shim/.
 */
#ifndef CURLRETRY_NEWER_H
#define CURLRETRY_NEWER_H

#include <curl/curl.h>

#if LIBCURL_VERSION_NUM < 0x074c00 /* 7.76.0 */
#define CURLINFO_REFERER ((CURLINFO)(CURLINFO_STRING + 60))
#endif

#if LIBCURL_VERSION_NUM < 0x074d00 /* 7.77.0 */
#define CURLE_SSL_CLIENTCERT ((CURLcode)98)
#endif

#if LIBCURL_VERSION_NUM < 0x074e00 /* 7.78.0 */
#define CURLE_SETOPT_OPTION_SYNTAX ((CURLcode)49)
#endif

#if LIBCURL_VERSION_NUM < 0x075000 /* 7.80.0 */
#define CURLOPT_PREREQFUNCTION ((CURLoption)(CURLOPTTYPE_FUNCTIONPOINT + 312))
#define CURLOPT_PREREQDATA ((CURLoption)(CURLOPTTYPE_OBJECTPOINT + 313))
#define CURL_PREREQFUNC_OK 0
#define CURL_PREREQFUNC_ABORT 1
typedef int (*curl_prereq_callback)(void *data, char *peer, char *own,
                                    int peer_port, int own_port);
#endif

#if LIBCURL_VERSION_NUM < 0x075100 /* 7.81.0 */
#define CURLM_ABORTED_BY_CALLBACK ((CURLMcode)11)
#endif

#if LIBCURL_VERSION_NUM < 0x075200 /* 7.82.0 */
#define CURLE_OBSOLETE62 ((CURLcode)62)
#define CURLE_OBSOLETE76 ((CURLcode)76)
#endif

#if LIBCURL_VERSION_NUM < 0x075300 /* 7.83.0 */
struct curl_header {
  char *name;
  char *value;
  size_t amount;
  size_t index;
  unsigned int origin;
  void *anchor;
};

#define CURLH_HEADER (1 << 0)
#define CURLH_TRAILER (1 << 1)
#define CURLH_CONNECT (1 << 2)
#define CURLH_1XX (1 << 3)
#define CURLH_PSEUDO (1 << 4)

typedef enum {
  CURLHE_OK,
  CURLHE_BADINDEX,
  CURLHE_MISSING,
  CURLHE_NOHEADERS,
  CURLHE_NOREQUEST,
  CURLHE_OUT_OF_MEMORY,
  CURLHE_BAD_ARGUMENT,
  CURLHE_NOT_BUILT_IN
} CURLHcode;
#endif

#if LIBCURL_VERSION_NUM < 0x075400 /* 7.84.0 */
#define CURLE_UNRECOVERABLE_POLL ((CURLcode)99)
#endif

#if LIBCURL_VERSION_NUM < 0x075500 /* 7.85.0 */
#define CURLE_OBSOLETE75 ((CURLcode)75)
#define CURLOPT_PROTOCOLS_STR ((CURLoption)(CURLOPTTYPE_STRINGPOINT + 318))
#endif

#if LIBCURL_VERSION_NUM < 0x080200 /* 8.2.0 */
#define CURLINFO_CONN_ID ((CURLINFO)(CURLINFO_OFF_T + 64))
#endif

#if LIBCURL_VERSION_NUM < 0x080700 /* 8.7.0 */
#define CURLINFO_USED_PROXY ((CURLINFO)(CURLINFO_LONG + 66))
#endif

#if LIBCURL_VERSION_NUM < 0x081000 /* 8.16.0 */
typedef int CURLMinfo_offt;
#endif

#if LIBCURL_VERSION_NUM < 0x081100 /* 8.17.0 */
#define CURLMOPT_NOTIFYFUNCTION ((CURLMoption)(CURLOPTTYPE_FUNCTIONPOINT + 18))
#define CURLMOPT_NOTIFYDATA ((CURLMoption)(CURLOPTTYPE_OBJECTPOINT + 19))
#endif

#if LIBCURL_VERSION_NUM < 0x081400 /* 8.20.0 */
#define CURLINFO_SIZE_DELIVERED ((CURLINFO)(CURLINFO_OFF_T + 71))
#endif

#endif

/* ftp.h - a small FTP server for one test at a time, and what it was told. */
#ifndef CURLRETRY_SHIM_FTP_H
#define CURLRETRY_SHIM_FTP_H

#include <stdbool.h>
#include <stddef.h>

/* Starts it; its first `failures` transfers are answered 450 or, an upload
 * when it was stored already, 451. Returns its port on 127.0.0.1; 0: it did
 * not start. */
int ftp_start(unsigned failures);
void ftp_stop(void);

/* How many lines of its log begin with `word`: commands as they came, and
 * "FILE" for each upload stored. */
size_t ftp_count(const char *word);

#endif

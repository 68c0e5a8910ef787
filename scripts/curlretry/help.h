/* help.h - --help and --version. Both answer the exit status. */
#ifndef CURLRETRY_HELP_H
#define CURLRETRY_HELP_H

int help_print(void);
int help_print_version(void);

#endif

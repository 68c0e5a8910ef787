/* version.h - the one place of the version: the library and curlretry answer
 * it, the Makefile reads it here for the manual pages and the package, and
 * the README's changelog begins with it. */
#ifndef CURLRETRY_VERSION_H
#define CURLRETRY_VERSION_H

#define CURLRETRY_VERSION "0.2.0"

#endif

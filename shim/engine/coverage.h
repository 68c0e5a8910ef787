/* coverage.h - which calls the policy covers. */
#ifndef CURLRETRY_COVERAGE_H
#define CURLRETRY_COVERAGE_H

#include "policy.h"
#include "program/handle.h"

/* The scheme of the handle's URL if its call is to be taken over; URL_OTHER
 * if it is passed through: another scheme, a host that HOSTS leaves out,
 * CONNECT_ONLY, FTP wildcards, what isn't known whole. Decided before anything
 * is installed. */
enum url_scheme coverage_scheme(const struct handle *handle,
                                const struct policy *policy);

#endif

/* blocking.h - curl_easy_perform(): the engine's steps in a loop, and sleep.
 */
#ifndef CURLRETRY_BLOCKING_H
#define CURLRETRY_BLOCKING_H

#include "program/handle.h"

/* curl_easy_perform(). `frame`: the frame address of the interposed
 * function. */
CURLcode blocking_perform(struct handle *handle, const void *frame);

/* Whether a call runs on this handle and this stack, below its frame: a
 * nested use from a callback. False for a call that was left, by longjmp, by
 * an exception, or because its thread was cancelled. */
bool blocking_is_nested(const struct handle *handle, const void *frame);

/* The program uses the handle otherwise now: give it back where a call was
 * left. False: it is still in one. */
bool blocking_release(struct handle *handle, const void *frame);

#endif

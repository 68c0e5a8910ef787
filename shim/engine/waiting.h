/* waiting.h - what happens while a call waits and nothing moves: for a retry,
 * or for a program that paused.
 */
#ifndef CURLRETRY_WAITING_H
#define CURLRETRY_WAITING_H

#include "engine/call.h"

/* The program's progress callback while nothing moves. False: it said stop. */
bool waiting_tell_progress(struct call *call);

/* PHASE_WAIT, as far as the program goes. RETRY: its time has come; SUCCESS:
 * come back later; else why it ends. */
enum verdict_reason waiting_sit(struct call *call, int64_t now);

/* The policy's answer when the wait for a retry is over. */
enum verdict_reason waiting_judge_again(struct call *call);

/* It is over: the time counts. Not of a wait on purpose, which stands for a
 * slow server. */
void waiting_note(struct call *call, int64_t now);

#endif

/* beginning.h - what becomes of a response when its headers are whole: held,
 * read to be discarded, streamed, or no rest of what it was to continue.
 */
#ifndef CURLRETRY_BEGINNING_H
#define CURLRETRY_BEGINNING_H

#include "engine/call.h"

/* A header block has ended. False: the attempt ends here. */
bool beginning_after_block(struct call *call);

/* The final one has, or a body byte showed that it was final. False: the
 * attempt ends here. */
bool beginning_of_body(struct call *call);

#endif

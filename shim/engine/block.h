/* block.h - the header block that is coming: hop and entity follow it, whether
 * or not its lines reach the program.
 */
#ifndef CURLRETRY_BLOCK_H
#define CURLRETRY_BLOCK_H

#include "engine/call.h"

/* One header line. What it was. */
enum hop_event block_line(struct call *call, const char *line, size_t length);

#endif

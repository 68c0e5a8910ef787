/* notify.h - CURLMOPT_NOTIFYFUNCTION (libcurl 8.17 and later): libcurl's word
 * of a transfer that is done comes before we know whether the program is to
 * see that. So it hears of it from us.
 */
#ifndef CURLRETRY_NOTIFY_H
#define CURLRETRY_NOTIFY_H

#include "drive/multi.h"

/* The program set the callback (NULL: none), or enables and disables a
 * notification: arguments and results as libcurl's. */
CURLMcode notify_set(struct multi *multi, notify_callback callback);
CURLMcode notify_enable(struct multi *multi, unsigned notification);
CURLMcode notify_disable(struct multi *multi, unsigned notification);

/* The member's message can be read now. */
void notify_posted(struct member *member);

#endif

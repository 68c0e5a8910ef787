/* libcurl makes the new stream's handle as a copy of the one whose answer
 * pushes it, our callbacks and their call included, without a function that we
 * stand in for: so the program's options are given back to it here. */
#include "drive/push.h"

#include "drive/table.h"

static struct handle *adopt(struct multi *multi, CURL *parent, CURL *curl) {
  const struct handle *from = table_find(parent);
  struct handle *handle = from ? table_add_copy(curl, from) : NULL;

  if (handle && multi_join(multi, handle))
    multi_move(handle->member, MEMBER_RUNNING);
  return handle;
}

static int on_push(CURL *parent, CURL *curl, size_t count,
                   struct curl_pushheaders *headers, void *data) {
  struct multi *multi = data;
  struct handle *handle =
      multi_is_active(multi) ? adopt(multi, parent, curl) : NULL;
  bool is_member = handle && handle->member;
  int answer = CURL_PUSH_DENY; /* out of memory */

  if (is_member || !multi_is_active(multi) || table_reserve_stranger(curl))
    answer = multi->push(parent, curl, count, headers, multi->push_data);
  if (answer != CURL_PUSH_OK && handle) /* libcurl frees it */
    table_remove(curl);
  multi->has_strangers = true;
  return answer;
}

CURLMcode push_set(struct multi *multi, curl_push_callback callback) {
  CURLMcode code = multi->library->multi_setopt(
      multi->real, CURLMOPT_PUSHFUNCTION, callback ? on_push : NULL);

  if (code)
    return code;
  multi->push = callback;
  return multi->library->multi_setopt(multi->real, CURLMOPT_PUSHDATA, multi);
}

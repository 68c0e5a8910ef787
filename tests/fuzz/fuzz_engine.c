/* The engine under curl_easy_perform(): one handle, transfer after transfer,
 * whatever libcurl and the program's callbacks do: what the program gets is
 * one attempt's, whole, and only what may be repeated is. */
#include "program.h"

void program_act_in_callback(struct user *user) {
  switch (draw(4)) {
  case 1:
    user_perform(user);
    break;
  case 2:
    if (program.depth < 2 && !program.users[1].is_performing)
      user_perform(&program.users[1]);
    break;
  case 3:
    user_reset(user);
    break;
  default:
    break;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct user *user = &program.users[0];

  input = (struct input){bytes, size};
  program_begin();
  program.checks_bytes = true;
  user_init(user);
  user_init(&program.users[1]);
  while (input.left) {
    user_perform(user);
    switch (draw(6)) {
    case 1:
      user_reset(user);
      break;
    case 2:
      user_set_any(user);
      break;
    case 3:
      user_copy(user);
      break;
    case 4:
      user_cleanup(user);
      user_init(user);
      break;
    default:
      break;
    }
  }
  program_end();
  return 0;
}

/* Every option of the installed headers, in any order, between and in
 * transfers: libcurl's answer is the program's, and after each call libcurl
 * has the values that the program set. */
#include "program.h"

void program_act_in_callback(struct user *user) {
  user_set_any(user);
  if (draw_once_in(8))
    user_reset(user);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  input = (struct input){bytes, size};
  program_begin();
  while (input.left) {
    struct user *user = &program.users[draw(2)];
    unsigned action = draw(12);
    if (!user->curl)
      user_init(user);
    switch (action) {
    case 0:
      user_reset(user);
      break;
    case 1:
      user_copy(user);
      break;
    case 2:
      user_cleanup(user);
      break;
    case 3:
    case 4:
      user_perform(user);
      break;
    default:
      user_set_any(user);
      break;
    }
  }
  program_end();
  return 0;
}

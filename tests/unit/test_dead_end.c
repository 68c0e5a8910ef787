/* test_dead_end.c - a connection that leads nowhere, as a client meets it. */
#include "unit_test.h"

#include "host/dead_end.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int join(struct dead_end *dead_end, const char *heard) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(dead_end->name);
  int number = dead_end_open(dead_end, heard, strlen(heard));

  assert_true(number >= 3);
  assert_true(length < sizeof address.sun_path - 1);
  memcpy(address.sun_path + 1, dead_end->name, length);
  length += offsetof(struct sockaddr_un, sun_path) + 1;
  assert_int_equal(connect(number, (void *)&address, (socklen_t)length), 0);
  return number;
}

static void it_is_connected_at_once_and_heard_to_the_end(void **state) {
  struct dead_end dead_end = dead_end_none();
  struct pollfd file = {.events = POLLIN};
  char text[64];

  (void)state;
  dead_end_name(&dead_end);
  file.fd = join(&dead_end, "an answer");
  assert_int_equal(poll(&file, 1, 0), 1);
  assert_int_equal(recv(file.fd, text, sizeof text, 0), 9);
  assert_memory_equal(text, "an answer", 9);
  assert_int_equal(recv(file.fd, text, sizeof text, MSG_DONTWAIT), 0);
  close(file.fd);
  file.fd = join(&dead_end, ""); /* the one before is dead */
  assert_int_equal(recv(file.fd, text, sizeof text, MSG_DONTWAIT), 0);
  close(file.fd);
  dead_end_close(&dead_end);
}

/* However much it is: nobody has to read it. */
static void what_is_sent_is_dropped(void **state) {
  static char bytes[16384];
  struct dead_end dead_end = dead_end_none();
  int number;

  (void)state;
  dead_end_name(&dead_end);
  number = join(&dead_end, "");
  for (int i = 0; i < 1000; i++)
    assert_int_equal(send(number, bytes, sizeof bytes, MSG_DONTWAIT),
                     sizeof bytes);
  assert_int_equal(recv(dead_end.peer.number, bytes, 1, MSG_DONTWAIT), -1);
  assert_int_equal(errno, EAGAIN);
  close(number);
  dead_end_close(&dead_end);
}

static void names_differ(void **state) {
  struct dead_end a = dead_end_none(), b = dead_end_none();
  int first, second;

  (void)state;
  dead_end_name(&a);
  dead_end_name(&b);
  assert_string_not_equal(a.name, b.name);
  first = join(&a, "a");
  second = join(&b, "b");
  close(first);
  close(second);
  dead_end_close(&a);
  dead_end_close(&b);
}

/* Hosts close descriptors that aren't theirs. */
static void another_file_by_its_number_stays_open(void **state) {
  struct dead_end dead_end = dead_end_none();
  int number, other;

  (void)state;
  dead_end_name(&dead_end);
  number = join(&dead_end, "");
  close(dead_end.peer.number);
  other = dup2(0, dead_end.peer.number);
  assert_int_equal(other, dead_end.peer.number);
  dead_end_close(&dead_end);
  assert_int_equal(close(other), 0);
  close(number);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_is_connected_at_once_and_heard_to_the_end),
      cmocka_unit_test(what_is_sent_is_dropped),
      cmocka_unit_test(names_differ),
      cmocka_unit_test(another_file_by_its_number_stays_open),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_sockets.c - CURLOPT_OPENSOCKETFUNCTION(3): a program that makes a
 * socket each time is retried, and of one that has a descriptor to give no
 * retry takes what libcurl has closed. */
#define _GNU_SOURCE
#include "setup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct opener {
  int made;  /* sockets, so far */
  int gives; /* from then on: this descriptor; -1: it always makes one */
  int most;  /* sockets that it makes before it gives that */
};

static curl_socket_t open_one(void *data, curlsocktype purpose,
                              struct curl_sockaddr *address) {
  struct opener *opener = data;

  assert_int_equal(purpose, CURLSOCKTYPE_IPCXN);
  opener->made++;
  if (opener->gives >= 0 && opener->made > opener->most)
    return opener->gives;
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

static CURL *open_by(struct opener *opener, CURL *curl) {
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_one);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, opener);
  return curl;
}

static void a_program_that_makes_sockets_is_retried(void **state) {
  static const char *const plans[] = {"rst,200:size=10", "rst,rst,200:size=10",
                                      "503,rst,200:size=10"};

  (void)state;
  for (size_t i = 0; i < COUNT(plans); i++) {
    struct opener opener = {.gives = -1};
    char key[32];
    CURL *curl;
    snprintf(key, sizeof key, "makes%zu", i);
    curl = open_by(&opener, handle_for(key, plans[i]));
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(server_count(key), i ? 3 : 2);
    assert_true(opener.made >= 2 && opener.made <= 3);
    curl_easy_cleanup(curl);
  }
}

/* A file of the program's that has the number of a socket that libcurl has
 * closed: it stays open, and no retry sends a byte into it. */
static void a_descriptor_that_was_there_is_not_taken(void **state) {
  int file = open("/dev/null", O_RDWR | O_CLOEXEC);
  struct opener opener = {.gives = file, .most = 1};
  CURL *curl;

  (void)state;
  assert_true(file >= 0);
  curl = open_by(&opener, handle_for("gives", "rst,200:size=10"));
  log_forget();
  assert_int_equal(curl_easy_perform(curl), CURLE_RECV_ERROR);
  assert_int_equal(server_count("gives"), 1);
  assert_int_equal(opener.made, 2);
  assert_int_equal(log_count("the program makes no new socket"), 1);
  assert_true(fcntl(file, F_GETFD) >= 0);
  curl_easy_cleanup(curl);
  close(file);
}

/* It isn't believed any more: the next call's failure is final at once. */
static void a_program_that_gave_one_is_not_asked_again(void **state) {
  struct opener opener = {.gives = -1};
  int given = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CURL *curl;

  (void)state;
  assert_true(given >= 0);
  opener.gives = given; /* libcurl connects it, and closes it */
  curl = open_by(&opener, handle_for("gave", "rst,200:size=10"));
  assert_int_equal(curl_easy_perform(curl), CURLE_RECV_ERROR);
  assert_int_equal(server_count("gave"), 1);
  assert_int_equal(opener.made, 1);
  curl_easy_cleanup(curl);
}

/* Low numbers are taken, or few are allowed: what is made is found. */
static void many_open_files_hide_no_socket(void **state) {
  struct rlimit before, limit;
  struct opener opener = {.gives = -1};
  int files[1200];
  CURL *curl;

  (void)state;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  limit = before;
  if (limit.rlim_cur < 1400)
    limit.rlim_cur = limit.rlim_max < 1400 ? limit.rlim_max : 1400;
  if (limit.rlim_cur < 1400 || setrlimit(RLIMIT_NOFILE, &limit))
    skip();
  for (size_t i = 0; i < COUNT(files); i++)
    files[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
  curl = open_by(&opener, handle_for("many", "rst,200:size=10"));
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(opener.made, 2);
  curl_easy_cleanup(curl);
  for (size_t i = 0; i < COUNT(files); i++)
    close(files[i]);
  limit.rlim_cur = 100;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  curl = open_by(&opener, handle_for("few", "rst,200:size=10"));
  assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(opener.made, 4);
  curl_easy_cleanup(curl);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* Taken off while libcurl asks it: the transfer is made as if it had none. */
static curl_socket_t take_off(void *data, curlsocktype purpose,
                              struct curl_sockaddr *address) {
  (void)purpose;
  curl_easy_setopt(data, CURLOPT_OPENSOCKETFUNCTION, NULL);
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

static void a_callback_that_is_taken_off_is_not_called(void **state) {
  CURL *curl = handle_for("off", "200:size=10");

  (void)state;
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, take_off);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, curl);
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  for (int i = 0; i < 2; i++)
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
  assert_int_equal(server_count("off"), 2);
  curl_easy_cleanup(curl);
}

static int tests(void) {
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(a_program_that_makes_sockets_is_retried),
      cmocka_unit_test(a_descriptor_that_was_there_is_not_taken),
      cmocka_unit_test(a_program_that_gave_one_is_not_asked_again),
      cmocka_unit_test(many_open_files_hide_no_socket),
      cmocka_unit_test(a_callback_that_is_taken_off_is_not_called),
  };

  return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv) {
  static const char *const policy[] = {"CURLRETRY_BASE_DELAY=5ms", NULL};
  static const struct setup setup = {.policy = policy, .tests = tests};

  return setup_main(argc, argv, &setup);
}

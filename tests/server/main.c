/* faulty: the faulty servers of the demo, the tests and the benches.
   README.md beside this file has the plans and the options. */
#include "body.h"
#include "http.h"
#include "listen.h"
#include "plans.h"
#include "tcp.h"
#include "text.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: faulty http [OPTION...]             HTTP/1.1 server\n"
    "       faulty proxy [OPTION...] PLAN       CONNECT proxy\n"
    "       faulty tcp [OPTION...] PORT PLAN    TCP proxy to 127.0.0.1:PORT\n"
    "       faulty refuse|mute|full [OPTION...] a port that refuses, never\n"
    "                                           answers, never connects\n"
    "       faulty body SEED SIZE               a generated body on stdout\n"
    "options: --until-eof        end when stdin ends\n"
    "         --life SECONDS     end after this time (600)\n"
    "         --port-file FILE   write the port there, too\n"
    "         --log FILE         (tcp) one JSON line per connection\n"
    "         --chaos SEED[~PERCENT[~flips|~resets]]  (tcp) draw the steps\n"
    "         --to ADDRESS       (tcp) not 127.0.0.1\n"
    "         --port PORT        not one that the kernel picks\n"
    "         --rcvbuf BYTES     receive buffer of each connection\n"
    "         --listen-when FILE refuse connections until it has bytes\n"
    "         --ipv6             listen on ::1\n";

static int fail_usage(void) {
  fputs(usage, stderr);
  return 2;
}

/* A number option; ends the program when it is none. */
static int number_option(const char *text) {
  uint64_t number;

  if (!text_number(text, &number) || number > 100000000)
    exit(fail_usage());
  return (int)number;
}

/* What isn't the listener's. */
struct tcp_options {
  const char *log_file;
  const char *target;
  struct chaos chaos;
  bool is_drawn;
};

/* One option; false: there is no such. */
static bool take_option(int name, struct listen_options *options,
                        struct tcp_options *tcp) {
  switch (name) {
  case 'e':
    options->is_until_eof = true;
    return true;
  case 'l':
    options->life_s = number_option(optarg);
    return true;
  case 'p':
    options->port_file = optarg;
    return true;
  case 'o':
    tcp->log_file = optarg;
    return true;
  case 't':
    tcp->target = optarg;
    return true;
  case 'c':
    tcp->is_drawn = chaos_parse(optarg, &tcp->chaos);
    return tcp->is_drawn;
  case 'P':
    options->port = number_option(optarg);
    return true;
  case 'r':
    options->rcvbuf = number_option(optarg);
    return true;
  case 'a':
    options->listen_when = optarg;
    return true;
  case '6':
    options->is_ipv6 = true;
    return true;
  default:
    return false;
  }
}

/* Reads the options; returns the index of the first other argument. */
static int parse_options(int argc, char **argv, struct listen_options *options,
                         struct tcp_options *tcp) {
  static const struct option names[] = {
      {"until-eof", no_argument, NULL, 'e'},
      {"life", required_argument, NULL, 'l'},
      {"port-file", required_argument, NULL, 'p'},
      {"log", required_argument, NULL, 'o'},
      {"chaos", required_argument, NULL, 'c'},
      {"to", required_argument, NULL, 't'},
      {"port", required_argument, NULL, 'P'},
      {"rcvbuf", required_argument, NULL, 'r'},
      {"listen-when", required_argument, NULL, 'a'},
      {"ipv6", no_argument, NULL, '6'},
      {NULL, 0, NULL, 0},
  };
  int name;

  while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
    if (!take_option(name, options, tcp))
      exit(fail_usage());
  return optind;
}

static int print_body(int argc, char **argv) {
  uint64_t size;

  if (argc != 4 || !text_number(argv[3], &size))
    return fail_usage();
  return body_print(argv[2], size) ? 0 : 1;
}

/* Fills in what MODE needs; false with a message when it can't. */
static bool setup_mode(const char *mode, char **words, int count,
                       const struct tcp_options *tcp,
                       struct listen_options *options) {
  char error[PLAN_ERROR_SIZE];
  uint64_t port;

  if (strcmp(mode, "tcp") == 0) {
    if (count != 2 - tcp->is_drawn || !text_number(words[0], &port) ||
        port > UINT16_MAX)
      exit(fail_usage());
    options->serve = tcp_serve;
    if (tcp->is_drawn)
      tcp_draw(&tcp->chaos);
    return tcp_setup(tcp->target, (uint16_t)port,
                     tcp->is_drawn ? "pass" : words[1], tcp->log_file);
  }
  options->serve = http_serve;
  if (strcmp(mode, "refuse") == 0)
    options->kind = LISTEN_REFUSE;
  else if (strcmp(mode, "mute") == 0)
    options->kind = LISTEN_MUTE;
  else if (strcmp(mode, "full") == 0)
    options->kind = LISTEN_FULL;
  else if (strcmp(mode, "http") != 0 && strcmp(mode, "proxy") != 0)
    exit(fail_usage());
  if (count != (strcmp(mode, "proxy") == 0))
    exit(fail_usage());
  if (plans_store(HTTP_CONNECT_KEY, count ? words[0] : "200", error))
    return true;
  fprintf(stderr, "faulty: %s\n", error);
  return false;
}

int main(int argc, char **argv) {
  struct listen_options options = {.life_s = 600};
  struct tcp_options tcp = {0};
  int first;

  if (argc < 2)
    return fail_usage();
  if (strcmp(argv[1], "body") == 0)
    return print_body(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  first = 1 + parse_options(argc - 1, argv + 1, &options, &tcp);
  if (!setup_mode(argv[1], argv + first, argc - first, &tcp, &options))
    return 1;
  return listen_run(&options);
}

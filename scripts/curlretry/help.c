/* help.c - see help.h. */
#include "help.h"

#include "options.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 79
#define INDENT 6
#define NAME_COLUMN 35 /* where a variable's meaning begins */

static const char beginning[] =
    "Usage: curlretry [OPTION...] PROGRAM [ARG...]\n"
    "       curlretry --print-env [OPTION...]\n"
    "       curlretry [OPTION...] --doctor PROGRAM | PID | FILE.so\n"
    "       curlretry --report [FILE...]\n"
    "       curlretry [OPTION...] --summary PROGRAM [ARG...]\n"
    "Run PROGRAM; libcurl transfers of it that fail are retried.\n"
    "\n"
    "  --print-env       print the environment that does it as NAME=value\n"
    "                    lines, for unit files and CI settings\n"
    "  --doctor          say whether a program, a running process or a\n"
    "                    library is reached, and if not, why\n"
    "  --report          say what happened, from traces: the files, else\n"
    "                    stdin, else that of CURLRETRY_TRACE\n"
    "  --summary         run PROGRAM, then say what its transfers did\n"
    "  -h, --help        print this and exit\n"
    "  -V, --version     print the version and exit\n"
    "  --                end the options\n"
    "\n"
    "Options of --report:\n"
    "  --by WHAT         a row for each host, peer, program, url or hour\n"
    "  --top NUMBER      so many rows, the others as one\n"
    "  --json            the figures for programs\n"
    "  --openmetrics     for a node exporter's textfile collector\n"
    "  --har             each attempt for a browser's network panel\n"
    "  --html            a page of its own, with the worst calls\n"
    "\n"
    "Every other option sets the environment variable of its name for\n"
    "PROGRAM (--max-retries 5 is CURLRETRY_MAX_RETRIES=5); --OPTION=VALUE\n"
    "is the same.\n"
    "\n";

static const char ending[] =
    "\n"
    "Exit status: PROGRAM's own; 2 when an option or the policy is wrong or\n"
    "PROGRAM can't be preloaded; 126 when PROGRAM can't be executed; 127 "
    "when\n"
    "it is not found. Of --doctor: 0 reached, 1 not reached. See "
    "curlretry(1).\n";

/* The words of `text` from column `indent` on; `column` is where the cursor
 * stands. */
static void print_words(const char *text, int column, int indent) {
  for (bool is_first = true; *text != '\0'; is_first = false) {
    int length = (int)strcspn(text, " ");
    if (!is_first && column + 1 + length > COLUMNS) {
      printf("\n%*s", indent, "");
      column = indent;
    } else if (!is_first) {
      putchar(' ');
      column++;
    }
    printf("%.*s", length, text);
    column += length;
    text += length;
    while (*text == ' ')
      text++;
  }
  putchar('\n');
}

static void print_variable(const struct policy_variable *variable) {
  const char *initial = variable->initial[0] ? variable->initial : "none";
  int column = printf("  %-19s %-12s ", options_of(variable), initial);
  if (column > NAME_COLUMN) {
    printf("\n%*s", NAME_COLUMN, "");
    column = NAME_COLUMN;
  }
  print_words(variable->meaning, column, NAME_COLUMN);
  printf("%*s", INDENT, "");
  print_words(variable->accepts, INDENT, INDENT);
}

/* "--close-idle, --disable and --dry-run" */
static void print_switches(void) {
  const char *waiting = NULL;
  char text[512] = "";
  for (const struct policy_variable *variable = policy_variables(NULL);
       variable->name != NULL; variable++) {
    if (!options_is_switch(variable))
      continue;
    if (waiting != NULL)
      (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                     text[0] ? ", " : "", waiting);
    waiting = options_of(variable);
  }
  (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                 " and %s alone mean 1; they take a value only after \"=\".",
                 waiting != NULL ? waiting : "");
  print_words(text, 0, 0);
}

int help_print(void) {
  fputs(beginning, stdout);
  printf("  %-19s %-12s %s\n", "option", "default", "meaning");
  for (const struct policy_variable *variable = policy_variables(NULL);
       variable->name != NULL; variable++)
    print_variable(variable);
  putchar('\n');
  print_switches();
  fputs(ending, stdout);
  return EXIT_SUCCESS;
}

int help_print_version(void) {
  puts("curlretry " CURLRETRY_VERSION);
  return EXIT_SUCCESS;
}

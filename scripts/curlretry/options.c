/* options.c - see options.h. */
#include "options.h"

#include "nearest.h"
#include "say.h"
#include "slice.h"
#include "text.h"

#include <getopt.h>
#include <string.h>

#define VARIABLES_MAX 96
#define NAME_SIZE 40
#define FIRST_VARIABLE 256 /* getopt's values of the variables' options */

/* What curlretry does beside running a program, and the short names. */
static const struct {
  const char *name;
  int letter;
  enum mode mode;
} modes[] = {
    {"help", 'h', MODE_HELP},         {"version", 'V', MODE_VERSION},
    {"print-env", 1, MODE_PRINT_ENV}, {"doctor", 2, MODE_DOCTOR},
    {"report", 3, MODE_REPORT},       {"summary", 4, MODE_SUMMARY},
};
#define MODE_COUNT (sizeof modes / sizeof modes[0])

/* The report's own. */
static const struct {
  const char *name;
  int letter;
} report_options[] = {
    {"--by", 10},          {"--top", 11}, {"--json", 12},
    {"--openmetrics", 13}, {"--har", 14}, {"--html", 15},
};
#define REPORT_COUNT (sizeof report_options / sizeof report_options[0])
#define LAST_WITH_VALUE 11
#define OWN_COUNT (MODE_COUNT + REPORT_COUNT)

static char names[VARIABLES_MAX][NAME_SIZE]; /* "--max-retries" */
static const char *known[OWN_COUNT + VARIABLES_MAX];
static struct option table[OWN_COUNT + VARIABLES_MAX + 1];
static size_t known_count;

/* "MAX_RETRIES" -> "--max-retries" */
static void write_name(char *name, const char *variable) {
  size_t length = 2;
  memcpy(name, "--", 2);
  for (; *variable != '\0' && length < NAME_SIZE - 1; variable++)
    name[length++] = *variable == '_' ? '-' : slice_lower(*variable);
  name[length] = '\0';
}

bool options_is_switch(const struct policy_variable *variable) {
  return strcmp(variable->initial, "0") == 0 &&
         strncmp(variable->accepts, "0 or 1", 6) == 0;
}

static void add_row(const char *name, int has_argument, int value) {
  known[known_count] = name;
  table[known_count++] = (struct option){name, has_argument, NULL, value};
}

static void make_table(void) {
  size_t count = 0;
  const struct policy_variable *variables = policy_variables(&count);
  if (known_count != 0)
    return;
  for (size_t i = 0; i < count && i < VARIABLES_MAX; i++) {
    write_name(names[i], variables[i].name);
    add_row(names[i] + 2,
            options_is_switch(&variables[i]) ? optional_argument
                                             : required_argument,
            FIRST_VARIABLE + (int)i);
  }
  for (size_t i = 0; i < MODE_COUNT; i++)
    add_row(modes[i].name, no_argument, modes[i].letter);
  for (size_t i = 0; i < REPORT_COUNT; i++)
    add_row(report_options[i].name + 2,
            report_options[i].letter <= LAST_WITH_VALUE ? required_argument
                                                        : no_argument,
            report_options[i].letter);
}

const char *options_of(const struct policy_variable *variable) {
  make_table();
  return names[variable - policy_variables(NULL)];
}

/* "--NAME" or "--NAME=...": whether NAME is known, in full. */
static bool is_known(const char *word) {
  size_t length = strcspn(word + 2, "=");
  for (size_t i = 0; i < known_count; i++) {
    if (strncmp(known[i], word + 2, length) == 0 && known[i][length] == '\0')
      return true;
  }
  return false;
}

static void complain_of_unknown(const char *word) {
  bool is_short = word[1] != '-';
  const char *from = word + (is_short ? 1 : 2);
  const char *name = text_part(from, strcspn(from, "="));
  const char *nearest = nearest_name(name, known, known_count);
  int shown = (int)strcspn(word, "=");
  if (nearest != NULL)
    complain("unknown option %.*s; nearest: --%s", shown, word, nearest);
  else if (is_short)
    complain("unknown option %.*s; only -h and -V are short, the others are "
             "words: see curlretry --help",
             shown, word);
  else
    complain("unknown option %.*s; see curlretry --help", shown, word);
}

/* What getopt_long() would take for an abbreviation, or reads as letters. */
static bool check_word(const char *word) {
  if (word == NULL || word[0] != '-' || word[1] == '\0' ||
      strcmp(word, "--") == 0)
    return true;
  if (word[1] == '-' ? is_known(word)
                     : word[1 + strspn(word + 1, "hV")] == '\0')
    return true;
  complain_of_unknown(word);
  return false;
}

static bool complain_of_value(const char *word, int answer) {
  if (answer == ':')
    complain("option %s needs a value; see curlretry --help", word);
  else
    complain("option %.*s takes no value", (int)strcspn(word, "="), word);
  return false;
}

static bool add_setting(struct command *command, size_t index,
                        const char *word) {
  struct setting *setting = &command->settings[command->count];
  bool has_equals = strchr(word, '=') != NULL;
  if (command->count == SETTINGS_MAX) {
    complain("more than %d options", SETTINGS_MAX);
    return false;
  }
  setting->variable = &policy_variables(NULL)[index];
  setting->option = names[index];
  setting->between = has_equals ? "=" : optarg != NULL ? " " : "";
  setting->value = optarg != NULL ? optarg : "1";
  command->count++;
  if (!has_equals && strncmp(setting->value, "--", 2) == 0) {
    complain("option %s needs a value; %s is no value", word, setting->value);
    return false;
  }
  return true;
}

static const char *mode_name(enum mode mode) {
  for (size_t i = 0; i < MODE_COUNT; i++) {
    if (modes[i].mode == mode)
      return modes[i].name;
  }
  return "";
}

/* --help says more than whatever else was asked for; --version is as good. Of
 * the others, each does something else with what stands behind it. */
static bool set_mode(struct command *command, enum mode mode) {
  if (command->mode >= MODE_HELP && mode != MODE_HELP)
    return true;
  if (command->mode != MODE_RUN && command->mode != mode && mode < MODE_HELP) {
    complain("--%s and --%s can't go together", mode_name(command->mode),
             mode_name(mode));
    return false;
  }
  command->mode = mode;
  return true;
}

static bool set_report_option(struct command *command, const char *name,
                              int letter, const char *word) {
  struct report_options *report = &command->report;
  if (letter > LAST_WITH_VALUE) {
    if (report->form != NULL && strcmp(report->form, name) != 0) {
      complain("%s and %s can't go together", report->form, name);
      return false;
    }
    report->form = name;
    return true;
  }
  *(letter == LAST_WITH_VALUE ? &report->top : &report->by) = optarg;
  if (strchr(word, '=') == NULL && strncmp(optarg, "--", 2) == 0) {
    complain("option %s needs a value; %s is no value", word, optarg);
    return false;
  }
  return true;
}

/* An option that getopt knows, by its value there. */
static bool set_option(struct command *command, int answer, const char *word) {
  for (size_t i = 0; i < MODE_COUNT; i++) {
    if (modes[i].letter == answer)
      return set_mode(command, modes[i].mode);
  }
  for (size_t i = 0; i < REPORT_COUNT; i++) {
    if (report_options[i].letter == answer)
      return set_report_option(command, report_options[i].name, answer, word);
  }
  return add_setting(command, (size_t)(answer - FIRST_VARIABLE), word);
}

/* Whether the options go together. */
static bool check_together(const struct command *command) {
  const struct report_options *report = &command->report;
  const char *option = report->form != NULL  ? report->form
                       : report->by != NULL  ? "--by"
                       : report->top != NULL ? "--top"
                                             : NULL;
  if (command->mode >= MODE_HELP)
    return true;
  if (report->form != NULL && strcmp(report->form, "--har") == 0 &&
      (report->by != NULL || report->top != NULL)) {
    complain("--har has no rows for %s",
             report->by != NULL ? "--by" : "--top");
    return false;
  }
  if (command->mode == MODE_REPORT && command->count != 0) {
    complain("%s is no option of --report, which takes --by, --top, --json, "
             "--openmetrics, --har and --html",
             command->settings[0].option);
    return false;
  }
  if (command->mode != MODE_REPORT && option != NULL) {
    complain("%s is an option of --report: curlretry --report %s%s", option,
             option, report->form != NULL ? "" : " VALUE");
    return false;
  }
  return true;
}

/* A report's options may stand behind its files, too. */
static bool take_file(struct command *command, char **argv, size_t *count) {
  if (command->mode != MODE_REPORT || argv[optind] == NULL ||
      (optind > 1 && strcmp(argv[optind - 1], "--") == 0))
    return false;
  command->operands[(*count)++] = argv[optind++];
  return true;
}

bool options_parse(struct command *command, int argc, char **argv) {
  int answer = 0;
  size_t files = 0;
  memset(command, 0, sizeof *command);
  command->operands = text_room(NULL, ((size_t)argc + 1) * sizeof(char *));
  make_table();
  opterr = 0;
  for (;;) {
    const char *word = argv[optind];
    if (!check_word(word))
      return false;
    answer = getopt_long(argc, argv, "+:hV", table, NULL);
    if (answer == -1 && take_file(command, argv, &files))
      continue;
    if (answer == -1)
      break;
    if (answer == ':' || answer == '?')
      return complain_of_value(word, answer);
    if (!set_option(command, answer, word))
      return false;
  }
  while (optind < argc)
    command->operands[files++] = argv[optind++];
  command->operands[files] = NULL;
  return check_together(command);
}

const struct setting *options_setting(const struct command *command,
                                      const char *name) {
  for (size_t i = command->count; i > 0; i--) {
    const struct setting *setting = &command->settings[i - 1];
    if (strcmp(setting->variable->name, name) == 0)
      return setting;
  }
  return NULL;
}

/* plugins.c - see plugins.h. "%" in a pattern is the program's prefix:
 * /usr of /usr/bin/python3, the folder of a virtual environment. */
#include "plugins.h"

#include "program.h"
#include "text.h"

#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct plugin_host hosts[] = {
    {"PHP", LIST("php*", "apache2", "httpd", "frankenphp"),
     LIST("%/lib/php/*/curl.so", "%/lib64/php/modules/curl.so",
          "%/lib/php*/modules/curl.so", "%/lib/php/extensions/*/curl.so"),
     "loads", true, false},
    {"Python", LIST("python*", "pypy*", "uwsgi*"),
     LIST("%/lib*/python3*/dist-packages/pycurl*.so",
          "%/lib*/python3*/site-packages/pycurl*.so",
          "%/local/lib/python3*/dist-packages/pycurl*.so",
          "%/local/lib/python3*/site-packages/pycurl*.so"),
     "loads", false, false},
    {"Perl", LIST("perl*"),
     LIST("%/lib*/*/perl*/*/auto/*/Curl/Curl.so",
          "%/lib*/*/perl*/*/auto/Net/Curl/Curl.so",
          "%/lib*/perl5/*/auto/*/Curl/Curl.so",
          "%/lib*/perl5/*/*/auto/*/Curl/Curl.so",
          "%/local/lib/*/perl/*/auto/*/Curl/Curl.so",
          "%/local/lib*/perl5/auto/*/Curl/Curl.so"),
     "loads", false, false},
    {"R", LIST("R", "Rscript", "Rserve", "rsession"),
     LIST("%/lib*/R/modules/internet.so",
          "%/lib*/R/*library/*/libs/*[cC]url*.so",
          "%/local/lib/R/*library/*/libs/*[cC]url*.so",
          "%/../modules/internet.so", "%/../*library/*/libs/*[cC]url*.so"),
     "loads", false, true},
    {"Ruby", LIST("ruby*"),
     LIST("%/lib*/*/ruby/vendor_ruby/*/curb_core.so",
          "%/lib*/ruby/*/*/*/curb_core.so",
          "%/lib*/ruby/gems/*/extensions/*/*/curb-*/curb_core.so",
          "%/lib*/*/rubygems-integration/*/extensions/*/*/curb-*/curb_core.so",
          "/var/lib/gems/*/extensions/*/*/curb-*/curb_core.so"),
     "loads", false, false},
    {"Lua", LIST("lua*"),
     LIST("%/lib*/*/lua/5.*/*curl.so", "%/lib*/lua/5.*/*curl.so",
          "%/local/lib/lua/5.*/*curl.so"),
     "loads", false, false},
    {"Tcl", LIST("tclsh*", "wish*"),
     LIST("%/lib*/tcltk/TclCurl*/*TclCurl*.so",
          "%/lib*/*/tcltk/TclCurl*/*TclCurl*.so", "%/lib*/TclCurl*/*.so"),
     "loads", false, false},
    {"QEMU", LIST("qemu-*"),
     LIST("%/lib*/qemu/block-curl.so", "%/lib*/*/qemu/block-curl.so"), "loads",
     false, false},
    {"rsyslog", LIST("rsyslogd"),
     LIST("%/lib*/rsyslog/*elasticsearch.so",
          "%/lib*/*/rsyslog/*elasticsearch.so", "%/lib*/rsyslog/*http.so",
          "%/lib*/*/rsyslog/*http.so", "%/lib*/rsyslog/mmkubernetes.so",
          "%/lib*/*/rsyslog/mmkubernetes.so"),
     "loads", false, false},
    {"syslog-ng", LIST("syslog-ng"),
     LIST("%/lib*/syslog-ng/libhttp.so", "%/lib*/syslog-ng/*/libhttp.so"),
     "loads", false, false},
    {"collectd", LIST("collectd", "collectdmon"),
     LIST("%/lib*/collectd/curl*.so", "%/lib*/collectd/write_http.so",
          "%/lib*/*/collectd/curl*.so", "%/lib*/*/collectd/write_http.so"),
     "loads", false, false},
    {"nbdkit", LIST("nbdkit"),
     LIST("%/lib*/nbdkit/plugins/nbdkit-curl-plugin.so",
          "%/lib*/*/nbdkit/plugins/nbdkit-curl-plugin.so"),
     "loads", false, false},
    {"FreeRADIUS", LIST("freeradius", "radiusd"),
     LIST("%/lib*/freeradius/rlm_rest.so"), "loads", false, false},
    {"HTSlib", LIST("samtools", "bcftools", "tabix", "bgzip", "htsfile"),
     LIST("%/lib*/htslib/hfile_libcurl.so", "%/lib*/*/htslib/hfile_libcurl.so",
          "%/libexec/htslib/hfile_libcurl.so"),
     "loads", false, false},
    {"git", LIST("git"),
     LIST("%/lib*/git-core/git-remote-http",
          "%/lib*/git-core/git-remote-https"),
     "runs", false, false},
};

const struct plugin_host *plugins_host(const char *program) {
  const char *name = program_name(program);
  for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
    for (const char *const *pattern = hosts[i].programs; *pattern != NULL;
         pattern++) {
      if (fnmatch(*pattern, name, 0) == 0)
        return &hosts[i];
    }
  }
  return NULL;
}

/* The folder above the program's: "/usr" of "/usr/bin/php". */
static char *prefix_of(const char *program) {
  char *prefix = text_keep(program);
  for (int i = 0; i < 2; i++) {
    char *slash = strrchr(prefix, '/');
    if (slash == NULL)
      return text_keep("/usr");
    *slash = '\0';
  }
  return prefix;
}

static void look(glob_t *files, const struct plugin_host *host,
                 const char *prefix) {
  for (const char *const *file = host->files; *file != NULL; file++) {
    const char *pattern = *file;
    if (pattern[0] == '%')
      pattern = text_join(prefix, pattern + 1);
    (void)glob(pattern, GLOB_NOSORT | (files->gl_pathc ? GLOB_APPEND : 0),
               NULL, files);
  }
}

static bool is_listed(const char **list, size_t count, const char *path) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(list[i], path) == 0)
      return true;
  }
  return false;
}

const char *const *plugins_find(const struct plugin_host *host,
                                const char *program) {
  char whole[PATH_MAX];
  char path[PATH_MAX];
  glob_t files = {0};
  size_t count = 0;
  char *prefix = prefix_of(program);
  look(&files, host, prefix);
  if (realpath(program, whole) != NULL &&
      strcmp(prefix, prefix_of(whole)) != 0)
    look(&files, host, prefix_of(whole));
  const char **list = text_room(NULL, (files.gl_pathc + 1) * sizeof *list);
  for (size_t i = 0; i < files.gl_pathc; i++) { /* two patterns, one file */
    if (realpath(files.gl_pathv[i], path) != NULL &&
        !is_listed(list, count, path))
      list[count++] = text_keep(path);
  }
  list[count] = NULL;
  return list;
}

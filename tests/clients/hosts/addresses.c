/* addresses.so - preloaded: svc.test has the addresses 127.0.0.2, 127.0.0.3
 * and 127.0.0.4, always in this order, as /etc/hosts gives them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>

typedef int (*resolver)(const char *, const char *, const struct addrinfo *,
                        struct addrinfo **);

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints,
                struct addrinfo **restrict found) {
  static const char names[][10] = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
  void *next = dlsym(RTLD_NEXT, "getaddrinfo");
  struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST};
  resolver resolve;
  int result = 0;

  memcpy(&resolve, &next, sizeof(resolve));
  if (!node || strcmp(node, "svc.test") != 0)
    return resolve(node, service, hints, found);
  numeric.ai_family = AF_INET;
  numeric.ai_socktype = hints ? hints->ai_socktype : 0;
  for (int i = 0; !result && i < 3; i++) {
    result = resolve(names[i], service, &numeric, found);
    while (!result && *found)
      found = &(*found)->ai_next;
  }
  return result;
}

/* own_socket URL same|once|made|turned|dropped: as libcurl's externalsocket.c,
 * the program makes the socket and hands it to libcurl: the same one whenever
 * it is asked, or once; or it makes one each time, or only when it is asked
 * first, or takes the callback off then. Prints code and status, how often it
 * was asked for a socket and to close one, and whether a file of its own that
 * got the number was closed.
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static CURL *curl;
static int own = -1, file = -1, opened, closed;
static const char *way;

static size_t ignore(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  (void)data;
  return size * count;
}

static curl_socket_t open_own(void *data, curlsocktype purpose,
                              struct curl_sockaddr *address) {
  (void)data;
  (void)purpose;
  opened++;
  if (!strcmp(way, "dropped"))
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, NULL);
  if (!strcmp(way, "made") || (!strcmp(way, "turned") && opened == 1) ||
      !strcmp(way, "dropped"))
    own = socket(address->family, address->socktype, address->protocol);
  return opened > 1 && !strcmp(way, "once") ? CURL_SOCKET_BAD : own;
}

static int close_own(void *data, curl_socket_t number) {
  (void)data;
  closed++;
  (void)close(number);
  if (file < 0)
    file = open("/dev/null", O_RDONLY);
  return 0;
}

int main(int count, char **words) {
  long status = 0;
  CURLcode code;

  curl = curl_easy_init();
  if (!curl || count != 3)
    return 2;
  way = words[2];
  if (!strcmp(way, "same") || !strcmp(way, "once"))
    own = socket(AF_INET, SOCK_STREAM, 0);
  curl_easy_setopt(curl, CURLOPT_URL, words[1]);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_own);
  curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, close_own);
  code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_cleanup(curl);
  printf("%d %ld, opened %d, closed %d, %s\n", (int)code, status, opened,
         closed, file >= 0 && fcntl(file, F_GETFD) < 0 ? "broken" : "well");
  return 0;
}

/* own_socket URL same|once: as libcurl's externalsocket.c, the program makes
 * the socket and hands it to libcurl: the same one whenever it is asked, or
 * once. Prints code and status, how often it was asked for a socket and to
 * close one, and whether a file of its own that got the number was closed. */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int own, opened, closed, is_once;

static size_t ignore(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  (void)data;
  return size * count;
}

static curl_socket_t open_own(void *data, curlsocktype purpose,
                              struct curl_sockaddr *address) {
  (void)data;
  (void)purpose;
  (void)address;
  return opened++ && is_once ? CURL_SOCKET_BAD : own;
}

static int close_own(void *data, curl_socket_t number) {
  (void)data;
  closed++;
  return close(number);
}

int main(int count, char **words) {
  CURL *curl = curl_easy_init();
  int file = -1;
  long status = 0;
  CURLcode code;

  if (!curl || count != 3)
    return 2;
  is_once = !strcmp(words[2], "once");
  own = socket(AF_INET, SOCK_STREAM, 0);
  curl_easy_setopt(curl, CURLOPT_URL, words[1]);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_own);
  curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, close_own);
  code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (closed)
    file = open("/dev/null", O_RDONLY);
  curl_easy_cleanup(curl);
  printf("%d %ld, opened %d, closed %d, %s\n", (int)code, status, opened,
         closed, file >= 0 && fcntl(file, F_GETFD) < 0 ? "broken" : "well");
  return 0;
}

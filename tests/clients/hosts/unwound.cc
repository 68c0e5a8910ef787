// unwound URL...: for each URL a call whose write callback throws through
// curl_easy_perform(); a destructor frees the handle while the exception is on
// its way. Says how many connections remain open.
#include <cstdio>
#include <curl/curl.h>
#include <stdexcept>
#include <unistd.h>

static int connections;

static size_t refuse(char *, size_t, size_t, void *) {
  throw std::runtime_error("planned");
}

static int on_close(void *, curl_socket_t socket) {
  connections--;
  return close(socket);
}

static int on_socket(void *, curl_socket_t, curlsocktype) {
  connections++;
  return CURL_SOCKOPT_OK;
}

struct Handle {
  CURL *curl = curl_easy_init();
  ~Handle() { curl_easy_cleanup(curl); }
};

static void perform(const char *url) {
  Handle handle;
  curl_easy_setopt(handle.curl, CURLOPT_URL, url);
  curl_easy_setopt(handle.curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle.curl, CURLOPT_WRITEFUNCTION, refuse);
  curl_easy_setopt(handle.curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
  curl_easy_setopt(handle.curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_easy_perform(handle.curl);
}

int main(int argc, char **argv) {
  int thrown = 0;
  for (int i = 1; i < argc; i++) {
    try {
      perform(argv[i]);
    } catch (const std::runtime_error &) {
      thrown++;
    }
  }
  std::printf("%d thrown, %d connections\n", thrown, connections);
  return 0;
}

// throws URL URL: the first one's write callback throws through
// curl_easy_perform(); then the second one, on a new handle.
#include <cstdio>
#include <curl/curl.h>
#include <stdexcept>

static size_t refuse(char *, size_t, size_t, void *) {
  throw std::runtime_error("planned");
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  CURL *curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, refuse);
  try {
    curl_easy_perform(curl);
    return 3;
  } catch (const std::runtime_error &error) {
    std::fputs(error.what(), stderr);
  }
  CURL *next = curl_easy_init();
  curl_easy_setopt(next, CURLOPT_URL, argv[2]);
  CURLcode code = curl_easy_perform(next);
  curl_easy_cleanup(next);
  std::fflush(stdout);
  return code;
}

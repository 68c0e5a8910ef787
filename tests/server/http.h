/* Serves one HTTP/1.1 client connection by the plans. */
#ifndef FAULTY_HTTP_H
#define FAULTY_HTTP_H

/* The key of the plan that CONNECT requests follow. */
#define HTTP_CONNECT_KEY "connect"

/* Serves FD until its end and closes it. */
void http_serve(int fd);

#endif

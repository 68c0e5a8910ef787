<?php // ffi.php LIBRARY URL: libcurl by dlsym() of PHP's FFI, body on stdout.
$library = FFI::cdef('
    void *curl_easy_init(void);
    int curl_easy_setopt(void *curl, int option, ...);
    int curl_easy_perform(void *curl);
    void curl_easy_cleanup(void *curl);
    const char *curl_version(void);', $argv[1]);
$curl = $library->curl_easy_init();
$library->curl_easy_setopt($curl, 10002, $argv[2]);
$code = $library->curl_easy_perform($curl);
$library->curl_easy_cleanup($curl);
exit($code);

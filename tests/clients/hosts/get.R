# get.R URL: status and body on stdout, by R's curl package.
answer <- curl::curl_fetch_memory(commandArgs(TRUE)[1])
cat(answer$status_code, as.character(answer$content))
if (any(grepl("libcurlretry", readLines("/proc/self/maps"))))
  cat("with the shim\n", file = stderr())

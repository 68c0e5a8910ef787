# get.R URL FILE: the body, by R's curl package, whatever the status.
arguments <- commandArgs(TRUE)
writeBin(curl::curl_fetch_memory(arguments[1])$content, arguments[2])

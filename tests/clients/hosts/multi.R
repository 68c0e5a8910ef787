# multi.R WAY URL...: all at once, in R. A line for each: NAME CODE STATUS
# SIZE SHA-256; NAME is the URL's end, CODE 0 or "failed"; "? ?" where the way
# doesn't tell. WAY is
#
#   run       curl's multi_run(): a line as each ends
#   download  curl's multi_download()
#   base      R's own download.file(method = "libcurl")
#   rcurl     RCurl's multi handle, which reads no messages

sha256 <- function(path)
  sub(" .*", "", system2("sha256sum", shQuote(path), stdout = TRUE))

report <- function(name, code, status, path) {
  if (!file.exists(path))
    file.create(path)
  cat(name, code, status, format(file.size(path), scientific = FALSE),
    paste0(sha256(path), "\n"))
}

run <- function(urls, paths) {
  pool <- curl::new_pool(host_con = 20)
  fetch <- function(url, path) {
    file <- file(path, "wb")
    ended <- function(code, status) {
      close(file)
      report(basename(url), code, status, path)
    }
    curl::curl_fetch_multi(url, pool = pool,
      data = function(bytes, last) writeBin(bytes, file),
      done = function(answer) ended(0, answer$status_code),
      fail = function(message) ended("failed", 0))
  }
  Map(fetch, urls, paths)
  curl::multi_run(pool = pool)
}

download <- function(urls, paths) {
  answers <- curl::multi_download(urls, paths, progress = FALSE)
  codes <- ifelse(answers$success %in% TRUE, 0, "failed")
  Map(report, basename(urls), codes, answers$status_code, paths)
}

base <- function(urls, paths) {
  suppressWarnings(download.file(urls, paths, method = "libcurl",
    quiet = TRUE, mode = "wb"))
  Map(report, basename(urls), "?", "?", paths)
}

rcurl <- function(urls, paths) {
  multi <- RCurl::getCurlMultiHandle()
  files <- Map(RCurl::CFILE, paths, mode = "wb")
  curls <- Map(function(url, file)
    RCurl::getCurlHandle(url = url, writedata = file@ref), urls, files)
  for (curl in curls)
    multi <- RCurl::push(multi, curl)
  while (RCurl::curlMultiPerform(multi, multiple = TRUE)[[2]] > 0) {}
  for (file in files)
    RCurl::close(file)
  statuses <- lapply(curls, function(curl)
    RCurl::getCurlInfo(curl)$response.code)
  Map(report, basename(urls), "?", statuses, paths)
}

arguments <- commandArgs(TRUE)
urls <- arguments[-1]
suppressMessages(invisible(
  get(arguments[1])(urls, file.path(tempdir(), basename(urls)))))

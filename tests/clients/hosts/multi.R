# multi.R run URL...: all at once by R's curl, on a pool of its own. For each
# that ended, in that order: NAME CODE STATUS SIZE SHA-256; NAME is the URL's
# end, CODE 0 or "failed".
# multi.R download URL...: by multi_download(), the lines when all have ended.
library(curl)

sha256 <- function(path)
  sub(" .*", "", system2("sha256sum", shQuote(path), stdout = TRUE))

report <- function(name, code, status, path)
  cat(name, code, status, format(file.size(path), scientific = FALSE),
    paste0(sha256(path), "\n"))

run <- function(urls) {
  pool <- new_pool(host_con = 20)
  for (url in urls) local({
    name <- basename(url)
    path <- tempfile()
    file <- file(path, "wb")
    ended <- function(code, status) {
      close(file)
      report(name, code, status, path)
    }
    curl_fetch_multi(url, pool = pool,
      data = function(bytes, last) writeBin(bytes, file),
      done = function(answer) ended(0, answer$status_code),
      fail = function(message) ended("failed", 0))
  })
  multi_run(pool = pool)
}

download <- function(urls) {
  paths <- file.path(tempdir(), basename(urls))
  file.create(paths)
  answers <- multi_download(urls, paths, progress = FALSE)
  for (i in seq_along(urls))
    report(basename(urls[i]), if (answers$success[i] %in% TRUE) 0 else "failed",
      answers$status_code[i], paths[i])
}

arguments <- commandArgs(TRUE)
invisible(get(arguments[1])(arguments[-1]))

# multi.rb URL...: all at once by curb's Curl::Multi. For each that ended, in
# that order: NAME CODE STATUS SIZE SHA-256; NAME is the URL's end, CODE 0 or
# the error's class.
require 'curb'
require 'digest'

def report(url, easy, code)
  body = easy.body_str.to_s
  code = 0 if code == Curl::Err::CurlOK # a status is a failure for it
  puts [File.basename(url), code, easy.response_code, body.bytesize,
        Digest::SHA256.hexdigest(body)].join(' ')
end

multi = Curl::Multi.new
ARGV.each do |url|
  curl = Curl::Easy.new(url)
  curl.on_success { |easy| report(url, easy, 0) }
  curl.on_failure { |easy, error| report(url, easy, error[0]) }
  multi.add(curl)
end
multi.perform

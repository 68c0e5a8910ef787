# get.rb URL: the body on stdout, by curb.
require 'curb'
$stdout.binmode
curl = Curl::Easy.new(ARGV[0])
curl.perform
$stdout.write(curl.body_str)
warn 'with the shim' if File.read('/proc/self/maps').include?('libcurlretry')

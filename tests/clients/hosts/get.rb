# get.rb URL: the body on stdout, by curb, whose easy is a multi of one.
require 'curb'
$stdout.binmode
curl = Curl::Easy.new(ARGV[0])
curl.perform
$stdout.write(curl.body_str)

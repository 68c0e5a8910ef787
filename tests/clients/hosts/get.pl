# get.pl URL: the body on stdout.
use strict;
use warnings;
use WWW::Curl::Easy;

my $curl = WWW::Curl::Easy->new;
my $body = '';
open(my $sink, '>', \$body) or die $!;
$curl->setopt(CURLOPT_URL, $ARGV[0]);
$curl->setopt(CURLOPT_WRITEDATA, $sink);
my $code = $curl->perform;
print $body;
exit $code;

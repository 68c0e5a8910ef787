# multi.pl URL...: all at once by WWW::Curl::Multi, select on fdset without a
# timeout of libcurl's, for it offers none. For each that ended, in that
# order: NAME CODE STATUS SIZE SHA-256; NAME is the URL's end.
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use WWW::Curl::Easy;
use WWW::Curl::Multi;

my $multi = WWW::Curl::Multi->new;
my (%curl, %body);

sub add {
  my ($id, $url) = @_;
  my $curl = WWW::Curl::Easy->new;
  $body{$id} = '';
  open(my $sink, '>', \$body{$id}) or die $!;
  $curl->setopt(CURLOPT_URL, $url);
  $curl->setopt(CURLOPT_PRIVATE, $id); # must be true
  $curl->setopt(CURLOPT_WRITEDATA, $sink);
  $curl{$id} = $curl;
  $multi->add_handle($curl);
}

sub report {
  my ($id, $code) = @_;
  my $curl = delete $curl{$id};
  my ($name) = $ARGV[$id - 1] =~ m{([^/]*)$};
  print join(' ', $name, $code, $curl->getinfo(CURLINFO_HTTP_CODE),
    length $body{$id}, sha256_hex($body{$id})), "\n";
}

sub wait_for_sockets {
  my ($read, $write) = $multi->fdset;
  my @bits = ('', '');
  vec($bits[0], $_, 1) = 1 for @$read;
  vec($bits[1], $_, 1) = 1 for @$write;
  select($bits[0], $bits[1], undef, 0.1);
}

add($_, $ARGV[$_ - 1]) for 1 .. @ARGV;
while (%curl) {
  my $running = $multi->perform;
  if ($running != keys %curl) {
    while (my ($id, $code) = $multi->info_read) {
      report($id, $code) if $id;
    }
  }
  wait_for_sockets() if %curl;
}

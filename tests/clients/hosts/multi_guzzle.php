<?php
// multi_guzzle.php URL...: all at once by Guzzle's promises. For each that
// ended, in that order: NAME CODE STATUS SIZE SHA-256; NAME is the URL's end.
require 'GuzzleHttp/autoload.php';

use GuzzleHttp\Handler\CurlMultiHandler;

function report(string $url, string $sink, int $code, int $status): void
{
    $body = file_get_contents($sink);
    unlink($sink);
    echo implode(' ', [basename($url), $code, $status, strlen($body),
        hash('sha256', $body)]), "\n";
}

$client = new GuzzleHttp\Client(['http_errors' => false,
    'handler' => GuzzleHttp\HandlerStack::create(new CurlMultiHandler())]);
$promises = [];
foreach (array_slice($argv, 1) as $url) {
    $sink = tempnam(sys_get_temp_dir(), 'sink');
    $promises[] = $client->getAsync($url, ['sink' => $sink])->then(
        fn ($answer) => report($url, $sink, 0, $answer->getStatusCode()),
        fn ($error) => report($url, $sink,
            $error->getHandlerContext()['errno'] ?? -1, 0)
    );
}
GuzzleHttp\Promise\Utils::settle($promises)->wait();

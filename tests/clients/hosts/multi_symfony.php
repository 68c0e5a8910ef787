<?php
// multi_symfony.php URL...: all at once by Symfony's HttpClient. For each that
// ended, in that order: NAME CODE STATUS SIZE SHA-256; NAME is the URL's end.
require 'Symfony/Component/HttpClient/autoload.php';

use Symfony\Contracts\HttpClient\Exception\TransportExceptionInterface;

function report(string $name, string $code, int $status, string $body): void
{
    echo implode(' ', [$name, $code, $status, strlen($body),
        hash('sha256', $body)]), "\n";
}

$client = new Symfony\Component\HttpClient\CurlHttpClient();
$bodies = $answers = [];
foreach (array_slice($argv, 1) as $url) {
    $bodies[basename($url)] = '';
    $answers[] = $client->request('GET', $url,
        ['user_data' => basename($url), 'buffer' => false]);
}
foreach ($client->stream($answers) as $answer => $chunk) {
    $name = $answer->getInfo('user_data');
    try {
        $bodies[$name] .= $chunk->getContent();
        if ($chunk->isFirst()) {
            $answer->getHeaders(false); // a status is no exception
        }
        if ($chunk->isLast()) {
            report($name, 0, $answer->getStatusCode(), $bodies[$name]);
        }
    } catch (TransportExceptionInterface $error) {
        report($name, 'failed', 0, $bodies[$name]);
    }
}

<?php
// multi.php URL...: all at once, by the loop of PHP's manual. For each that
// ended, in that order: NAME CODE STATUS SIZE SHA-256; NAME is the URL's end.

function add(CurlMultiHandle $multi, string $url): void
{
    $curl = curl_init($url);
    curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($curl, CURLOPT_PRIVATE, basename($url));
    curl_multi_add_handle($multi, $curl);
}

function report(CurlMultiHandle $multi, array $message): void
{
    $curl = $message['handle'];
    $body = curl_multi_getcontent($curl) ?? '';
    echo implode(' ', [curl_getinfo($curl, CURLINFO_PRIVATE),
        $message['result'], curl_getinfo($curl, CURLINFO_RESPONSE_CODE),
        strlen($body), hash('sha256', $body)]), "\n";
    curl_multi_remove_handle($multi, $curl);
}

$multi = curl_multi_init();
foreach (array_slice($argv, 1) as $url) {
    add($multi, $url);
}
do {
    $status = curl_multi_exec($multi, $running);
    if ($running) {
        curl_multi_select($multi, 5.0);
    }
    while ($message = curl_multi_info_read($multi)) {
        report($multi, $message);
    }
} while ($running && $status === CURLM_OK);
exit($status);

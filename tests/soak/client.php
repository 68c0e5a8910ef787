<?php
// client.php easy|multi FILES JOBS: the transfers of jobs.py by PHP's curl,
// by curl_exec() or up to 16 at once. Prints KEY CODE STATUS SIZE SHA-256.

[, $way, $files, $jobs] = $argv;

function set_upload(CurlHandle $curl, string $operation, string $file): void
{
    if ($operation === 'POST') {
        curl_setopt($curl, CURLOPT_POSTFIELDS, file_get_contents($file));
    } elseif ($operation === 'PUT') {
        curl_setopt($curl, CURLOPT_UPLOAD, true);
        curl_setopt($curl, CURLOPT_INFILE, fopen($file, 'r'));
        curl_setopt($curl, CURLOPT_INFILESIZE, filesize($file));
    }
}

function set_options(CurlHandle $curl, string $line, string $files): void
{
    [$key, , $operation, $body, $url, $proxy, $version] = explode(' ', $line);
    curl_setopt_array($curl, [
        CURLOPT_URL => $url,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_SSL_VERIFYPEER => false,
        CURLOPT_SSL_VERIFYHOST => 0,
        CURLOPT_PROXY => $proxy === '-' ? '' : $proxy,
        CURLOPT_HTTP_VERSION => $version === '2'
            ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1,
        CURLOPT_PRIVATE => $key,
        CURLOPT_DNS_CACHE_TIMEOUT => -1, // see job.c
    ]);
    set_upload($curl, $operation, "$files/$body");
}

function report(CurlHandle $curl, int $code, string $body): void
{
    echo implode(' ', [curl_getinfo($curl, CURLINFO_PRIVATE), $code,
        curl_getinfo($curl, CURLINFO_RESPONSE_CODE), strlen($body),
        hash('sha256', $body)]), "\n";
}

function run_easy(array $lines, string $files): void
{
    $curl = curl_init();
    foreach ($lines as $line) {
        curl_reset($curl);
        set_options($curl, $line, $files);
        $body = curl_exec($curl);
        report($curl, curl_errno($curl), $body === false ? '' : $body);
    }
}

function run_multi(array $lines, string $files): void
{
    $multi = curl_multi_init();
    $open = 0;
    do {
        while ($open < 16 && $lines) {
            $curl = curl_init();
            set_options($curl, array_shift($lines), $files);
            curl_multi_add_handle($multi, $curl);
            $open++;
        }
        curl_multi_exec($multi, $running);
        curl_multi_select($multi, 1.0);
        while ($message = curl_multi_info_read($multi)) {
            $curl = $message['handle'];
            report($curl, $message['result'],
                curl_multi_getcontent($curl) ?? '');
            curl_multi_remove_handle($multi, $curl);
            $open--;
        }
    } while ($open);
}

$run = "run_$way";
$run(file($jobs, FILE_IGNORE_NEW_LINES), $files);

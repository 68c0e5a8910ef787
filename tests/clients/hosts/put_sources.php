<?php
// put_sources.php SOURCE MODE FILE URL: uploads FILE ("-": standard input) by
// CURLOPT_INFILE ("infile") or a read callback ("callback"), and prints the
// answer. MODE: plain; and without Expect: follow (redirects), any or digest
// (authentication), reused (a GET on the handle first).
[, $source, $mode, $name, $url] = $argv;
$file = fopen($name === '-' ? 'php://stdin' : $name, 'r');
$has_ended = $is_late = false;
$curl = curl_init($url);
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
if ($mode === 'reused') {
    curl_exec($curl);
}
curl_setopt($curl, CURLOPT_UPLOAD, true);
if ($name !== '-') {
    curl_setopt($curl, CURLOPT_INFILESIZE, filesize($name));
}
if ($source === 'infile') {
    curl_setopt($curl, CURLOPT_INFILE, $file);
} else {
    $read = function ($curl, $ignored, $size) use ($file) {
        global $has_ended, $is_late;
        $is_late = $is_late || $has_ended;
        $bytes = (string) fread($file, $size);
        $has_ended = $bytes === '';
        return $bytes;
    };
    curl_setopt($curl, CURLOPT_READFUNCTION, $read);
}
curl_setopt($curl, CURLOPT_FOLLOWLOCATION, $mode === 'follow');
if ($mode === 'any' || $mode === 'digest') {
    curl_setopt($curl, CURLOPT_USERPWD, 'user:secret');
    curl_setopt(
        $curl,
        CURLOPT_HTTPAUTH,
        $mode === 'any' ? CURLAUTH_ANY : CURLAUTH_DIGEST
    );
}
if ($mode !== 'plain') {
    curl_setopt($curl, CURLOPT_HTTPHEADER, ['Expect:']);
}
$answer = curl_exec($curl);
if ($answer === false) {
    fwrite(STDERR, curl_error($curl) . "\n");
    exit(1);
}
if ($is_late) {
    fwrite(STDERR, "asked for more after the end\n");
    exit(3);
}
echo $answer;

<?php // put.php FILE URL: uploads from a callback, without a seek callback.
$file = fopen($argv[1], 'r');
$curl = curl_init($argv[2]);
curl_setopt_array($curl, [
    CURLOPT_UPLOAD => true,
    CURLOPT_INFILESIZE => filesize($argv[1]),
    CURLOPT_FOLLOWLOCATION => true,
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_READFUNCTION => function ($curl, $ignored, $size) use ($file) {
        return (string) fread($file, $size);
    },
]);
if (curl_exec($curl) === false) {
    fwrite(STDERR, curl_error($curl) . "\n");
    exit(1);
}
echo curl_getinfo($curl, CURLINFO_RESPONSE_CODE);

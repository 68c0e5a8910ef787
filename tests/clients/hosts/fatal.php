<?php // fatal.php URL1 URL2: a fatal error in URL1's write callback, a longjmp
// over libcurl; then URL2, on the same handle, in a shutdown function.
$curl = curl_init($argv[1]);
$same = ($argv[3] ?? '') === 'same';
register_shutdown_function(function () use ($curl, $argv, $same) {
    if (!$same) {
        $curl = curl_init();
    }
    curl_setopt($curl, CURLOPT_URL, $argv[2]);
    curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
    echo curl_exec($curl);
});
curl_setopt($curl, CURLOPT_WRITEFUNCTION, function ($curl, $data) {
    trigger_error('planned', E_USER_ERROR);
});
curl_exec($curl);
echo 'not reached';

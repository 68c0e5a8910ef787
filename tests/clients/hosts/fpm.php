<?php // For php-fpm: the environment it sees, and the body of ?URL.
$curl = curl_init($_SERVER['QUERY_STRING']);
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
echo getenv('CURLRETRY_MAX_RETRIES') === false ? 'cleared ' : 'kept ';
echo hash('sha256', (string) curl_exec($curl));

// OUTPUT URL: a download with go-retryablehttp. The library repeats requests
// until there are headers; a body that breaks is its program's business, so
// this one begins again, at most three times.
package main

import (
	"io"
	"os"

	"github.com/hashicorp/go-retryablehttp"
)

func download(client *retryablehttp.Client, path, url string) error {
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(file, answer.Body)
	return err
}

func main() {
	client := retryablehttp.NewClient()
	client.Logger = nil
	for i := 0; i < 4; i++ {
		if download(client, os.Args[1], os.Args[2]) == nil {
			return
		}
	}
	os.Exit(1)
}

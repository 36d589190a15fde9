package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
	http.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			fmt.Fprintln(w, name, values)
		}
		os.ReadFile("/etc/hostname")
	})
	http.ListenAndServe(":8088", nil)
}

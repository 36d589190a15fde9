// A web server that answers on the address it is given.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
	if err := http.ListenAndServe(os.Args[1], handler); err != nil {
		panic(err)
	}
}

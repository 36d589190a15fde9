// zaz reads a Go program with the package that zaz has for that, and prints the syscalls that it finds, one a line.
package main

import (
	"fmt"
	"os"

	"github.com/pjbgf/gosystract/cmd/systract"
)

func main() {
	calls, err := systract.Extract(systract.NewExeReader(os.Args[1]))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, call := range calls {
		fmt.Println(call.Name)
	}
}

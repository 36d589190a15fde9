package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
)

func main() {
	output, err := exec.Command("/bin/echo", "from a child").CombinedOutput()
	if err != nil {
		panic(err)
	}
	me, err := user.Current()
	if err != nil {
		panic(err)
	}
	directory := filepath.Join(os.TempDir(), fmt.Sprintf("seccraft-commands-%d", os.Getpid()))
	if err := os.MkdirAll(filepath.Join(directory, "inner"), 0700); err != nil {
		panic(err)
	}
	defer os.RemoveAll(directory)
	file, err := os.Create(filepath.Join(directory, "file"))
	if err != nil {
		panic(err)
	}
	file.Write(output)
	file.Sync()
	file.Truncate(3)
	file.Close()
	os.Chmod(file.Name(), 0600)
	os.Rename(file.Name(), file.Name()+"2")
	os.Symlink("file2", filepath.Join(directory, "link"))
	fmt.Print(me.Username, " ", string(output))
}

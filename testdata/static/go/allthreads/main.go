package main

import (
	"runtime"
	"syscall"
)

func main() {
	done := make(chan bool)
	for i := 0; i < 3; i++ {
		go func() {
			runtime.LockOSThread()
			done <- true
		}()
		<-done
	}
	syscall.AllThreadsSyscall(syscall.SYS_PRCTL, 38 /* PR_SET_NO_NEW_PRIVS */, 1, 0)
	syscall.Setgid(syscall.Getgid())
}

package main

import (
	"os"
	"syscall"
)

var table = [...]uintptr{syscall.SYS_GETPRIORITY, syscall.SYS_GETSID, syscall.SYS_SYNC}

type caller interface{ call() uintptr }

type number uintptr

func (n number) call() uintptr {
	result, _, _ := syscall.RawSyscall(uintptr(n), 0, 0, 0)
	return result
}

//go:noinline
func through(f func(uintptr) uintptr, value uintptr) uintptr { return f(value) }

func main() {
	for _, trap := range table {
		syscall.RawSyscall(trap, 0, 0, 0)
	}
	trap := uintptr(syscall.SYS_GETPGID)
	if len(os.Args) > 3 {
		trap = syscall.SYS_GETCWD
	}
	syscall.Syscall(trap, 0, 0, 0)
	var one caller = number(syscall.SYS_SCHED_YIELD)
	one.call()
	through(func(mask uintptr) uintptr {
		result, _, _ := syscall.RawSyscall(syscall.SYS_UMASK, mask, 0, 0)
		return result
	}, 022)
}

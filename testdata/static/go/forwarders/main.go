package main

import "syscall"

//go:noinline
func first(trap, a uintptr) uintptr { return second(a, trap) }

//go:noinline
func second(a, trap uintptr) uintptr { return third(trap, a, 0) + 1 }

//go:noinline
func third(trap, a, b uintptr) uintptr {
	result, _, _ := syscall.RawSyscall6(trap, a, b, 0, 0, 0, 0)
	return result
}

func main() {
	println(first(syscall.SYS_GETSID, 0) != 0)
	println(second(0, syscall.SYS_GETPGID) != 0)
	println(third(syscall.SYS_GETPRIORITY, 0, 0) != 0)
}

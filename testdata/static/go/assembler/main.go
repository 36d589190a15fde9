package main

func sessionOf(pid uintptr) uintptr

func groupOf(pid uintptr) uintptr

func main() {
	println(sessionOf(0) != 0, groupOf(0) != 0)
}

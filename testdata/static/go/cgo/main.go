package main

/*
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static int priority(void) { return getpriority(PRIO_PROCESS, 0); }
static long session(void) { return getsid(0); }
*/
import "C"

import "fmt"

func main() {
	fmt.Println(C.priority(), C.session() != 0)
}

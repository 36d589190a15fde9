// Made by tools/generate-co-use.js from tools/data; do not edit.
/**
 * What programs called in broad workloads, on x86_64, by what the program is called, and what their own code calls
 * through at most two library functions besides, as far as somebody looked.
 */
export const MEASURED_PROGRAMS: Readonly<Record<string, readonly [calls: string, idle: string]>> = {
  "Go net/http": [
    "accept4 arch_prctl bind clone close connect epoll_create1 epoll_ctl epoll_pwait eventfd2 execve exit_group fchmodat fcntl fstat futex getdents64 getpeername getpid getsockname getsockopt gettid listen madvise mkdirat mmap nanosleep newfstatat openat pread64 prlimit64 read readlinkat renameat rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield sendfile setsockopt sigaltstack socket symlinkat tgkill truncate uname unlinkat utimensat write",
    "clock_gettime copy_file_range exit fchmodat2 getrandom kill lseek mincore mprotect munmap pidfd_open pidfd_send_signal pipe2 prctl recvfrom sendto shutdown splice timer_create timer_delete timer_settime wait4 waitid",
  ],
  "Java HttpServer": [
    "accept access arch_prctl bind brk clock_getres clock_nanosleep clone3 close connect epoll_create1 epoll_ctl epoll_wait eventfd2 execve exit exit_group fchdir fcntl flock ftruncate futex getcwd getdents64 geteuid getpid getrandom getrusage getsockname getsockopt gettid getuid ioctl listen lseek madvise mkdir mmap mprotect munmap newfstatat openat prctl pread64 prlimit64 read readlink rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield set_robust_list set_tid_address setsockopt socket socketpair sysinfo uname unlink write",
    "",
  ],
  "apache2": [
    "accept accept4 access arch_prctl bind brk chdir chmod chown clone clone3 close connect dup2 dup3 epoll_create1 epoll_ctl epoll_wait execve exit exit_group fadvise64 fcntl futex getcwd getdents64 getegid geteuid getgid getpid getppid getrandom getsockname getsockopt gettid getuid kill listen lseek madvise mmap mprotect munmap newfstatat openat pipe2 poll prctl pread64 prlimit64 pselect6 read readlinkat recvmsg rename rseq rt_sigaction rt_sigprocmask rt_sigreturn sendto set_robust_list set_tid_address setgid setgroups setsockopt setuid shutdown socket sysinfo tgkill times umask unlink vfork wait4 write writev",
    "chroot dup fdatasync flock fsync ftruncate getpeername getpgid getpgrp ioctl link mkdir mknodat mremap recvfrom rmdir sched_getparam sched_getscheduler sched_yield semctl sendfile setsid",
  ],
  "bash": [
    "access arch_prctl brk chdir clone close dup2 execve exit_group faccessat2 fcntl futex getdents64 getegid geteuid getgid getpgrp getpid getppid getrandom getrusage getuid ioctl kill lseek mmap mprotect munmap newfstatat openat pipe2 pread64 prlimit64 read rseq rt_sigaction rt_sigprocmask rt_sigreturn set_robust_list set_tid_address sysinfo umask uname wait4 write",
    "alarm chown clock_gettime clock_nanosleep connect dup faccessat fchmod getcwd getgroups getpeername getsockname madvise mremap ppoll pselect6 readlink rename setitimer setpgid setresgid setresuid socket statfs tgkill unlink writev",
  ],
  "curl and ls": [
    "access arch_prctl brk close connect execve exit_group fcntl futex getdents64 getegid geteuid getgid getpid getppid getrandom getsockopt getuid getxattr ioctl lgetxattr lseek mmap mprotect munmap newfstatat openat poll pread64 prlimit64 read rseq rt_sigaction rt_sigprocmask rt_sigreturn set_robust_list set_tid_address setsockopt sigaltstack socket socketpair statfs statx sysinfo vfork wait4 write",
    "",
  ],
  "dnsmasq": [
    "accept access alarm arch_prctl bind brk capget capset chdir clone close connect dup2 execve exit_group fchmod fchown fcntl futex getdents64 getgid getpeername getpid getrandom getsockname getuid ioctl listen lseek mmap mprotect munmap newfstatat openat pipe2 poll prctl pread64 prlimit64 read recvmsg rseq rt_sigaction rt_sigreturn sendmsg sendto set_robust_list set_tid_address setgid setgroups setsockopt setuid shutdown socket umask uname unlink wait4 write writev",
    "bpf clock_gettime clock_nanosleep creat dup fsync ftruncate getcwd geteuid getsockopt inotify_add_watch inotify_init1 kill madvise mremap readlink recvfrom rt_sigprocmask setsid tgkill utimensat",
  ],
  "git daemon": [
    "accept access alarm arch_prctl bind brk chdir clone clone3 close dup dup2 execve exit exit_group fcntl futex getcwd getdents64 geteuid getpid getrandom ioctl listen madvise mmap mprotect munmap newfstatat openat pipe2 poll pread64 prlimit64 read rseq rt_sigaction rt_sigprocmask rt_sigreturn set_robust_list set_tid_address setsockopt socket wait4 write",
    "chmod clock_gettime clock_nanosleep connect dup3 fsync ftruncate getpgid getppid getsockname gettid getuid kill link lseek mkdir mremap pselect6 readlink rename rmdir sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler setgid setgroups setitimer setsid setuid shutdown statfs symlink sync_file_range sysinfo tgkill umask uname unlink utimensat writev",
  ],
  "haproxy": [
    "accept4 access arch_prctl bind brk chdir clock_gettime clone clone3 close connect epoll_create epoll_ctl epoll_wait execve exit exit_group fcntl futex getcwd getdents64 getpid getppid getrandom getsockname getsockopt kill link listen lseek madvise mmap mprotect munmap newfstatat openat pipe2 prctl pread64 prlimit64 read recvfrom recvmsg rename rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sendmsg sendto set_robust_list set_tid_address setsockopt shutdown socket socketpair sysinfo timer_create timer_delete timer_settime uname unlink wait4 write",
    "accept chmod chown chroot clock_nanosleep dup dup2 ftruncate getegid geteuid getgid getgroups getpeername gettid getuid ioctl mremap msync poll pselect6 sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sched_yield setgid setgroups setns setsid setuid splice tgkill writev",
  ],
  "lighttpd": [
    "accept4 access arch_prctl bind brk close connect dup2 epoll_create1 epoll_ctl epoll_wait execve exit_group fcntl getcwd getdents64 getgid getpid getrandom getsockopt getuid ioctl listen lseek mmap mprotect munmap newfstatat openat pipe2 pread64 prlimit64 pwritev read recvfrom rseq rt_sigaction rt_sigreturn sendfile set_robust_list set_tid_address setsockopt shutdown socket sysinfo unlink write writev",
    "accept alarm chdir chmod chroot clock_gettime clone dup fchdir ftruncate futex getegid geteuid getpeername getppid getsockname gettid getxattr inotify_add_watch inotify_init1 inotify_rm_watch kill madvise mkdir mremap poll ppoll prctl pselect6 pwrite64 rename rt_sigprocmask setgid setgroups setsid setuid splice tgkill uname wait4",
  ],
  "make and gcc": [
    "access arch_prctl brk chdir chmod clone3 close dup2 execve exit_group faccessat2 fcntl futex getcwd getdents64 getegid geteuid getgid getrandom getrusage getuid ioctl lseek mmap mprotect munmap newfstatat openat pipe2 pread64 prlimit64 pselect6 read readlink rseq rt_sigaction rt_sigprocmask set_robust_list set_tid_address setresgid setresuid stat sysinfo umask unlink vfork wait4 write",
    "",
  ],
  "memcached": [
    "accept4 access arch_prctl bind brk clock_nanosleep clone3 close connect dup epoll_create1 epoll_ctl epoll_wait eventfd2 execve exit_group fcntl futex getegid geteuid getgid getpeername getpid getrandom getrusage getuid listen lseek mmap mprotect munmap newfstatat openat pipe2 pread64 prlimit64 read rseq rt_sigaction rt_sigprocmask rt_sigreturn sendmsg set_robust_list set_tid_address setgid setgroups setsockopt setuid socket write",
    "accept chdir clock_gettime clone dup2 ftruncate getcwd getsockname getsockopt gettid kill madvise mlockall mremap msync poll prctl preadv pwrite64 recvfrom rename sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler setsid tgkill umask uname unlink writev",
  ],
  "mosquitto": [
    "accept access arch_prctl bind brk close connect epoll_create epoll_ctl epoll_wait execve exit_group fcntl fsync futex getegid geteuid getpeername getpid getrandom getsockname listen lseek mmap mprotect munmap newfstatat openat prctl pread64 prlimit64 read rename rseq rt_sigaction rt_sigprocmask rt_sigreturn set_robust_list set_tid_address setgid setgroups setsockopt setuid socket umask unlink write",
    "capget capset chmod chown clock_gettime clone dup3 eventfd2 faccessat faccessat2 getcwd getdents64 getgid getsockopt getuid ioctl kill madvise mremap poll readlink recvfrom rmdir sched_yield sendmsg sendto setsid shutdown tgkill uname writev",
  ],
  "nginx": [
    "accept4 access arch_prctl bind brk chown clock_nanosleep clone close connect dup2 epoll_create epoll_ctl epoll_wait eventfd2 execve exit_group fcntl futex getdents64 geteuid getpid getppid getrandom getsockopt gettid ioctl listen lseek mkdir mmap mprotect munmap newfstatat openat prctl pread64 prlimit64 pwrite64 read readlinkat readv recvfrom recvmsg rseq rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend sendfile sendmsg sendto set_robust_list set_tid_address setgid setgroups setitimer setsockopt setuid shutdown socket socketpair sysinfo uname unlink wait4 write writev",
    "accept capset chdir chmod clock_gettime fadvise64 ftruncate getsockname getuid kill pwritev rename rmdir sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sched_yield setpriority setsid statfs tgkill umask utimensat",
  ],
  "node http": [
    "accept4 access arch_prctl bind brk capget chmod clone clone3 close connect copy_file_range dup2 epoll_create1 epoll_ctl epoll_pwait eventfd2 execve exit exit_group fchmod fcntl fstat fsync ftruncate futex getcwd getdents64 getegid geteuid getgid getpid getrandom getsockopt gettid getuid ioctl listen lseek madvise mkdir mmap mprotect munmap newfstatat openat pipe2 pkey_alloc pread64 prlimit64 read readlink rename rmdir rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity set_robust_list set_tid_address setsockopt shutdown socket socketpair statx symlink sysinfo tgkill uname unlink utimensat wait4 write writev",
    "_sysctl accept chdir chown clock_getres clock_gettime clock_nanosleep dup dup3 epoll_wait faccessat faccessat2 fadvise64 fchown fdatasync fstatfs getcpu getgroups getpeername getppid getpriority getrusage getsockname inotify_add_watch inotify_init1 inotify_rm_watch io_uring_enter io_uring_setup kill lchown link lstat mlock mlock2 mremap msync poll prctl preadv pselect6 pwrite64 pwritev readv recvfrom recvmmsg recvmsg sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sched_yield sendfile sendmmsg sendmsg sendto setgid setgroups setpriority setresgid setresuid setsid setuid shmat shmdt shmget stat statfs umask",
  ],
  "openssl s_server": [
    "accept access arch_prctl bind brk close connect execve futex getdents64 getpid getrandom getsockname getsockopt ioctl listen lseek mmap mprotect munmap newfstatat openat pread64 prlimit64 pselect6 read recvmsg rseq rt_sigaction sendto set_robust_list set_tid_address setsockopt shutdown socket sysinfo write",
    "alarm chmod clock_nanosleep clone dup fcntl kill pipe2 readlink rename rt_sigprocmask sendfile setpgid symlink times unlink wait4 writev",
  ],
  "perl": [
    "accept4 access arch_prctl bind brk chdir chmod clone close execve exit_group fcntl flock ftruncate futex getcwd getdents64 getegid geteuid getgid getpid getrandom getuid ioctl listen lseek mkdir mmap mprotect munmap newfstatat openat pipe2 pread64 prlimit64 pselect6 read readlink rename rmdir rseq rt_sigaction rt_sigprocmask rt_sigreturn set_robust_list set_tid_address setsockopt socket symlink times unlink utimensat wait4 write",
    "accept alarm chown chroot clock_getres clock_gettime clock_nanosleep connect dup dup2 dup3 faccessat faccessat2 fchdir fchmod fchown fstatfs fsync getgroups getitimer getpeername getpgid getppid getpriority getsockname getsockopt kill lchown link linkat madvise mknodat mremap msgctl msgget msgrcv msgsnd pause poll prctl recvfrom renameat rt_sigpending rt_sigsuspend sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sched_yield semctl semget semtimedop sendto setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setsid setuid shmat shmctl shmdt shmget shutdown socketpair statfs tgkill truncate umask uname unlinkat writev",
  ],
  "php -S": [
    "accept access arch_prctl bind brk chdir chmod clock_nanosleep close connect execve fchmod fcntl flock fsync ftruncate futex getcwd getdents64 getpid getrandom getrusage getsockname getsockopt ioctl kill listen lseek mkdir mmap mprotect mremap munmap newfstatat openat poll prctl pread64 prlimit64 pselect6 read readlink recvfrom rename rmdir rseq rt_sigaction rt_sigprocmask sendto set_robust_list set_tid_address setitimer setsockopt shutdown socket socketpair symlink sysinfo uname unlink utimensat write",
    "alarm chown chroot clock_gettime clone copy_file_range dup dup2 fdatasync getegid geteuid getgid getgroups getpeername getpgid getpgrp getppid getpriority getsid gettid getuid lchown link madvise mknodat msgctl msgget msgrcv msgsnd pipe2 pwrite64 recvmsg rt_sigtimedwait semctl semget semtimedop sendmsg setgid setgroups setpgid setpriority setresgid setresuid setsid setuid shmat shmctl shmdt shmget statfs tgkill times umask unshare wait4 writev",
  ],
  "postgres": [
    "accept access arch_prctl bind brk chdir chmod clock_nanosleep clone close connect dup epoll_create1 epoll_ctl epoll_wait execve exit_group fallocate fcntl fdatasync fstatfs fsync ftruncate futex getcwd getdents64 getegid geteuid getgid getpid getppid getpriority getrandom getrusage getsockname getuid ioctl keyctl kill listen lseek mkdir mmap mprotect mremap munmap newfstatat openat pipe2 poll prctl pread64 prlimit64 pselect6 pwrite64 pwritev read readlink readlinkat recvfrom rename rmdir rseq rt_sigaction rt_sigprocmask rt_sigreturn sendto set_robust_list set_tid_address setgid setgroups setitimer setpriority setregid setresuid setreuid setsid setsockopt setuid shmat shmctl shmdt shmget signalfd4 socket statfs symlink sync_file_range truncate umask uname unlink wait4 write",
    "chown clock_gettime dup2 dup3 fadvise64 fchmod fchown getsockopt gettid madvise sched_yield sendmsg syncfs tgkill utimensat writev",
  ],
  "python http.server": [
    "accept4 access arch_prctl bind brk chdir chmod chown clock_gettime clone3 close connect epoll_create1 execve exit exit_group fchown fcntl fdatasync futex getcwd getdents64 getegid geteuid getgid getpid getppid getrandom getsockname gettid getuid ioctl listen lseek madvise mkdir mmap mprotect munmap newfstatat openat poll pread64 prlimit64 pwrite64 read readlink recvfrom rename restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn sendfile sendto set_robust_list set_tid_address setsockopt shutdown socket statfs sysinfo uname unlink utimensat vfork wait4 write",
    "accept alarm chroot clock_getres clock_nanosleep clock_settime clone close_range copy_file_range dup dup2 dup3 epoll_ctl epoll_wait eventfd2 execveat faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchownat fgetxattr flistxattr flock fremovexattr fsetxattr fstatfs fsync ftruncate getgroups getitimer getpeername getpgid getpgrp getpriority getresgid getresuid getrusage getsid getsockopt getxattr kill lchown lgetxattr link linkat listxattr llistxattr lremovexattr lsetxattr memfd_create mkdirat mknodat mremap msync pause pidfd_open pidfd_send_signal pipe2 ppoll preadv preadv2 pselect6 pwritev pwritev2 readlinkat readv recvmsg removexattr renameat rmdir rt_sigpending rt_sigtimedwait sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setparam sched_setscheduler sched_yield sendmsg setgid setgroups sethostname setitimer setpgid setpriority setregid setresgid setresuid setreuid setsid setuid setxattr sigaltstack socketpair splice symlink symlinkat sync tgkill times truncate umask unlinkat waitid writev",
  ],
  "python3 worker": [
    "access arch_prctl brk chdir clock_nanosleep clone3 close close_range connect dup2 epoll_create1 execve exit exit_group fchown fcntl fdatasync fsync futex getcwd getdents64 getegid geteuid getgid getpid getrandom gettid getuid ioctl lseek madvise mkdir mmap mprotect munmap newfstatat openat pipe2 poll pread64 prlimit64 pwrite64 read readlink rename rseq rt_sigaction rt_sigprocmask set_robust_list set_tid_address socket statfs statx sysinfo uname unlink vfork wait4 write",
    "",
  ],
  "redis": [
    "accept4 access arch_prctl bind brk chdir clone clone3 close epoll_create epoll_ctl epoll_wait execve exit_group fcntl fdatasync fsync futex getcwd getpeername getpid getrandom getrusage getsockname ioctl listen lseek madvise mkdir mmap mprotect munmap newfstatat open openat pipe2 prctl pread64 prlimit64 read readlink rename rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity set_robust_list set_tid_address setitimer setsockopt socket sysinfo umask uname unlink wait4 write",
    "chmod clock_gettime clock_nanosleep connect dup dup2 dup3 fchmod flock ftruncate getegid geteuid getgid getsockopt gettid getuid kill poll recvfrom sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sendmsg sendto setsid sync_file_range tgkill truncate writev",
  ],
  "rsync": [
    "accept access arch_prctl bind brk clock_nanosleep clone close connect dup execve exit_group fchdir fchmod fcntl fgetxattr ftruncate futex getcwd getdents64 getegid geteuid getpeername getpid getrandom getsockopt getxattr kill listen llistxattr lseek mkdirat mmap mprotect munmap newfstatat openat poll pread64 prlimit64 read readlink readlinkat renameat rseq rt_sigaction rt_sigprocmask rt_sigreturn set_robust_list set_tid_address setgid setgroups setresuid setsockopt setuid socket socketpair symlinkat umask uname unlink utimensat wait4 write",
    "alarm chdir chmod chroot clock_gettime dup2 fallocate fchmodat fchown fchownat flistxattr fremovexattr fsetxattr fsync getgid getgroups getpgrp getsockname getuid ioctl lchown lgetxattr linkat lremovexattr lsetxattr madvise mkdir mknodat mremap pipe2 pselect6 removexattr rename rmdir setsid setxattr symlink tgkill unlinkat writev",
  ],
  "ruby webrick": [
    "accept4 access arch_prctl bind brk chmod clock_gettime clone3 close copy_file_range eventfd2 execve exit_group fcntl flock fsync futex getcwd getdents64 getegid geteuid getgid getpeername getpid getrandom getsockname gettid getuid ioctl listen lseek mkdir mmap mprotect munmap newfstatat openat pipe2 ppoll prctl pread64 prlimit64 pselect6 read readlink rename rmdir rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sendfile set_robust_list set_tid_address setsockopt shutdown sigaltstack socket symlink sysinfo timer_create timer_delete timer_settime truncate uname unlink utimensat write",
    "chdir chown chroot clock_getres clock_nanosleep clone connect dup dup2 dup3 faccessat faccessat2 fadvise64 fchmod fchmodat fchown fdatasync fstatfs ftruncate getgroups getpgid getpgrp getppid getpriority getresgid getresuid getrusage getsid getsockopt kill lchown link madvise mknodat mremap poll pwrite64 recvfrom recvmsg sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sched_yield sendmsg sendto setgid setgroups setpgid setpriority setregid setresgid setresuid setreuid setsid setuid socketpair statx tgkill times umask vfork wait4 writev",
  ],
  "shell batch": [
    "access arch_prctl brk chdir clock_nanosleep clone close connect copy_file_range dup2 execve exit_group fadvise64 fchdir fchmodat fchownat fcntl fgetxattr flistxattr fsetxattr fstatfs futex getcwd getdents64 getegid geteuid getgid getpid getppid getrandom getuid getxattr ioctl llistxattr lseek mkdir mkdirat mmap mprotect munmap newfstatat openat pipe2 poll pread64 prlimit64 read removexattr renameat2 rseq rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend sched_getaffinity set_robust_list set_tid_address setxattr sigaltstack socket statfs symlinkat sysinfo umask uname unlinkat utimensat vfork wait4 write",
    "",
  ],
  "sqlite3": [
    "access arch_prctl brk chmod close connect execve exit_group fchown fcntl fdatasync ftruncate getdents64 geteuid getpid getrandom getrusage getuid ioctl lseek mkdir mmap mprotect mremap munmap newfstatat openat pread64 prlimit64 pwrite64 read rseq rt_sigaction set_robust_list set_tid_address socket symlink unlink utimensat write",
    "chdir chown clock_nanosleep fchmod futex getcwd gettid madvise readlink rmdir rt_sigprocmask sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler tgkill wait4 writev",
  ],
  "squid": [
    "accept access arch_prctl bind brk capget capset chdir close connect epoll_create epoll_ctl epoll_wait execve exit_group fcntl flock fsync ftruncate futex geteuid getpid getrandom getrusage getsockname getsockopt ioctl listen lseek mmap mprotect munmap newfstatat openat prctl pread64 prlimit64 read readlinkat recvfrom recvmsg rseq rt_sigaction rt_sigprocmask rt_sigreturn sendto set_robust_list set_tid_address setgid setgroups setresuid setsockopt socket umask uname unlink write",
    "alarm chroot clock_gettime clone dup dup2 fchmod getcwd getdents64 getegid getgid getuid kill madvise mkdir mlock mremap msgget msgrcv msgsnd pipe2 pselect6 pwrite64 rename sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sched_yield sendmsg setsid setuid shmat shmget socketpair statfs tgkill wait4 writev",
  ],
  "sshd": [
    "accept access alarm arch_prctl bind brk chdir chmod chown chroot clock_nanosleep clone close close_range connect dup dup2 execve exit_group faccessat2 fadvise64 fchmodat fcntl fstatfs futex getcwd getdents64 getegid geteuid getgid getgroups getpeername getpgrp getpid getppid getrandom getsockname getsockopt getuid ioctl listen lseek mkdir mmap mprotect munmap newfstatat openat pipe2 poll ppoll prctl pread64 prlimit64 read readlink recvfrom recvmsg rename rmdir rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sendto set_robust_list set_tid_address setgid setgroups setresgid setresuid setsid setsockopt setuid shutdown sigaltstack socket socketpair statfs statx symlink sysinfo umask uname unlink unlinkat wait4 write",
    "clock_gettime copy_file_range faccessat fchdir fchmod fchown fchownat fgetxattr fsetxattr fsync ftruncate getpgid getrusage getsid gettid getxattr kill lchown link madvise mincore mremap pause pselect6 removexattr sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sendmsg setitimer setpgid setxattr tgkill truncate utimensat writev",
  ],
  "tar": [
    "access arch_prctl brk chmod close connect execve exit_group fchmod fchown fchownat fcntl futex geteuid getrandom linkat lseek mkdirat mmap mprotect munmap newfstatat openat pread64 prlimit64 read removexattr rseq rt_sigaction set_robust_list set_tid_address setxattr socket statfs symlinkat umask utimensat write",
    "chdir clock_gettime clock_nanosleep clone creat dup dup2 faccessat faccessat2 fchdir fchmodat fgetxattr flistxattr fstatfs fsync ftruncate getcwd getdents64 getegid getgid getpid gettid getuid getxattr ioctl lgetxattr llistxattr lsetxattr madvise mknodat mremap pipe2 readlinkat renameat renameat2 rt_sigprocmask rt_sigtimedwait setgid setgroups setuid tgkill unlinkat wait4 writev",
  ],
  "unbound": [
    "accept4 access arch_prctl bind brk chdir chmod clone3 close connect epoll_create1 epoll_ctl epoll_wait execve exit exit_group fcntl futex getegid geteuid getgid getpid getrandom getsockname gettid getuid ioctl listen lseek madvise mmap mprotect munmap newfstatat openat pipe2 poll prctl pread64 prlimit64 read recvfrom recvmsg rseq rt_sigaction rt_sigprocmask rt_sigreturn sendto set_robust_list set_tid_address setsockopt socket socketpair sysinfo unlink write writev",
    "chown chroot clock_gettime clock_nanosleep dup2 faccessat faccessat2 fsync ftruncate getcwd getrusage getsockopt link mremap msync ppoll pselect6 rename sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sendmsg setgroups setresgid setresuid setsid shmat shmctl shmdt shmget tgkill uname",
  ],
  "vsftpd": [
    "accept access alarm arch_prctl bind brk chdir chroot clone close connect dup2 execve exit_group fcntl fstatfs ftruncate futex getcwd getdents64 getpeername getpgrp getpid getrandom getsockname getsockopt getuid listen lseek mkdir mmap mprotect munmap newfstatat openat prctl pread64 prlimit64 pselect6 read readlinkat recvfrom recvmsg rename rmdir rseq rt_sigaction rt_sigprocmask rt_sigreturn sendfile sendmsg set_robust_list set_tid_address setgid setgroups setsid setsockopt setuid shutdown socket socketpair umask uname unlink wait4 write",
    "capget capset chmod clock_nanosleep faccessat faccessat2 fchmod fchown getegid geteuid ioctl madvise mremap readlink sched_yield setregid setreuid tgkill utimensat writev",
  ],
};

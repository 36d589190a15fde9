// Made by tools/generate-syscalls.js from tools/data; do not edit.
/** Per table: numbers without the ABI's base, each followed by the names that count up from it. */
export const NUMBERS: Readonly<Record<string, string>> = {
  x86_64: `0 read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl pread64 pwrite64 readv writev access pipe select sched_yield mremap msync mincore madvise shmget shmat shmctl dup dup2 pause nanosleep getitimer alarm setitimer getpid sendfile socket connect accept sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname getpeername socketpair setsockopt getsockopt clone fork vfork execve exit wait4 kill uname semget semop semctl shmdt msgget msgsnd msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir rename mkdir rmdir creat link unlink symlink readlink chmod fchmod chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo times ptrace getuid syslog getgid setuid setgid geteuid getegid setpgid getppid getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid setfsuid setfsgid getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack utime mknod uselib personality ustat statfs fstatfs sysfs getpriority setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall vhangup modify_ldt pivot_root _sysctl prctl arch_prctl adjtimex setrlimit chroot sync acct settimeofday mount umount2 swapon swapoff reboot sethostname setdomainname iopl ioperm create_module init_module delete_module get_kernel_syms query_module quotactl nfsservctl getpmsg putpmsg afs_syscall tuxcall security gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill time futex sched_setaffinity sched_getaffinity set_thread_area io_setup io_destroy io_getevents io_submit io_cancel get_thread_area lookup_dcookie epoll_create epoll_ctl_old epoll_wait_old remap_file_pages getdents64 set_tid_address restart_syscall semtimedop fadvise64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep exit_group epoll_wait epoll_ctl tgkill utimes vserver mbind set_mempolicy get_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load waitid add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice tee sync_file_range vmsplice move_pages utimensat epoll_pwait signalfd timerfd_create eventfd fallocate timerfd_settime timerfd_gettime accept4 signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns getcpu process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create kexec_file_load bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq uretprobe uprobe
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  i386: `0 restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod lchown break oldstat lseek getpid mount umount setuid getuid stime ptrace alarm oldfstat pause utime stty gtty access nice ftime sync kill rename mkdir rmdir dup pipe times prof brk setgid getgid signal geteuid getegid acct umount2 lock ioctl fcntl mpx setpgid ulimit oldolduname umask chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask setreuid setregid sigsuspend sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups select symlink oldlstat readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod fchown getpriority setpriority profil statfs fstatfs ioperm socketcall syslog setitimer getitimer stat lstat fstat olduname iopl vhangup idle vm86old wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname modify_ldt adjtimex mprotect sigprocmask create_module init_module delete_module get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid vm86 query_module poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile getpmsg putpmsg vfork ugetrlimit mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 lchown32 getuid32 getgid32 geteuid32 getegid32 setreuid32 setregid32 getgroups32 setgroups32 fchown32 setresuid32 getresuid32 setresgid32 getresgid32 chown32 setuid32 setgid32 setfsuid32 setfsgid32 pivot_root mincore madvise getdents64 fcntl64
224 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill sendfile64 futex sched_setaffinity sched_getaffinity set_thread_area get_thread_area io_setup io_destroy io_getevents io_submit io_cancel fadvise64
252 exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages set_tid_address timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep statfs64 fstatfs64 tgkill utimes fadvise64_64 vserver mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load waitid
286 add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice sync_file_range tee vmsplice move_pages getcpu epoll_pwait utimensat signalfd timerfd_create eventfd fallocate timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat socket socketpair bind connect listen accept4 getsockopt setsockopt getsockname getpeername sendto sendmsg recvfrom recvmsg shutdown userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx arch_prctl io_pgetevents rseq
393 semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  x32: `0 read write open close stat fstat lstat poll lseek mmap mprotect munmap brk
14 rt_sigprocmask
17 pread64 pwrite64
21 access pipe select sched_yield mremap msync mincore madvise shmget shmat shmctl dup dup2 pause nanosleep getitimer alarm setitimer getpid sendfile socket connect accept sendto
48 shutdown bind listen getsockname getpeername socketpair
56 clone fork vfork
60 exit wait4 kill uname semget semop semctl shmdt msgget msgsnd msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir rename mkdir rmdir creat link unlink symlink readlink chmod fchmod chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo times
102 getuid syslog getgid setuid setgid geteuid getegid setpgid getppid getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid setfsuid setfsgid getsid capget capset
130 rt_sigsuspend
132 utime mknod
135 personality ustat statfs fstatfs sysfs getpriority setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall vhangup modify_ldt pivot_root
157 prctl arch_prctl adjtimex setrlimit chroot sync acct settimeofday mount umount2 swapon swapoff reboot sethostname setdomainname iopl ioperm
175 init_module delete_module
179 quotactl
181 getpmsg putpmsg afs_syscall tuxcall security gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill time futex sched_setaffinity sched_getaffinity
207 io_destroy io_getevents
210 io_cancel
212 lookup_dcookie epoll_create
216 remap_file_pages getdents64 set_tid_address restart_syscall semtimedop fadvise64
223 timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep exit_group epoll_wait epoll_ctl tgkill utimes
237 mbind set_mempolicy get_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive
245 mq_getsetattr
248 add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare
275 splice tee sync_file_range
280 utimensat epoll_pwait signalfd timerfd_create eventfd fallocate timerfd_settime timerfd_gettime accept4 signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1
298 perf_event_open
300 fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs
308 setns getcpu
312 kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create kexec_file_load bpf
323 userfaultfd membarrier mlock2 copy_file_range
329 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq uretprobe uprobe
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield
512 rt_sigaction rt_sigreturn ioctl readv writev recvfrom sendmsg recvmsg execve ptrace rt_sigpending rt_sigtimedwait rt_sigqueueinfo sigaltstack timer_create mq_notify kexec_load waitid set_robust_list get_robust_list vmsplice move_pages preadv pwritev rt_tgsigqueueinfo recvmmsg sendmmsg process_vm_readv process_vm_writev setsockopt getsockopt io_setup io_submit execveat preadv2 pwritev2`,
  aarch64: `0 io_setup io_destroy io_submit io_cancel io_getevents setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr getcwd lookup_dcookie eventfd2 epoll_create1 epoll_ctl epoll_pwait dup dup3 fcntl inotify_init1 inotify_add_watch inotify_rm_watch ioctl ioprio_set ioprio_get flock mknodat mkdirat unlinkat symlinkat linkat renameat umount2 mount pivot_root nfsservctl statfs fstatfs truncate ftruncate fallocate faccessat chdir fchdir chroot fchmod fchmodat fchownat fchown openat close vhangup pipe2 quotactl getdents64 lseek read write readv writev pread64 pwrite64 preadv pwritev sendfile pselect6 ppoll signalfd4 vmsplice splice tee readlinkat newfstatat fstat sync fsync fdatasync sync_file_range timerfd_create timerfd_settime timerfd_gettime utimensat acct capget capset personality exit exit_group waitid set_tid_address unshare futex set_robust_list get_robust_list nanosleep getitimer setitimer kexec_load init_module delete_module timer_create timer_gettime timer_getoverrun timer_settime timer_delete clock_settime clock_gettime clock_getres clock_nanosleep syslog ptrace sched_setparam sched_setscheduler sched_getscheduler sched_getparam sched_setaffinity sched_getaffinity sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval restart_syscall kill tkill tgkill sigaltstack rt_sigsuspend rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigreturn setpriority getpriority reboot setregid setgid setreuid setuid setresuid getresuid setresgid getresgid setfsuid setfsgid times setpgid getpgid getsid setsid getgroups setgroups uname sethostname setdomainname getrlimit setrlimit getrusage umask prctl getcpu gettimeofday settimeofday adjtimex getpid getppid getuid geteuid getgid getegid gettid sysinfo mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr msgget msgctl msgrcv msgsnd semget semctl semtimedop semop shmget shmctl shmat shmdt socket socketpair bind listen accept connect getsockname getpeername sendto recvfrom setsockopt getsockopt shutdown sendmsg recvmsg readahead brk munmap mremap add_key request_key keyctl clone execve mmap fadvise64 swapon swapoff mprotect msync mlock munlock mlockall munlockall mincore madvise remap_file_pages mbind get_mempolicy set_mempolicy migrate_pages move_pages rt_tgsigqueueinfo perf_event_open accept4 recvmmsg
260 wait4 prlimit64 fanotify_init fanotify_mark name_to_handle_at open_by_handle_at clock_adjtime syncfs setns sendmmsg process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq kexec_file_load
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  arm: `0 restart_syscall exit fork read write open close
8 creat link unlink execve chdir
14 mknod chmod lchown
19 lseek getpid mount
23 setuid getuid
26 ptrace
29 pause
33 access nice
36 sync kill rename mkdir rmdir dup pipe times
45 brk setgid getgid
49 geteuid getegid acct umount2
54 ioctl fcntl
57 setpgid
60 umask chroot ustat dup2 getppid getpgrp setsid sigaction
70 setreuid setregid sigsuspend sigpending sethostname setrlimit
77 getrusage gettimeofday settimeofday getgroups setgroups
83 symlink
85 readlink uselib swapon reboot
91 munmap truncate ftruncate fchmod fchown getpriority setpriority
99 statfs fstatfs
103 syslog setitimer getitimer stat lstat fstat
111 vhangup
114 wait4 swapoff sysinfo
118 fsync sigreturn clone setdomainname uname
124 adjtimex mprotect sigprocmask
128 init_module delete_module
131 quotactl getpgid fchdir bdflush sysfs personality
138 setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid
168 poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile
190 vfork ugetrlimit mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 lchown32 getuid32 getgid32 geteuid32 getegid32 setreuid32 setregid32 getgroups32 setgroups32 fchown32 setresuid32 getresuid32 setresgid32 getresgid32 chown32 setuid32 setgid32 setfsuid32 setfsgid32 getdents64 pivot_root mincore madvise fcntl64
224 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill sendfile64 futex sched_setaffinity sched_getaffinity io_setup io_destroy io_getevents io_submit io_cancel exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages
256 set_tid_address timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep statfs64 fstatfs64 tgkill utimes arm_fadvise64_64 pciconfig_iobase pciconfig_read pciconfig_write mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr waitid socket bind connect listen accept getsockname getpeername socketpair send sendto recv recvfrom shutdown setsockopt getsockopt sendmsg recvmsg semop semget semctl msgsnd msgrcv msgget msgctl shmat shmdt shmget shmctl add_key request_key keyctl semtimedop vserver ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch mbind get_mempolicy set_mempolicy openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice arm_sync_file_range tee vmsplice move_pages getcpu epoll_pwait kexec_load utimensat signalfd timerfd_create eventfd fallocate timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg accept4 fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx rseq io_pgetevents migrate_pages kexec_file_load
403 clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield
983041 breakpoint cacheflush usr26 usr32 set_tls get_tls`,
  riscv64: `0 io_setup io_destroy io_submit io_cancel io_getevents setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr getcwd lookup_dcookie eventfd2 epoll_create1 epoll_ctl epoll_pwait dup dup3 fcntl inotify_init1 inotify_add_watch inotify_rm_watch ioctl ioprio_set ioprio_get flock mknodat mkdirat unlinkat symlinkat linkat
39 umount2 mount pivot_root nfsservctl statfs fstatfs truncate ftruncate fallocate faccessat chdir fchdir chroot fchmod fchmodat fchownat fchown openat close vhangup pipe2 quotactl getdents64 lseek read write readv writev pread64 pwrite64 preadv pwritev sendfile pselect6 ppoll signalfd4 vmsplice splice tee readlinkat newfstatat fstat sync fsync fdatasync sync_file_range timerfd_create timerfd_settime timerfd_gettime utimensat acct capget capset personality exit exit_group waitid set_tid_address unshare futex set_robust_list get_robust_list nanosleep getitimer setitimer kexec_load init_module delete_module timer_create timer_gettime timer_getoverrun timer_settime timer_delete clock_settime clock_gettime clock_getres clock_nanosleep syslog ptrace sched_setparam sched_setscheduler sched_getscheduler sched_getparam sched_setaffinity sched_getaffinity sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval restart_syscall kill tkill tgkill sigaltstack rt_sigsuspend rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigreturn setpriority getpriority reboot setregid setgid setreuid setuid setresuid getresuid setresgid getresgid setfsuid setfsgid times setpgid getpgid getsid setsid getgroups setgroups uname sethostname setdomainname getrlimit setrlimit getrusage umask prctl getcpu gettimeofday settimeofday adjtimex getpid getppid getuid geteuid getgid getegid gettid sysinfo mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr msgget msgctl msgrcv msgsnd semget semctl semtimedop semop shmget shmctl shmat shmdt socket socketpair bind listen accept connect getsockname getpeername sendto recvfrom setsockopt getsockopt shutdown sendmsg recvmsg readahead brk munmap mremap add_key request_key keyctl clone execve mmap fadvise64 swapon swapoff mprotect msync mlock munlock mlockall munlockall mincore madvise remap_file_pages mbind get_mempolicy set_mempolicy migrate_pages move_pages rt_tgsigqueueinfo perf_event_open accept4 recvmmsg
258 riscv_hwprobe riscv_flush_icache wait4 prlimit64 fanotify_init fanotify_mark name_to_handle_at open_by_handle_at clock_adjtime syncfs setns sendmmsg process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq kexec_file_load
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  ppc: `0 restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod lchown break oldstat lseek getpid mount umount setuid getuid stime ptrace alarm oldfstat pause utime stty gtty access nice ftime sync kill rename mkdir rmdir dup pipe times prof brk setgid getgid signal geteuid getegid acct umount2 lock ioctl fcntl mpx setpgid ulimit oldolduname umask chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask setreuid setregid sigsuspend sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups select symlink oldlstat readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod fchown getpriority setpriority profil statfs fstatfs ioperm socketcall syslog setitimer getitimer stat lstat fstat olduname iopl vhangup idle vm86 wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname modify_ldt adjtimex mprotect sigprocmask create_module init_module delete_module get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid query_module poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile getpmsg putpmsg vfork ugetrlimit readahead mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 pciconfig_read pciconfig_write pciconfig_iobase multiplexer getdents64 pivot_root fcntl64 madvise mincore gettid tkill setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr futex sched_setaffinity sched_getaffinity
225 tuxcall sendfile64 io_setup io_destroy io_getevents io_submit io_cancel set_tid_address fadvise64 exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep swapcontext tgkill utimes statfs64 fstatfs64 fadvise64_64 rtas sys_debug_setcontext
258 migrate_pages mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load add_key request_key keyctl waitid ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch spu_run spu_create pselect6 ppoll unshare splice tee vmsplice openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat get_robust_list set_robust_list move_pages getcpu epoll_pwait utimensat signalfd timerfd_create eventfd sync_file_range2 fallocate subpage_prot timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 perf_event_open preadv pwritev rt_tgsigqueueinfo fanotify_init fanotify_mark prlimit64 socket bind connect listen accept getsockname getpeername socketpair send sendto recv recvfrom shutdown setsockopt getsockopt sendmsg recvmsg recvmmsg accept4 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev finit_module kcmp sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat switch_endian userfaultfd membarrier
378 mlock2 copy_file_range preadv2 pwritev2 kexec_file_load statx pkey_alloc pkey_free pkey_mprotect rseq io_pgetevents
393 semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  ppc64: `0 restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod lchown break oldstat lseek getpid mount umount setuid getuid stime ptrace alarm oldfstat pause utime stty gtty access nice ftime sync kill rename mkdir rmdir dup pipe times prof brk setgid getgid signal geteuid getegid acct umount2 lock ioctl fcntl mpx setpgid ulimit oldolduname umask chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask setreuid setregid sigsuspend sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups select symlink oldlstat readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod fchown getpriority setpriority profil statfs fstatfs ioperm socketcall syslog setitimer getitimer stat lstat fstat olduname iopl vhangup idle vm86 wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname modify_ldt adjtimex mprotect sigprocmask create_module init_module delete_module get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid query_module poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile getpmsg putpmsg vfork ugetrlimit readahead
198 pciconfig_read pciconfig_write pciconfig_iobase multiplexer getdents64 pivot_root
205 madvise mincore gettid tkill setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr futex sched_setaffinity sched_getaffinity
225 tuxcall
227 io_setup io_destroy io_getevents io_submit io_cancel set_tid_address fadvise64 exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep swapcontext tgkill utimes statfs64 fstatfs64
255 rtas sys_debug_setcontext
258 migrate_pages mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load add_key request_key keyctl waitid ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch spu_run spu_create pselect6 ppoll unshare splice tee vmsplice openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat get_robust_list set_robust_list move_pages getcpu epoll_pwait utimensat signalfd timerfd_create eventfd sync_file_range2 fallocate subpage_prot timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 perf_event_open preadv pwritev rt_tgsigqueueinfo fanotify_init fanotify_mark prlimit64 socket bind connect listen accept getsockname getpeername socketpair send sendto recv recvfrom shutdown setsockopt getsockopt sendmsg recvmsg recvmmsg accept4 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev finit_module kcmp sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat switch_endian userfaultfd membarrier
378 mlock2 copy_file_range preadv2 pwritev2 kexec_file_load statx pkey_alloc pkey_free pkey_mprotect rseq io_pgetevents
392 semtimedop semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  s390: `1 exit fork read write open close restart_syscall creat link unlink execve chdir time mknod chmod lchown
19 lseek getpid mount umount setuid getuid stime ptrace alarm
29 pause utime
33 access nice
36 sync kill rename mkdir rmdir dup pipe times
45 brk setgid getgid signal geteuid getegid acct umount2
54 ioctl fcntl
57 setpgid
60 umask chroot ustat dup2 getppid getpgrp setsid sigaction
70 setreuid setregid sigsuspend sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups
83 symlink
85 readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod fchown getpriority setpriority
99 statfs fstatfs ioperm socketcall syslog setitimer getitimer stat lstat fstat
110 lookup_dcookie vhangup idle
114 wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname
124 adjtimex mprotect sigprocmask create_module init_module delete_module get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid
167 query_module poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile getpmsg putpmsg vfork ugetrlimit mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 lchown32 getuid32 getgid32 geteuid32 getegid32 setreuid32 setregid32 getgroups32 setgroups32 fchown32 setresuid32 getresuid32 setresgid32 getresgid32 chown32 setuid32 setgid32 setfsuid32 setfsgid32 pivot_root mincore madvise getdents64 fcntl64 readahead sendfile64 setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr gettid tkill futex sched_setaffinity sched_getaffinity tgkill
243 io_setup io_destroy io_getevents io_submit io_cancel exit_group epoll_create epoll_ctl epoll_wait set_tid_address fadvise64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep
264 fadvise64_64 statfs64 fstatfs64 remap_file_pages mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load add_key request_key keyctl waitid ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice sync_file_range tee vmsplice move_pages getcpu epoll_pwait utimes fallocate utimensat signalfd timerfd eventfd timerfd_create timerfd_settime timerfd_gettime signalfd4 eventfd2 inotify_init1 pipe2 dup3 epoll_create1 preadv pwritev rt_tgsigqueueinfo perf_event_open fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs setns process_vm_readv process_vm_writev s390_runtime_instr kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf s390_pci_mmio_write s390_pci_mmio_read execveat userfaultfd membarrier recvmmsg sendmmsg socket socketpair bind connect listen accept4 getsockopt setsockopt getsockname getpeername sendto sendmsg recvfrom recvmsg shutdown mlock2 copy_file_range preadv2 pwritev2 s390_guarded_storage statx s390_sthyi kexec_file_load io_pgetevents rseq pkey_mprotect pkey_alloc pkey_free
393 semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr`,
  s390x: `1 exit fork read write open close restart_syscall creat link unlink execve chdir
14 mknod chmod
19 lseek getpid mount umount
26 ptrace alarm
29 pause utime
33 access nice
36 sync kill rename mkdir rmdir dup pipe times
45 brk
48 signal
51 acct umount2
54 ioctl fcntl
57 setpgid
60 umask chroot ustat dup2 getppid getpgrp setsid sigaction
72 sigsuspend sigpending sethostname setrlimit
77 getrusage gettimeofday settimeofday
83 symlink
85 readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod
96 getpriority setpriority
99 statfs fstatfs
102 socketcall syslog setitimer getitimer stat lstat fstat
110 lookup_dcookie vhangup idle
114 wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname
124 adjtimex mprotect sigprocmask create_module init_module delete_module get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall
141 getdents select flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap
167 query_module poll nfsservctl
172 prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64
183 getcwd capget capset sigaltstack sendfile getpmsg putpmsg vfork getrlimit
198 lchown getuid getgid geteuid getegid setreuid setregid getgroups setgroups fchown setresuid getresuid setresgid getresgid chown setuid setgid setfsuid setfsgid pivot_root mincore madvise getdents64
222 readahead
224 setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr gettid tkill futex sched_setaffinity sched_getaffinity tgkill
243 io_setup io_destroy io_getevents io_submit io_cancel exit_group epoll_create epoll_ctl epoll_wait set_tid_address fadvise64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep
265 statfs64 fstatfs64 remap_file_pages mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load add_key request_key keyctl waitid ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice sync_file_range tee vmsplice move_pages getcpu epoll_pwait utimes fallocate utimensat signalfd timerfd eventfd timerfd_create timerfd_settime timerfd_gettime signalfd4 eventfd2 inotify_init1 pipe2 dup3 epoll_create1 preadv pwritev rt_tgsigqueueinfo perf_event_open fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs setns process_vm_readv process_vm_writev s390_runtime_instr kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf s390_pci_mmio_write s390_pci_mmio_read execveat userfaultfd membarrier recvmmsg sendmmsg socket socketpair bind connect listen accept4 getsockopt setsockopt getsockname getpeername sendto sendmsg recvfrom recvmsg shutdown mlock2 copy_file_range preadv2 pwritev2 s390_guarded_storage statx s390_sthyi kexec_file_load io_pgetevents rseq pkey_mprotect pkey_alloc pkey_free
392 semtimedop semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  loongarch64: `0 io_setup io_destroy io_submit io_cancel io_getevents setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr getcwd lookup_dcookie eventfd2 epoll_create1 epoll_ctl epoll_pwait dup dup3 fcntl inotify_init1 inotify_add_watch inotify_rm_watch ioctl ioprio_set ioprio_get flock mknodat mkdirat unlinkat symlinkat linkat
39 umount2 mount pivot_root nfsservctl statfs fstatfs truncate ftruncate fallocate faccessat chdir fchdir chroot fchmod fchmodat fchownat fchown openat close vhangup pipe2 quotactl getdents64 lseek read write readv writev pread64 pwrite64 preadv pwritev sendfile pselect6 ppoll signalfd4 vmsplice splice tee readlinkat newfstatat fstat sync fsync fdatasync sync_file_range timerfd_create timerfd_settime timerfd_gettime utimensat acct capget capset personality exit exit_group waitid set_tid_address unshare futex set_robust_list get_robust_list nanosleep getitimer setitimer kexec_load init_module delete_module timer_create timer_gettime timer_getoverrun timer_settime timer_delete clock_settime clock_gettime clock_getres clock_nanosleep syslog ptrace sched_setparam sched_setscheduler sched_getscheduler sched_getparam sched_setaffinity sched_getaffinity sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval restart_syscall kill tkill tgkill sigaltstack rt_sigsuspend rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigreturn setpriority getpriority reboot setregid setgid setreuid setuid setresuid getresuid setresgid getresgid setfsuid setfsgid times setpgid getpgid getsid setsid getgroups setgroups uname sethostname setdomainname
165 getrusage umask prctl getcpu gettimeofday settimeofday adjtimex getpid getppid getuid geteuid getgid getegid gettid sysinfo mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr msgget msgctl msgrcv msgsnd semget semctl semtimedop semop shmget shmctl shmat shmdt socket socketpair bind listen accept connect getsockname getpeername sendto recvfrom setsockopt getsockopt shutdown sendmsg recvmsg readahead brk munmap mremap add_key request_key keyctl clone execve mmap fadvise64 swapon swapoff mprotect msync mlock munlock mlockall munlockall mincore madvise remap_file_pages mbind get_mempolicy set_mempolicy migrate_pages move_pages rt_tgsigqueueinfo perf_event_open accept4 recvmmsg
260 wait4 prlimit64 fanotify_init fanotify_mark name_to_handle_at open_by_handle_at clock_adjtime syncfs setns sendmmsg process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq kexec_file_load
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  m68k: `0 restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod chown
18 oldstat lseek getpid mount umount setuid getuid stime ptrace alarm oldfstat pause utime
33 access nice
36 sync kill rename mkdir rmdir dup pipe times
45 brk setgid getgid signal geteuid getegid acct umount2
54 ioctl fcntl
57 setpgid
60 umask chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask setreuid setregid sigsuspend sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups select symlink oldlstat readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod fchown getpriority setpriority
99 statfs fstatfs
102 socketcall syslog setitimer getitimer stat lstat fstat
111 vhangup
114 wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname cacheflush adjtimex mprotect sigprocmask create_module init_module delete_module get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality
138 setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid getpagesize query_module poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 lchown getcwd capget capset sigaltstack sendfile getpmsg putpmsg vfork ugetrlimit mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 chown32 getuid32 getgid32 geteuid32 getegid32 setreuid32 setregid32 getgroups32 setgroups32 fchown32 setresuid32 getresuid32 setresgid32 getresgid32 lchown32 setuid32 setgid32 setfsuid32 setfsgid32 pivot_root
220 getdents64 gettid tkill setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr futex sendfile64 mincore madvise fcntl64 readahead io_setup io_destroy io_getevents io_submit io_cancel fadvise64 exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages set_tid_address timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep statfs64 fstatfs64 tgkill utimes fadvise64_64 mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr waitid
279 add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice sync_file_range tee vmsplice move_pages sched_setaffinity sched_getaffinity kexec_load getcpu epoll_pwait utimensat signalfd timerfd_create eventfd fallocate timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open get_thread_area set_thread_area atomic_cmpxchg_32 atomic_barrier fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs setns process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 getrandom memfd_create bpf execveat socket socketpair bind connect listen accept4 getsockopt setsockopt getsockname getpeername sendto sendmsg recvfrom recvmsg shutdown recvmmsg sendmmsg userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 statx seccomp pkey_mprotect pkey_alloc pkey_free rseq
393 semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  mips: `0 syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod lchown break
19 lseek getpid mount umount setuid getuid stime ptrace alarm
29 pause utime stty gtty access nice ftime sync kill rename mkdir rmdir dup pipe times prof brk setgid getgid signal geteuid getegid acct umount2 lock ioctl fcntl mpx setpgid ulimit
60 umask chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask setreuid setregid sigsuspend sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups
83 symlink
85 readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod fchown getpriority setpriority profil statfs fstatfs ioperm socketcall syslog setitimer getitimer stat lstat fstat
110 iopl vhangup idle vm86 wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname modify_ldt adjtimex mprotect sigprocmask create_module init_module delete_module get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall setfsuid setfsgid _llseek getdents _newselect flock msync readv writev cacheflush cachectl sysmips
151 getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap accept bind connect getpeername getsockname getsockopt listen recv recvfrom recvmsg send sendmsg sendto setsockopt shutdown socket socketpair setresuid getresuid query_module poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile getpmsg putpmsg mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 pivot_root mincore madvise getdents64 fcntl64
222 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill sendfile64 futex sched_setaffinity sched_getaffinity io_setup io_destroy io_getevents io_submit io_cancel exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages set_tid_address restart_syscall fadvise64 statfs64 fstatfs64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep tgkill utimes mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr vserver waitid
280 add_key request_key keyctl set_thread_area inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare splice sync_file_range tee vmsplice move_pages set_robust_list get_robust_list kexec_load getcpu epoll_pwait ioprio_set ioprio_get utimensat signalfd timerfd eventfd fallocate timerfd_create timerfd_gettime timerfd_settime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open accept4 recvmmsg fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx rseq io_pgetevents
393 semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  mips64: `0 read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl pread64 pwrite64 readv writev access pipe _newselect sched_yield mremap msync mincore madvise shmget shmat shmctl dup dup2 pause nanosleep getitimer setitimer alarm getpid sendfile socket connect accept sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname getpeername socketpair setsockopt getsockopt clone fork execve exit wait4 kill uname semget semop semctl shmdt msgget msgsnd msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir rename mkdir rmdir creat link unlink symlink readlink chmod fchmod chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo times ptrace getuid syslog getgid setuid setgid geteuid getegid setpgid getppid getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid setfsuid setfsgid getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack utime mknod personality ustat statfs fstatfs sysfs getpriority setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall vhangup pivot_root _sysctl prctl adjtimex setrlimit chroot sync acct settimeofday mount umount2 swapon swapoff reboot sethostname setdomainname create_module init_module delete_module get_kernel_syms query_module quotactl nfsservctl getpmsg putpmsg afs_syscall
178 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill
194 futex sched_setaffinity sched_getaffinity cacheflush cachectl sysmips io_setup io_destroy io_getevents io_submit io_cancel exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages rt_sigreturn set_tid_address restart_syscall semtimedop fadvise64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep tgkill utimes mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr vserver waitid
239 add_key request_key keyctl set_thread_area inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare splice sync_file_range tee vmsplice move_pages set_robust_list get_robust_list kexec_load getcpu epoll_pwait ioprio_set ioprio_get utimensat signalfd timerfd eventfd fallocate timerfd_create timerfd_gettime timerfd_settime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open accept4 recvmmsg fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev kcmp finit_module getdents64 sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx rseq io_pgetevents
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  mips64n32: `0 read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl pread64 pwrite64 readv writev access pipe _newselect sched_yield mremap msync mincore madvise shmget shmat shmctl dup dup2 pause nanosleep getitimer setitimer alarm getpid sendfile socket connect accept sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname getpeername socketpair setsockopt getsockopt clone fork execve exit wait4 kill uname semget semop semctl shmdt msgget msgsnd msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir rename mkdir rmdir creat link unlink symlink readlink chmod fchmod chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo times ptrace getuid syslog getgid setuid setgid geteuid getegid setpgid getppid getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid setfsuid setfsgid getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack utime mknod personality ustat statfs fstatfs sysfs getpriority setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall vhangup pivot_root _sysctl prctl adjtimex setrlimit chroot sync acct settimeofday mount umount2 swapon swapoff reboot sethostname setdomainname create_module init_module delete_module get_kernel_syms query_module quotactl nfsservctl getpmsg putpmsg afs_syscall
178 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill
194 futex sched_setaffinity sched_getaffinity cacheflush cachectl sysmips io_setup io_destroy io_getevents io_submit io_cancel exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages rt_sigreturn fcntl64 set_tid_address restart_syscall semtimedop fadvise64 statfs64 fstatfs64 sendfile64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep tgkill utimes mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr vserver waitid
243 add_key request_key keyctl set_thread_area inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare splice sync_file_range tee vmsplice move_pages set_robust_list get_robust_list kexec_load getcpu epoll_pwait ioprio_set ioprio_get utimensat signalfd timerfd eventfd fallocate timerfd_create timerfd_gettime timerfd_settime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open accept4 recvmmsg getdents64 fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx rseq io_pgetevents
403 clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  sh: `0 restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod lchown
18 oldstat lseek getpid mount umount setuid getuid stime ptrace alarm oldfstat pause utime
33 access nice
36 sync kill rename mkdir rmdir dup pipe times
45 brk setgid getgid signal geteuid getegid acct umount2
54 ioctl fcntl
57 setpgid
60 umask chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask setreuid setregid sigsuspend sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups
83 symlink oldlstat readlink uselib swapon reboot readdir mmap munmap truncate ftruncate fchmod fchown getpriority setpriority
99 statfs fstatfs
102 socketcall syslog setitimer getitimer stat lstat fstat olduname
111 vhangup
114 wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname cacheflush adjtimex mprotect sigprocmask
128 init_module delete_module
131 quotactl getpgid fchdir bdflush sysfs personality
138 setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid
168 poll nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile
190 vfork ugetrlimit mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 lchown32 getuid32 getgid32 geteuid32 getegid32 setreuid32 setregid32 getgroups32 setgroups32 fchown32 setresuid32 getresuid32 setresgid32 getresgid32 chown32 setuid32 setgid32 setfsuid32 setfsgid32 pivot_root mincore madvise getdents64 fcntl64
224 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill sendfile64 futex sched_setaffinity sched_getaffinity
245 io_setup io_destroy io_getevents io_submit io_cancel fadvise64
252 exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages set_tid_address timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep statfs64 fstatfs64 tgkill utimes fadvise64_64
274 mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load waitid add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch
294 migrate_pages openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice sync_file_range tee vmsplice move_pages getcpu epoll_pwait utimensat signalfd timerfd_create eventfd fallocate timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open fanotify_init fanotify_mark prlimit64 socket bind connect listen accept getsockname getpeername socketpair send sendto recv recvfrom shutdown setsockopt getsockopt sendmsg recvmsg recvmmsg accept4 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev kcmp finit_module sched_getattr sched_setattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 statx pkey_mprotect pkey_alloc pkey_free rseq sync_file_range2
393 semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open
436 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  parisc: `0 restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod lchown socket stat lseek getpid mount bind setuid getuid stime ptrace alarm fstat pause utime connect listen access nice accept sync kill rename mkdir rmdir dup pipe times getsockname brk setgid getgid signal geteuid getegid acct umount2 getpeername ioctl fcntl socketpair setpgid send uname umask chroot ustat dup2 getppid getpgrp setsid pivot_root sgetmask ssetmask setreuid setregid mincore sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups sendto symlink lstat readlink uselib swapon reboot mmap2 mmap munmap truncate ftruncate fchmod fchown getpriority setpriority recv statfs fstatfs stat64
103 syslog setitimer getitimer capget capset pread64 pwrite64 getcwd vhangup fstat64 vfork wait4 swapoff sysinfo shutdown fsync madvise clone setdomainname sendfile recvfrom adjtimex mprotect sigprocmask
128 init_module delete_module
131 quotactl getpgid fchdir bdflush sysfs personality
138 setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid sigaltstack
168 poll
170 setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend chown setsockopt getsockopt sendmsg recvmsg semop semget semctl msgsnd msgrcv msgget msgctl shmat shmdt shmget shmctl
198 lstat64 truncate64 ftruncate64 getdents64 fcntl64
206 gettid readahead tkill sendfile64 futex sched_setaffinity sched_getaffinity
215 io_setup io_destroy io_getevents io_submit io_cancel
222 exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages semtimedop mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr waitid fadvise64_64 set_tid_address setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep tgkill mbind get_mempolicy set_mempolicy
264 add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages pselect6 ppoll openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat unshare set_robust_list get_robust_list splice sync_file_range tee vmsplice move_pages getcpu epoll_pwait statfs64 fstatfs64 kexec_load utimensat signalfd
304 eventfd fallocate timerfd_create timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg accept4 prlimit64 fanotify_init fanotify_mark clock_adjtime name_to_handle_at open_by_handle_at syncfs setns sendmmsg process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr utimes renameat2 seccomp getrandom memfd_create bpf execveat membarrier userfaultfd mlock2 copy_file_range preadv2 pwritev2 statx io_pgetevents pkey_mprotect pkey_alloc pkey_free rseq kexec_file_load cacheflush
403 clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
  parisc64: `0 restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod lchown socket stat lseek getpid mount bind setuid getuid stime ptrace alarm fstat pause utime connect listen access nice accept sync kill rename mkdir rmdir dup pipe times getsockname brk setgid getgid signal geteuid getegid acct umount2 getpeername ioctl fcntl socketpair setpgid send uname umask chroot ustat dup2 getppid getpgrp setsid pivot_root sgetmask ssetmask setreuid setregid mincore sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday getgroups setgroups sendto symlink lstat readlink uselib swapon reboot mmap2 mmap munmap truncate ftruncate fchmod fchown getpriority setpriority recv statfs fstatfs stat64
103 syslog setitimer getitimer capget capset pread64 pwrite64 getcwd vhangup fstat64 vfork wait4 swapoff sysinfo shutdown fsync madvise clone setdomainname sendfile recvfrom adjtimex mprotect sigprocmask
128 init_module delete_module
131 quotactl getpgid fchdir bdflush sysfs personality
138 setfsuid setfsgid
141 getdents _newselect flock msync readv writev getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid sigaltstack
168 poll
170 setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend chown setsockopt getsockopt sendmsg recvmsg semop semget semctl msgsnd msgrcv msgget msgctl shmat shmdt shmget shmctl
198 lstat64 truncate64 ftruncate64 getdents64 fcntl64
206 gettid readahead tkill sendfile64 futex sched_setaffinity sched_getaffinity
215 io_setup io_destroy io_getevents io_submit io_cancel
222 exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait remap_file_pages semtimedop mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr waitid fadvise64_64 set_tid_address setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep tgkill mbind get_mempolicy set_mempolicy
264 add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages pselect6 ppoll openat mkdirat mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat unshare set_robust_list get_robust_list splice sync_file_range tee vmsplice move_pages getcpu epoll_pwait statfs64 fstatfs64 kexec_load utimensat signalfd
304 eventfd fallocate timerfd_create timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg accept4 prlimit64 fanotify_init fanotify_mark clock_adjtime name_to_handle_at open_by_handle_at syncfs setns sendmmsg process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr utimes renameat2 seccomp getrandom memfd_create bpf execveat membarrier userfaultfd mlock2 copy_file_range preadv2 pwritev2 statx io_pgetevents pkey_mprotect pkey_alloc pkey_free rseq kexec_file_load cacheflush
424 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self
448 process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield`,
};

/** `NAME|SINCE|ARGUMENTS`, then `|ABIS|ARGUMENTS` for the ABIs where that name's arguments are others. */
export const SIGNATURES = `
_llseek|1.2|fd,offset_high,offset_low,result,whence
_newselect|2.0|n,inp,outp,exp,tvp
_sysctl|2.0|args
accept|2.0|fd,upeer_sockaddr,upeer_addrlen
accept4|2.6.28|fd,upeer_sockaddr,upeer_addrlen,flags
access|1.0|filename,mode
acct|1.0|name
add_key|2.6.10|_type,_description,_payload,plen,ringid
adjtimex|1.0|txc_p
|i386,arm,ppc,s390,m68k,mips,mips64n32,sh,parisc|utp
afs_syscall||?
alarm|1.0|seconds
arch_prctl|2.6|option,arg2
arm_fadvise64_64||fd,advice,offset_lo,offset_hi,len_lo,len_hi
arm_sync_file_range||fd,flags,offset_lo,offset_hi,nbytes_lo,nbytes_hi
atomic_barrier|2.6.34|
atomic_cmpxchg_32|2.6.34|newval,oldval,d3,d4,d5,mem
bdflush|1.2|func,data
bind|2.0|fd,umyaddr,addrlen
bpf|3.18|cmd,uattr,size
break||?
breakpoint|2.2|
brk|1.0|brk
cachectl||addr,nbytes,op
cacheflush|1.2|addr,bytes,cache
|arm|start,end,flags
|m68k|addr,scope,cache,len
|sh|addr,len,op
|parisc,parisc64|?
cachestat|6.5|fd,cstat_range,cstat,flags
capget|2.2|header,dataptr
capset|2.2|header,data
chdir|1.0|filename
chmod|1.0|filename,mode
chown|2.2|filename,user,group
chown32|2.4|filename,user,group
chroot|1.0|filename
clock_adjtime|2.6.39|which_clock,utx
|i386,arm,ppc,s390,m68k,mips,mips64n32,sh,parisc|which_clock,utp
clock_adjtime64||which_clock,utx
clock_getres|2.6|which_clock,tp
clock_getres_time64|5.1|which_clock,tp
clock_gettime|2.6|which_clock,tp
clock_gettime64||which_clock,tp
clock_nanosleep|2.6|which_clock,flags,rqtp,rmtp
clock_nanosleep_time64|5.1|which_clock,flags,rqtp,rmtp
clock_settime|2.6|which_clock,tp
clock_settime64||which_clock,tp
clone|1.0|clone_flags,newsp,parent_tidptr,child_tidptr,tls
|i386,aarch64,arm,riscv64,ppc,ppc64,mips,mips64,mips64n32,parisc,parisc64|clone_flags,newsp,parent_tidptr,tls,child_tidptr
|s390,s390x|newsp,clone_flags,parent_tidptr,child_tidptr,tls
clone3|5.3|uargs,size
close|1.0|fd
close_range|5.9|fd,max_fd,flags
connect|2.0|fd,uservaddr,addrlen
copy_file_range|4.5|fd_in,off_in,fd_out,off_out,len,flags
creat|1.0|pathname,mode
create_module|1.0|name,size
delete_module|1.0|name_user,flags
dup|1.0|fildes
dup2|1.0|oldfd,newfd
dup3|2.6.27|oldfd,newfd,flags
epoll_create|2.6|size
epoll_create1|2.6.27|flags
epoll_ctl|2.6|epfd,op,fd,event
epoll_ctl_old||?
epoll_pwait|2.6.19|epfd,events,maxevents,timeout,sigmask,sigsetsize
epoll_pwait2|5.11|epfd,events,maxevents,timeout,sigmask,sigsetsize
epoll_wait|2.6|epfd,events,maxevents,timeout
epoll_wait_old||?
eventfd|2.6.22|count
eventfd2|2.6.27|count,flags
execve|1.0|filename,argv,envp
execveat|3.19|fd,filename,argv,envp,flags
exit|1.0|error_code
exit_group|2.6|error_code
faccessat|2.6.16|dfd,filename,mode
faccessat2|5.8|dfd,filename,mode,flags
fadvise64|2.6|fd,offset,len,advice
|i386,sh|fd,offset_lo,offset_hi,len,advice
|ppc|fd,unused,offset1,offset2,len,advice
|s390|fd,high,low,len,advise
|m68k,sheb|fd,offset_hi,offset_lo,len,advice
|mips|fd,pad,offset_hi,offset_lo,len_hi,len_lo
|mipsel|fd,pad,offset_lo,offset_hi,len_lo,len_hi
fadvise64_64|2.6|fd,offset_hi,offset_lo,len_hi,len_lo,advice
|i386|fd,offset_low,offset_high,len_low,len_high,advice
|ppc|fd,advice,offset_high,offset_low,len_high,len_low
|s390|args
|sh|fd,offset_lo,offset_hi,len_lo,len_hi,advice
|parisc64|fd,offset,len,advice
|sheb|fd,offset_hi,offset_lo,len_hi,len_lo,advice
fallocate|2.6.23|fd,mode,offset,len
|i386,arm,sh,mipsel|fd,mode,offset_lo,offset_hi,len_lo,len_hi
|ppc|fd,mode,offset1,offset2,len1,len2
|s390|fd,mode,offhigh,offlow,lenhigh,lenlow
|m68k,mips,parisc,sheb|fd,mode,offset_hi,offset_lo,len_hi,len_lo
fanotify_init|2.6.37|flags,event_f_flags
fanotify_mark|2.6.37|fanotify_fd,flags,mask,dfd,pathname
|i386,arm,sh,mipsel|fanotify_fd,flags,mask_lo,mask_hi,dfd,pathname
|ppc,s390,m68k,mips,parisc,sheb|fanotify_fd,flags,mask_hi,mask_lo,dfd,pathname
fchdir|1.0|fd
fchmod|1.0|fd,mode
fchmodat|2.6.16|dfd,filename,mode
fchmodat2|6.6|dfd,filename,mode,flags
fchown|1.0|fd,user,group
fchown32|2.4|fd,user,group
fchownat|2.6.16|dfd,filename,user,group,flag
fcntl|1.0|fd,cmd,arg
fcntl64|2.4|fd,cmd,arg
fdatasync|2.0|fd
fgetxattr|2.6|fd,name,value,size
file_getattr|6.17|dfd,filename,ufattr,usize,at_flags
file_setattr|6.17|dfd,filename,ufattr,usize,at_flags
finit_module|3.8|fd,uargs,flags
flistxattr|2.6|fd,list,size
flock|2.0|fd,cmd
fork|1.0|
fremovexattr|2.6|fd,name
fsconfig|5.2|fd,cmd,_key,_value,aux
fsetxattr|2.6|fd,name,value,size,flags
fsmount|5.2|fs_fd,flags,attr_flags
fsopen|5.2|_fs_name,flags
fspick|5.2|dfd,path,flags
fstat|1.0|fd,statbuf
fstat64|2.4|fd,statbuf
fstatat64|2.6.16|dfd,filename,statbuf,flag
fstatfs|1.0|fd,buf
fstatfs64|2.6|fd,sz,buf
fsync|1.0|fd
ftime||?
ftruncate|1.0|fd,length
ftruncate64|2.4|fd,length_hi,length_lo
|i386|fd,offset_low,offset_high
|arm,mipsel|fd,pad,length_lo,length_hi
|ppc|fd,reg4,len1,len2
|s390|fd,high,low
|mips|fd,pad,length_hi,length_lo
|sh|fd,length_lo,length_hi
|parisc64|fd,length
|sheb|fd,length_hi,length_lo
futex|2.6|uaddr,op,val,utime,uaddr2,val3
futex_requeue|6.7|waiters,flags,nr_wake,nr_requeue
futex_time64|5.1|uaddr,op,val,utime,uaddr2,val3
futex_wait|6.7|uaddr,val,mask,flags,timeout,clockid
futex_waitv|5.16|waiters,nr_futexes,flags,timeout,clockid
futex_wake|6.7|uaddr,mask,nr,flags
futimesat|2.6.16|dfd,filename,utimes
|i386,arm,ppc,s390,m68k,mips,mips64n32,sh,parisc|dfd,filename,t
get_kernel_syms|1.0|table
get_mempolicy|2.6.6|policy,nmask,maxnode,addr,flags
get_robust_list|2.6.17|pid,head_ptr,len_ptr
get_thread_area|2.6|u_info
|m68k|
get_tls|4.15|
getcpu|2.6.19|cpup,nodep,unused
getcwd|2.2|buf,size
getdents|2.0|fd,dirent,count
getdents64|2.4|fd,dirent,count
getegid|1.0|
getegid32|2.4|
geteuid|1.0|
geteuid32|2.4|
getgid|1.0|
getgid32|2.4|
getgroups|1.0|gidsetsize,grouplist
getgroups32|2.4|gidsetsize,grouplist
getitimer|1.0|which,value
getpagesize|2.0|
getpeername|2.0|fd,usockaddr,usockaddr_len
getpgid|1.0|pid
getpgrp|1.0|
getpid|1.0|
getpmsg||?
getppid|1.0|
getpriority|1.0|which,who
getrandom|3.17|ubuf,len,flags
getresgid|2.2|rgidp,egidp,sgidp
getresgid32|2.4|rgidp,egidp,sgidp
getresuid|2.2|ruidp,euidp,suidp
getresuid32|2.4|ruidp,euidp,suidp
getrlimit|1.0|resource,rlim
getrusage|1.0|who,ru
getsid|2.0|pid
getsockname|2.0|fd,usockaddr,usockaddr_len
getsockopt|2.0|fd,level,optname,optval,optlen
gettid|2.4.11|
gettimeofday|1.0|tv,tz
getuid|1.0|
getuid32|2.4|
getxattr|2.6|pathname,name,value,size
getxattrat|6.13|dfd,pathname,at_flags,name,uargs,usize
gtty||?
idle||?
init_module|1.0|umod,len,uargs
inotify_add_watch|2.6.13|fd,pathname,mask
inotify_init|2.6.13|
inotify_init1|2.6.27|flags
inotify_rm_watch|2.6.13|fd,wd
io_cancel|2.6|ctx_id,iocb,result
io_destroy|2.6|ctx
io_getevents|2.6|ctx_id,min_nr,nr,events,timeout
io_pgetevents|4.18|ctx_id,min_nr,nr,events,timeout,usig
io_pgetevents_time64|5.1|ctx_id,min_nr,nr,events,timeout,usig
io_setup|2.6|nr_events,ctxp
|x32,s390,mips64n32|nr_events,ctx32p
io_submit|2.6|ctx_id,nr,iocbpp
io_uring_enter|5.1|fd,to_submit,min_complete,flags,argp,argsz
io_uring_register|5.1|fd,opcode,arg,nr_args
io_uring_setup|5.1|entries,params
ioctl|1.0|fd,cmd,arg
ioperm|1.0|from,num,turn_on
|ppc,ppc64,s390,mips|?
iopl|1.0|level
|ppc,ppc64,mips|?
ioprio_get|2.6.13|which,who
ioprio_set|2.6.13|which,who,ioprio
ipc|1.0|call,first,second,third,ptr,fifth
|s390,s390x|call,first,second,third,ptr
kcmp|3.5|pid1,pid2,type,idx1,idx2
kexec_file_load|3.17|kernel_fd,initrd_fd,cmdline_len,cmdline_ptr,flags
kexec_load|2.6.13|entry,nr_segments,segments,flags
keyctl|2.6.10|option,arg2,arg3,arg4,arg5
kill|1.0|pid,sig
landlock_add_rule|5.13|ruleset_fd,rule_type,rule_attr,flags
landlock_create_ruleset|5.13|attr,size,flags
landlock_restrict_self|5.13|ruleset_fd,flags
lchown|1.0|filename,user,group
lchown32|2.4|filename,user,group
lgetxattr|2.6|pathname,name,value,size
link|1.0|oldname,newname
linkat|2.6.16|olddfd,oldname,newdfd,newname,flags
listen|2.0|fd,backlog
listmount|6.8|req,mnt_ids,nr_mnt_ids,flags
listns|6.19|req,ns_ids,nr_ns_ids,flags
listxattr|2.6|pathname,list,size
listxattrat|6.13|dfd,pathname,at_flags,list,size
llistxattr|2.6|pathname,list,size
lock||?
lookup_dcookie|2.6|cookie64,buf,len
|i386,arm,sh,mipsel|cookie64_lo,cookie64_hi,buf,len
|ppc,s390,m68k,mips,parisc,sheb|cookie64_hi,cookie64_lo,buf,len
lremovexattr|2.6|pathname,name
lseek|1.0|fd,offset,whence
lsetxattr|2.6|pathname,name,value,size,flags
lsm_get_self_attr|6.8|attr,ctx,size,flags
lsm_list_modules|6.8|ids,size,flags
lsm_set_self_attr|6.8|attr,ctx,size,flags
lstat|1.0|filename,statbuf
lstat64|2.4|filename,statbuf
madvise|2.4|start,len_in,behavior
map_shadow_stack|6.6|addr,size,flags
mbind|2.6.6|start,len,mode,nmask,maxnode,flags
membarrier|3.17|cmd,flags,cpu_id
memfd_create|3.17|uname,flags
memfd_secret|5.14|flags
migrate_pages|2.6.16|pid,maxnode,old_nodes,new_nodes
mincore|2.4|start,len,vec
mkdir|1.0|pathname,mode
mkdirat|2.6.16|dfd,pathname,mode
mknod|1.0|filename,mode,dev
mknodat|2.6.16|dfd,filename,mode,dev
mlock|2.0|start,len
mlock2|4.4|start,len,flags
mlockall|2.0|flags
mmap|1.0|addr,len,prot,flags,fd,off
|i386,s390,s390x,m68k|arg
|riscv64,ppc,ppc64,loongarch64,mips,mips64,mips64n32|addr,len,prot,flags,fd,offset
mmap2|2.4|addr,len,prot,flags,fd,pgoff
|s390|arg
modify_ldt|1.0|func,ptr,bytecount
|ppc,ppc64,mips|?
mount|1.0|dev_name,dir_name,type,flags,data
mount_setattr|5.12|dfd,path,flags,uattr,usize
move_mount|5.2|from_dfd,from_pathname,to_dfd,to_pathname,flags
move_pages|2.6.18|pid,nr_pages,pages,nodes,status,flags
mprotect|1.0|start,len,prot
mpx||?
mq_getsetattr|2.6.6|mqdes,u_mqstat,u_omqstat
mq_notify|2.6.6|mqdes,u_notification
mq_open|2.6.6|u_name,oflag,mode,u_attr
mq_timedreceive|2.6.6|mqdes,u_msg_ptr,msg_len,u_msg_prio,u_abs_timeout
mq_timedreceive_time64|5.1|mqdes,u_msg_ptr,msg_len,u_msg_prio,u_abs_timeout
mq_timedsend|2.6.6|mqdes,u_msg_ptr,msg_len,msg_prio,u_abs_timeout
mq_timedsend_time64|5.1|mqdes,u_msg_ptr,msg_len,msg_prio,u_abs_timeout
mq_unlink|2.6.6|u_name
mremap|2.0|addr,old_len,new_len,flags,new_addr
mseal|6.10|start,len,flags
msgctl|2.0|msqid,cmd,buf
|s390,mips64n32|msqid,cmd,uptr
msgget|2.0|key,msgflg
msgrcv|2.0|msqid,msgp,msgsz,msgtyp,msgflg
msgsnd|2.0|msqid,msgp,msgsz,msgflg
msync|2.0|start,len,flags
multiplexer||?
munlock|2.0|start,len
munlockall|2.0|
munmap|1.0|addr,len
name_to_handle_at|2.6.39|dfd,name,handle,mnt_id,flag
nanosleep|2.0|rqtp,rmtp
newfstatat|2.6.16|dfd,filename,statbuf,flag
nfsservctl|2.2|cmd,argp,resp
nice|1.0|increment
oldfstat|1.0|fd,statbuf
|ppc64|?
oldlstat|1.0|filename,statbuf
|ppc64|?
oldolduname|1.0|name
|ppc64|?
oldstat|1.0|filename,statbuf
|ppc64|?
olduname|1.0|name
open|1.0|filename,flags,mode
open_by_handle_at|2.6.39|mountdirfd,handle,flags
open_tree|5.2|dfd,filename,flags
open_tree_attr|6.15|dfd,filename,flags,uattr,usize
openat|2.6.16|dfd,filename,flags,mode
openat2|5.6|dfd,filename,how,usize
pause|1.0|
pciconfig_iobase|2.2.15|which,in_bus,in_devfn
|arm|which,bus,devfn
pciconfig_read|2.0.26|bus,dfn,off,len,buf
pciconfig_write|2.0.26|bus,dfn,off,len,buf
perf_event_open|2.6.31|attr_uptr,pid,cpu,group_fd,flags
personality|1.2|personality
pidfd_getfd|5.6|pidfd,fd,flags
pidfd_open|5.3|pid,flags
pidfd_send_signal|5.1|pidfd,sig,info,flags
pipe|1.0|fildes
|mips,mips64,mips64n32,sh|
pipe2|2.6.27|fildes,flags
pivot_root|2.4|new_root,put_old
pkey_alloc|4.8|flags,init_val
pkey_free|4.8|pkey
pkey_mprotect|4.8|start,len,prot,pkey
poll|2.0.36|ufds,nfds,timeout_msecs
ppoll|2.6.16|ufds,nfds,tsp,sigmask,sigsetsize
ppoll_time64|5.1|ufds,nfds,tsp,sigmask,sigsetsize
prctl|2.2|option,arg2,arg3,arg4,arg5
pread64||fd,buf,count,pos
|i386|fd,ubuf,count,poslo,poshi
|arm,mipsel|fd,buf,count,pad,pos_lo,pos_hi
|ppc|fd,ubuf,count,reg6,pos1,pos2
|s390|fd,ubuf,count,high,low
|m68k,parisc|fd,buf,count,pos_hi,pos_lo
|mips|fd,buf,count,pad,pos_hi,pos_lo
|sh|fd,buf,count,dummy,pos_lo,pos_hi
|sheb|fd,buf,count,dummy,pos_hi,pos_lo
preadv|2.6.30|fd,vec,vlen,pos_l,pos_h
|x32|fd,vec,vlen,pos
|s390,mips64n32|fd,vec,vlen,pos_low,pos_high
preadv2|4.6|fd,vec,vlen,pos_l,pos_h,flags
|x32|fd,vec,vlen,pos,flags
|s390,mips64n32|fd,vec,vlen,pos_low,pos_high,flags
prlimit64|2.6.36|pid,resource,new_rlim,old_rlim
process_madvise|5.10|pidfd,vec,vlen,behavior,flags
process_mrelease|5.15|pidfd,flags
process_vm_readv|3.2|pid,lvec,liovcnt,rvec,riovcnt,flags
process_vm_writev|3.2|pid,lvec,liovcnt,rvec,riovcnt,flags
prof||?
profil||?
pselect6|2.6.16|n,inp,outp,exp,tsp,sig
pselect6_time64|5.1|n,inp,outp,exp,tsp,sig
ptrace|1.0|request,pid,addr,data
putpmsg||?
pwrite64||fd,buf,count,pos
|i386|fd,ubuf,count,poslo,poshi
|arm,mipsel|fd,buf,count,pad,pos_lo,pos_hi
|ppc|fd,ubuf,count,reg6,pos1,pos2
|s390|fd,ubuf,count,high,low
|m68k,parisc|fd,buf,count,pos_hi,pos_lo
|mips|fd,buf,count,pad,pos_hi,pos_lo
|sh|fd,buf,count,dummy,pos_lo,pos_hi
|sheb|fd,buf,count,dummy,pos_hi,pos_lo
pwritev|2.6.30|fd,vec,vlen,pos_l,pos_h
|x32|fd,vec,vlen,pos
|s390,mips64n32|fd,vec,vlen,pos_low,pos_high
pwritev2|4.6|fd,vec,vlen,pos_l,pos_h,flags
|x32|fd,vec,vlen,pos,flags
|s390,mips64n32|fd,vec,vlen,pos_low,pos_high,flags
query_module|2.2|name,which,buf,bufsize,ret
quotactl|1.0|cmd,special,id,addr
quotactl_fd|5.14|fd,cmd,id,addr
read|1.0|fd,buf,count
readahead|2.4.13|fd,offset,count
|i386|fd,off_lo,off_hi,count
|arm,mipsel|fd,pad,offset_lo,offset_hi,count
|ppc|fd,r4,offset1,offset2,count
|s390|fd,high,low,count
|m68k,parisc,sheb|fd,offset_hi,offset_lo,count
|mips|fd,pad,offset_hi,offset_lo,count
|sh|fd,offset_lo,offset_hi,count
readdir|1.0|fd,dirent,count
|ppc64,s390x|?
readlink|1.0|path,buf,bufsiz
readlinkat|2.6.16|dfd,pathname,buf,bufsiz
readv|2.0|fd,vec,vlen
reboot|1.0|magic1,magic2,cmd,arg
recv|2.0|fd,ubuf,size,flags
recvfrom|2.0|fd,ubuf,size,flags,addr,addr_len
|x32,s390,mips64n32|fd,buf,len,flags,addr,addrlen
recvmmsg|2.6.33|fd,mmsg,vlen,flags,timeout
recvmmsg_time64|5.1|fd,mmsg,vlen,flags,timeout
recvmsg|2.0|fd,msg,flags
remap_file_pages|2.6|start,size,prot,pgoff,flags
removexattr|2.6|pathname,name
removexattrat|6.13|dfd,pathname,at_flags,name
rename|1.0|oldname,newname
renameat|2.6.16|olddfd,oldname,newdfd,newname
renameat2|3.15|olddfd,oldname,newdfd,newname,flags
request_key|2.6.10|_type,_description,_callout_info,destringid
restart_syscall|2.6|
riscv_flush_icache|4.15|start,end,flags
riscv_hwprobe|6.4|pairs,pair_count,cpusetsize,cpus,flags
rmdir|1.0|pathname
rseq|4.18|rseq,rseq_len,flags,sig
rseq_slice_yield|7.0|
rt_sigaction|2.2|sig,act,oact,sigsetsize
rt_sigpending|2.2|uset,sigsetsize
rt_sigprocmask|2.2|how,nset,oset,sigsetsize
rt_sigqueueinfo|2.2|pid,sig,uinfo
rt_sigreturn|2.2|
rt_sigsuspend|2.2|unewset,sigsetsize
rt_sigtimedwait|2.2|uthese,uinfo,uts,sigsetsize
rt_sigtimedwait_time64|5.1|uthese,uinfo,uts,sigsetsize
rt_tgsigqueueinfo|2.6.31|tgid,pid,sig,uinfo
rtas|2.6.2|uargs
s390_guarded_storage|4.12|command,gs_cb
s390_pci_mmio_read|3.19|mmio_addr,user_buffer,length
s390_pci_mmio_write|3.19|mmio_addr,user_buffer,length
s390_runtime_instr|3.7|command,signum
s390_sthyi|4.15|function_code,buffer,return_code,flags
sched_get_priority_max|2.0|policy
sched_get_priority_min|2.0|policy
sched_getaffinity|2.6|pid,len,user_mask_ptr
sched_getattr|3.14|pid,uattr,usize,flags
sched_getparam|2.0|pid,param
sched_getscheduler|2.0|pid
sched_rr_get_interval|2.0|pid,interval
sched_rr_get_interval_time64|5.1|pid,interval
sched_setaffinity|2.6|pid,len,user_mask_ptr
sched_setattr|3.14|pid,uattr,flags
sched_setparam|2.0|pid,param
sched_setscheduler|2.0|pid,policy,param
sched_yield|2.0|
seccomp|3.17|op,flags,uargs
security||?
select|1.0|n,inp,outp,exp,tvp
|i386,ppc,m68k|arg
|ppc64|?
semctl|2.0|semid,semnum,cmd,arg
semget|2.0|key,nsems,semflg
semop|2.0|semid,tsops,nsops
semtimedop|2.6|semid,tsops,nsops,timeout
|arm,mips64n32,parisc|semid,tsems,nsops,timeout
semtimedop_time64|5.1|semid,tsops,nsops,timeout
send|2.0|fd,buff,len,flags
sendfile|2.2|out_fd,in_fd,offset,count
sendfile64|2.6|out_fd,in_fd,offset,count
sendmmsg|3.0|fd,mmsg,vlen,flags
sendmsg|2.0|fd,msg,flags
sendto|2.0|fd,buff,len,flags,addr,addr_len
set_mempolicy|2.6.6|mode,nmask,maxnode
set_mempolicy_home_node|5.17|start,len,home_node,flags
set_robust_list|2.6.17|head,len
set_thread_area|2.6|u_info
|m68k|tp
|mips,mips64,mips64n32|addr
set_tid_address|2.6|tidptr
set_tls|2.6.11|tp
setdomainname|1.0|name,len
setfsgid|1.2|gid
setfsgid32|2.4|gid
setfsuid|1.2|uid
setfsuid32|2.4|uid
setgid|1.0|gid
setgid32|2.4|gid
setgroups|1.0|gidsetsize,grouplist
setgroups32|2.4|gidsetsize,grouplist
sethostname|1.0|name,len
setitimer|1.0|which,value,ovalue
setns|3.0|fd,flags
setpgid|1.0|pid,pgid
setpriority|1.0|which,who,niceval
setregid|1.0|rgid,egid
setregid32|2.4|rgid,egid
setresgid|2.2|rgid,egid,sgid
setresgid32|2.4|rgid,egid,sgid
setresuid|2.2|ruid,euid,suid
setresuid32|2.4|ruid,euid,suid
setreuid|1.0|ruid,euid
setreuid32|2.4|ruid,euid
setrlimit|1.0|resource,rlim
setsid|1.0|
setsockopt|2.0|fd,level,optname,optval,optlen
settimeofday|1.0|tv,tz
setuid|1.0|uid
setuid32|2.4|uid
setxattr|2.6|pathname,name,value,size,flags
setxattrat|6.13|dfd,pathname,at_flags,name,uargs,usize
sgetmask|1.0|
shmat|2.0|shmid,shmaddr,shmflg
shmctl|2.0|shmid,cmd,buf
|s390,mips64n32|shmid,cmd,uptr
shmdt|2.0|shmaddr
shmget|2.0|key,size,shmflg
shutdown|2.0|fd,how
sigaction|1.0|sig,act,oact
sigaltstack|2.2|uss,uoss
|x32,s390,mips64n32|uss_ptr,uoss_ptr
signal|1.0|sig,handler
signalfd|2.6.22|ufd,user_mask,sizemask
|s390,mips64n32|ufd,user_mask,sigsetsize
signalfd4|2.6.27|ufd,user_mask,sizemask,flags
|s390,mips64n32|ufd,user_mask,sigsetsize,flags
sigpending|1.0|uset
|s390|set32
sigprocmask|1.0|how,nset,oset
sigreturn|1.0|
sigsuspend|1.0|unused1,unused2,mask
|ppc,ppc64,sh|mask
|mips|uset
socket|2.0|family,type,protocol
socketcall|1.0|call,args
socketpair|2.0|family,type,protocol,usockvec
splice|2.6.17|fd_in,off_in,fd_out,off_out,len,flags
spu_create|2.6.16|name,flags,mode,neighbor_fd
spu_run|2.6.16|fd,unpc,ustatus
ssetmask|1.0|newmask
stat|1.0|filename,statbuf
stat64|2.4|filename,statbuf
statfs|1.0|pathname,buf
statfs64|2.6|pathname,sz,buf
statmount|6.8|req,buf,bufsize,flags
statx|4.11|dfd,filename,flags,mask,buffer
stime|1.0|tptr
stty||?
subpage_prot|2.6.25|addr,len,map
swapcontext|2.6.3|old_ctx,new_ctx,ctx_size
swapoff|1.0|specialfile
swapon|1.0|specialfile,swap_flags
switch_endian|4.1|
symlink|1.0|oldname,newname
symlinkat|2.6.16|oldname,newdfd,newname
sync|1.0|
sync_file_range|2.6.17|fd,offset,nbytes,flags
|i386|fd,off_low,off_hi,n_low,n_hi,flags
|s390|fd,offhigh,offlow,nhigh,nlow,flags
|m68k,parisc,sheb|fd,offset_hi,offset_lo,nbytes_hi,nbytes_lo,flags
|mips|fd,pad,offset_hi,offset_lo,nbytes_hi,nbytes_lo
|sh|fd,offset_lo,offset_hi,nbytes_lo,nbytes_hi,flags
|mipsel|fd,pad,offset_lo,offset_hi,nbytes_lo,nbytes_hi
sync_file_range2|2.6.22|fd,flags,offset1,offset2,nbytes1,nbytes2
|ppc64|fd,flags,offset,nbytes
|sh|fd,flags,offset_lo,offset_hi,nbytes_lo,nbytes_hi
|sheb|fd,flags,offset_hi,offset_lo,nbytes_hi,nbytes_lo
syncfs|2.6.39|fd
sys_debug_setcontext|2.6.11|ctx,ndbg,dbg
|ppc64|?
syscall|1.0|?
sysfs|1.2|option,arg1,arg2
sysinfo|1.0|info
syslog|1.0|type,buf,len
sysmips|2.6.0|cmd,arg1,arg2
tee|2.6.17|fdin,fdout,len,flags
tgkill|2.6|tgid,pid,sig
time|1.0|tloc
timer_create|2.6|which_clock,timer_event_spec,created_timer_id
timer_delete|2.6|timer_id
timer_getoverrun|2.6|timer_id
timer_gettime|2.6|timer_id,setting
timer_gettime64||timer_id,setting
timer_settime|2.6|timer_id,flags,new_setting,old_setting
|i386,arm,ppc,s390,m68k,mips,mips64n32,sh,parisc|timer_id,flags,new,old
timer_settime64||timer_id,flags,new_setting,old_setting
timerfd||?
timerfd_create|2.6.25|clockid,flags
timerfd_gettime|2.6.25|ufd,otmr
timerfd_gettime64||ufd,otmr
timerfd_settime|2.6.25|ufd,flags,utmr,otmr
timerfd_settime64||ufd,flags,utmr,otmr
times|1.0|tbuf
tkill|2.6|pid,sig
truncate|1.0|path,length
truncate64|2.4|path,length_hi,length_lo
|i386|filename,offset_low,offset_high
|arm,mipsel|path,pad,length_lo,length_hi
|ppc|path,reg4,len1,len2
|s390|path,high,low
|mips|path,pad,length_hi,length_lo
|sh|path,length_lo,length_hi
|parisc64|path,length
|sheb|path,length_hi,length_lo
tuxcall||?
ugetrlimit|2.4|resource,rlim
ulimit||?
umask|1.0|mask
umount|1.0|name
|ppc64|?
umount2|2.2|name,flags
uname|1.0|name
unlink|1.0|pathname
unlinkat|2.6.16|dfd,pathname,flag
unshare|2.6.16|unshare_flags
uprobe|6.18|
uretprobe|6.11|
uselib|1.0|library
userfaultfd|4.3|flags
usr26|2.4.8.1|
usr32|2.4.8.1|
ustat|1.0|dev,ubuf
|s390,mips64n32|dev,u
utime|1.0|filename,times
|i386,ppc,s390,m68k,mips,mips64n32,sh,parisc|filename,t
utimensat|2.6.22|dfd,filename,utimes,flags
|i386,arm,ppc,s390,m68k,mips,mips64n32,sh,parisc|dfd,filename,t,flags
utimensat_time64|5.1|dfd,filename,utimes,flags
utimes|2.2|filename,utimes
|i386,arm,ppc,s390,m68k,mips,mips64n32,sh,parisc|filename,t
vfork|2.2|
vhangup|1.0|
vm86|2.0.28|cmd,arg
|ppc,ppc64,mips|?
vm86old|1.0|user_vm86
vmsplice|2.6.17|fd,uiov,nr_segs,flags
vserver||?
wait4|1.0|upid,stat_addr,options,ru
|s390,mips64n32|pid,stat_addr,options,ru
waitid|2.6.10|which,upid,infop,options,ru
|x32,s390,mips64n32|which,pid,infop,options,uru
waitpid|1.0|pid,stat_addr,options
write|1.0|fd,buf,count
writev|2.0|fd,vec,vlen`;

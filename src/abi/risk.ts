export interface Risk {
  /** `high`: no ordinary workload should have it without a reason. `elevated`: allowed by many, worth a look. */
  readonly level: "high" | "elevated";
  /** One sentence: what an attacker gains. */
  readonly why: string;
  readonly source: { readonly name: string; readonly url: string };
}

type Source = Risk["source"];

const DOCKER: Source = {
  name: "Docker documentation, significant syscalls blocked by the default profile",
  url: "https://docs.docker.com/engine/security/seccomp/",
};
const CONFINE: Source = {
  name: "Confine (Ghavamnia et al., RAID 2020), list of CVEs by syscall",
  url: "https://github.com/shamedgh/confine/blob/master/cve.files/cve.to.syscall.manual",
};
const SYSTEMD: Source = {
  name: "systemd.exec(5), system call groups",
  url: "https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallFilter=",
};
const MAN = (page: string): Source => ({
  name: `Linux manual page ${page}(2)`,
  url: `https://man7.org/linux/man-pages/man2/${page}.2.html`,
});
const CVE = (id: string): Source => ({ name: id, url: `https://nvd.nist.gov/vuln/detail/${id}` });

function risks(level: Risk["level"], names: string, why: string, source: Source): readonly [string, Risk][] {
  return names.split(" ").map(name => [name, { level, why, source }]);
}

const RISKS: ReadonlyMap<string, Risk> = new Map([
  ...risks(
    "high",
    "io_uring_setup io_uring_enter io_uring_register",
    "Carries out file and network calls that no seccomp filter sees, and 60 % of the submissions to Google's kCTF exploited it.",
    {
      name: "Google, Learnings from kCTF VRP's 42 Linux kernel exploits; moby #46762",
      url: "https://security.googleblog.com/2023/06/learnings-from-kctf-vrps-42-linux.html",
    },
  ),
  ...risks("high", "bpf", "Loads programs into the kernel that may outlast the container.", DOCKER),
  ...risks(
    "high",
    "userfaultfd",
    "Halts the kernel at a memory access of the attacker's choice, which turns narrow races into reliable exploits.",
    {
      name: "Linux documentation, vm.unprivileged_userfaultfd",
      url: "https://docs.kernel.org/admin-guide/sysctl/vm.html#unprivileged-userfaultfd",
    },
  ),
  ...risks(
    "high",
    "perf_event_open",
    "Tracing that leaks much about the host, with a record of privilege escalations (CVE-2017-6001).",
    CONFINE,
  ),
  ...risks(
    "high",
    "add_key request_key keyctl",
    "The kernel's keyring is shared by all containers, and was a way to root (CVE-2016-0728).",
    CONFINE,
  ),
  ...risks(
    "high",
    "unshare",
    "With a user namespace of its own, a process reaches kernel code meant for root.",
    DOCKER,
  ),
  ...risks("high", "setns", "Enters another namespace, the host's among them.", DOCKER),
  ...risks(
    "elevated",
    "clone3",
    "Its flags lie in memory, where no filter can keep it from creating namespaces; answered with ENOSYS, C libraries use clone.",
    { name: "moby #42680", url: "https://github.com/moby/moby/issues/42680" },
  ),
  ...risks(
    "elevated",
    "clone",
    "Needed for threads and processes, but its CLONE_NEW flags create namespaces: allow it without them.",
    DOCKER,
  ),
  ...risks(
    "high",
    "mount umount umount2",
    "Changes what the file tree shows; a privileged operation.",
    DOCKER,
  ),
  ...risks(
    "high",
    "fsopen fsconfig fsmount fspick",
    "The mount interface by descriptors, with its own way out of containers (CVE-2022-0185).",
    CVE("CVE-2022-0185"),
  ),
  ...risks(
    "high",
    "open_tree open_tree_attr move_mount mount_setattr",
    "The mount interface by descriptors: what mount is feared for, past filters that know mount alone.",
    MAN("open_tree"),
  ),
  ...risks(
    "high",
    "pivot_root",
    "Swaps the root file system; a privileged operation (CVE-2014-7970).",
    CONFINE,
  ),
  ...risks(
    "elevated",
    "chroot",
    "Moves the root directory, and is left again by whoever is root within it.",
    MAN("chroot"),
  ),
  ...risks(
    "high",
    "open_by_handle_at",
    "Opens files of the host by number, past the mount namespace: the cause of an old container breakout.",
    DOCKER,
  ),
  ...risks(
    "high",
    "init_module finit_module delete_module create_module query_module",
    "Runs code in the kernel.",
    DOCKER,
  ),
  ...risks("high", "get_kernel_syms", "Obsolete; told where the kernel's symbols lie.", DOCKER),
  ...risks("high", "kexec_load kexec_file_load", "Boots another kernel.", DOCKER),
  ...risks("high", "reboot", "Restarts or halts the host.", DOCKER),
  ...risks("high", "iopl ioperm", "Gives access to the hardware's I/O ports.", DOCKER),
  ...risks(
    "high",
    "pciconfig_iobase pciconfig_read pciconfig_write s390_pci_mmio_read s390_pci_mmio_write",
    "Gives access to the hardware.",
    SYSTEMD,
  ),
  ...risks(
    "high",
    "rtas sys_debug_setcontext",
    "Calls the firmware or sets debug registers (@debug).",
    SYSTEMD,
  ),
  ...risks("high", "swapon swapoff", "Starts or stops swapping to a file or device.", DOCKER),
  ...risks(
    "high",
    "acct",
    "Could switch off resource limits or process accounting of the container itself.",
    DOCKER,
  ),
  ...risks(
    "high",
    "quotactl quotactl_fd",
    "Could switch off the container's own resource limits or process accounting.",
    DOCKER,
  ),
  ...risks(
    "high",
    "clock_settime clock_settime64 settimeofday stime",
    "The time is the whole host's.",
    DOCKER,
  ),
  ...risks(
    "elevated",
    "adjtimex clock_adjtime clock_adjtime64",
    "Sets the host's clock when it may, else only reads it (@clock).",
    SYSTEMD,
  ),
  ...risks(
    "high",
    "ptrace",
    "Reads and changes other processes, and before Linux 4.8 walked around seccomp altogether.",
    DOCKER,
  ),
  ...risks("high", "process_vm_readv process_vm_writev", "Reads and writes other processes' memory.", DOCKER),
  ...risks("elevated", "process_madvise", "Acts on other processes' memory.", MAN("process_madvise")),
  ...risks("high", "pidfd_getfd", "Takes open files out of another process.", MAN("pidfd_getfd")),
  ...risks("high", "kcmp", "Inspects other processes.", DOCKER),
  ...risks("high", "lookup_dcookie", "Tracing and profiling that could leak much about the host.", DOCKER),
  ...risks(
    "high",
    "syslog",
    "Reads the kernel's log, where addresses and secrets of the host appear.",
    MAN("syslog"),
  ),
  ...risks(
    "high",
    "fanotify_init",
    "Watches the file accesses of others, and decides on them when privileged (@privileged).",
    SYSTEMD,
  ),
  ...risks("high", "nfsservctl", "Interaction with the kernel's NFS daemon, gone since Linux 3.1.", DOCKER),
  ...risks("high", "vm86 vm86old", "Real-mode emulation within the kernel.", DOCKER),
  ...risks(
    "elevated",
    "modify_ldt",
    "Rarely used x86 segment tables, whose handling held a use-after-free (CVE-2017-17053).",
    CVE("CVE-2017-17053"),
  ),
  ...risks(
    "elevated",
    "personality",
    "Turns on old and little tested behaviour, or turns address randomisation off.",
    DOCKER,
  ),
  ...risks(
    "elevated",
    "mbind set_mempolicy set_mempolicy_home_node get_mempolicy migrate_pages move_pages",
    "Changes where the kernel places memory; rarely needed (CVE-2017-14140 in move_pages).",
    DOCKER,
  ),
  ...risks("elevated", "sysfs ustat uselib _sysctl", "Obsolete, and unused for a long time.", DOCKER),
  ...risks(
    "elevated",
    "splice tee vmsplice",
    "Moves pages between pipes and files: the way of Dirty Pipe (CVE-2022-0847).",
    CVE("CVE-2022-0847"),
  ),
  ...risks(
    "elevated",
    "waitid",
    "Wrote into kernel memory for whoever asked (CVE-2017-5123); wait4 does for most programs.",
    CONFINE,
  ),
  ...risks(
    "elevated",
    "socketcall",
    "Carries out every socket call, with arguments in memory, so a filter on socket does not hold.",
    MAN("socketcall"),
  ),
  ...risks("elevated", "ipc", "Carries out every System V call, past filters on those.", MAN("ipc")),
  ...risks(
    "elevated",
    "memfd_create",
    "Makes a file without a name that can be executed, the usual way to run code that never touches a disk.",
    MAN("memfd_create"),
  ),
  ...risks(
    "elevated",
    "execveat",
    "Executes by descriptor, past rules that look at execve or at paths.",
    MAN("execveat"),
  ),
  ...risks(
    "elevated",
    "remap_file_pages",
    "Deprecated since Linux 3.16 and only emulated now.",
    MAN("remap_file_pages"),
  ),
  ...risks("elevated", "mknod mknodat", "Makes device nodes when privileged.", MAN("mknod")),
  ...risks("elevated", "sethostname setdomainname", "Renames the machine (@privileged).", SYSTEMD),
  ...risks("elevated", "vhangup", "Hangs up the terminal (@privileged).", SYSTEMD),
]);

/** What is known against a call; undefined for the everyday ones. By name, the same on every ABI. */
export function riskOf(name: string): Risk | undefined {
  return RISKS.get(name);
}

/** The names that have a risk, sorted. */
export function riskyCalls(): readonly string[] {
  return [...RISKS.keys()].sort();
}

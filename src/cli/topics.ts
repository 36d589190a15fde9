export interface Topic {
  readonly name: string;
  readonly summary: string;
  /** Plain text of at most 80 columns. */
  readonly text: string;
}

/** What `seccraft help TOPIC` explains, in the order in which one needs it. */
export const TOPICS: readonly Topic[] = [
  {
    name: "profiles",
    summary: "what a seccomp profile is and what it does",
    text: `A seccomp profile tells the kernel which system calls a program may make, and
what happens to the others. seccraft writes the form that Docker, Podman and the
OCI runtimes take:

  defaultAction   what happens to every call that is not listed; SCMP_ACT_ERRNO
                  makes it fail with defaultErrnoRet (1 is EPERM)
  architectures   the ABIs that it speaks of; calls on any other end the process
  syscalls        rules: names, an action, and perhaps conditions on arguments

Newer calls that a C library tries first, such as clone3, are answered with
ENOSYS where the older one is allowed: the library then falls back to it.
`,
  },
  {
    name: "evidence",
    summary: "what seccraft knows, and where it has it from",
    text: `Evidence is a JSON file of runs, observations and gaps. A run is one look at the
target by one source: a recording, a verification, an analysis. An observation
is one call seen in a run: in which phase, by which program, how often, with
which results and arguments. A gap is something that a source could not find
out.

Evidence of several runs joins in any order and loses nothing:

  seccraft report --evidence monday.json --evidence tuesday.json -o both.html

A call is in a profile because an observation says so, and for no other reason
than those that the summary names.
`,
  },
  {
    name: "phases",
    summary: "runtime, startup, serving, shutdown",
    text: `  runtime    the filter is loaded, the container runtime has not yet started the
             program: its own calls, and the execve of the program
  startup    from the program's first instruction until it is ready
  serving    from ready until it is told to stop
  shutdown   from then until it has ended

--ready says when a server is ready. A command without it is in startup until it
ends. Calls of startup alone are what a program could give up once it serves.
`,
  },
  {
    name: "exercises",
    summary: "what to put a target through",
    text: `What is not exercised is not in the profile. A good exercise holds:

  - each kind of request, with the large, the empty and the malformed one
  - errors: the missing file, the refused login, the unreachable database
  - what happens by itself: log rotation, reloads, backups, timeouts
  - the health check and the shutdown of production

--exercise takes a shell command and may be repeated; each must succeed. In it,
SECCRAFT_PID is the process id of the target.
`,
  },
  {
    name: "completeness",
    summary: "how likely the next run needs another call",
    text: `Every run is a chance to see something new. From how many later runs did show a
call that no earlier run had shown, seccraft estimates how likely the next run
of the same workload is to show one, and gives the bound that holds with 95 %
confidence. Few runs tell little: after 3 later runs without a surprise the
bound is 63 %, after 10 it is 26 %, after 59 it is 5 %.

It says nothing about workloads that nobody exercised. docs/completeness.md has
the formulas and their sources.
`,
  },
  {
    name: "gaps",
    summary: "what a source could not find out",
    text: `A source that could not find something out says so, with the place and what can
be done:

  lost-events       the recorder could not keep up: repeat the run
  results-unseen    the recorder sees calls but not what they returned
  capabilities-unseen  it does not see for want of which capabilities calls fail
  killed            the target did not stop by itself: its shutdown is unknown
  active-filter     a filter was in force already and hid what it denies
  unresolved-site   static analysis does not know the number of this call
  unknown-dlopen    a library is loaded whose name is not known beforehand
  shared-memory     locks that other programs keep in it may need more calls
  script            the program is a script: what it starts was not analysed

The summary and the report list them all.
`,
  },
  {
    name: "recorders",
    summary: "eBPF for root, notify for everybody, complain for the rest",
    text: `  ebpf     needs root, Linux 5.11 and BTF; sees results too, costs little, can
           watch what runs already (--pid, --cgroup)
  notify   needs no right at all, Linux 5.6; the kernel asks seccraft before a
           call is made for the first time; sees no results; when not root it
           sets no_new_privs, so set-user-ID programs do not work
  complain needs root; the kernel logs each call, and seccraft reads its log: no
           results, no arguments, and what the log has dropped is said

\`seccraft doctor\` says which of them work here and what the others lack.
`,
  },
  {
    name: "policies",
    summary: "observed, balanced, static: how much comes into the profile",
    text: `  observed   what ran. The smallest; breaks at what was not exercised
  balanced   what ran, and those low-risk relatives of it that the code can
             reach: calls that programs use together, and twins
  static     everything that the code can reach, far more than a workload needs

\`seccraft craft --policy NAME\` takes one and says what the others would have
allowed. Calls that are reachable and were never seen are listed with their risk
and a way to them: exercise each, or accept that it is denied.
`,
  },
  {
    name: "images",
    summary: "where images come from, and what runs them",
    text: `\`seccraft craft --image IMAGE\` takes

  nginx:1            a name that Docker knows: run by Docker
  ./web.tar          an archive of \`docker save\`: run by runc, as root
  ./web              an OCI layout, an OCI bundle or a root folder: the same

--engine runc takes images by name from Docker too. In exercises
SECCRAFT_ADDRESS is the container's address and SECCRAFT_CONTAINER its id. The
options of \`docker run\` that matter to a profile have their names: -e, -v, -u,
--cap-add and so on. \`seccraft check --image\` analyses an image without running
it.
`,
  },
  {
    name: "json",
    summary: "what scripts can read",
    text: `--json prints one JSON object to stdout, or to -o FILE, in an order that depends
on the input alone. Its first member names what describes it: "check/1" is
schema/check-1.json of the package. A schema that was released does not change;
the next one has the next number.

What goes wrong is said on stderr and by the exit code, and is never JSON.

These have no --json:

  merge intersect subtract port convert    a profile is printed, JSON already
  compile disasm                           filters; --format says in which form
  report                                   a page; what it shows is the evidence
  run                                      stdout is the command's
  hook                                     what its runtime asks for is JSON
  init                                     writes a file for people to change
  completion help                          text
`,
  },
  {
    name: "exit-codes",
    summary: "what scripts can rely on",
    text: `    0  fine
    1  findings: a denial, a target that failed
    2  bad input or usage
    3  this machine lacks what the command needs; the message says what to do
  130  interrupted

\`seccraft run\` ends with the exit code of the command that it runs. Data goes to
stdout or to -o FILE, everything else to stderr.
`,
  },
];

#!/bin/bash
# Makes the real logs of this folder anew, as root on a Debian with auditd, rsyslog, strace, systemd and
# gcc-multilib: collect.sh FOLDER. Switches kernel.printk_ratelimit off meanwhile. The logs differ in pids, times and
# addresses each time, so their expected evidence has to be looked at anew as well.
set -u
out=$(realpath "$1"); here=$(realpath "$(dirname "$0")")
work=/opt/probe; rm -rf $work; mkdir -p $work; cd $work || exit 1
gcc -O1 -o under-filter "$here/under-filter.c"
gcc -m32 -static -I/usr/include/x86_64-linux-gnu -o three-calls "$here/three-calls.c"
cp /bin/true "with blank"; cp /bin/true 'with"quote'; cp /bin/true 'ünï'
LOG=0x7ffc0000 ALLOW=0x7fff0000 NONE=999 GETPID=39
work_under() {
  ./under-filter $LOG $NONE 0 ./three-calls
  ./under-filter $LOG $NONE 0 "./with blank"
  ./under-filter $LOG $NONE 0 './with"quote'
  ./under-filter $LOG $NONE 0 ./ünï
  for action in 0x00050001 0x80000000 0x00000000 0x00030000; do
    ./under-filter $ALLOW $GETPID $action /bin/sh -c 'exec /usr/bin/perl -e "getppid; print \$\$"'
  done
} > /dev/null 2>&1
work_little() {
  ./under-filter $LOG $NONE 0 ./three-calls
  ./under-filter $LOG $NONE 0 ./ünï
  ./under-filter $ALLOW $GETPID 0x00050001 ./three-calls
} > /dev/null 2>&1
limit=$(sysctl -n kernel.printk_ratelimit); trap 'sysctl -qw kernel.printk_ratelimit=$limit' EXIT
sysctl -qw kernel.printk_ratelimit=0

# The kernel's ring buffer is never emptied, only hidden: records since the mark are ours.
mark() { dmesg -C; since=$(date +%s); }
after_mark() { awk -v s="$since" 'match($0, /audit\([0-9]+/) && substr($0, RSTART + 6, RLENGTH - 6) >= s' "$1" > cut; mv cut "$1"; }

# kernel log, rsyslog
mark
printf '%s\n' 'module(load="imklog")' 'global(workDirectory="/opt/probe")' \
  '*.* action(type="omfile" file="/opt/probe/syslog-traditional.log" template="RSYSLOG_TraditionalFileFormat")' \
  '*.* action(type="omfile" file="/opt/probe/syslog-iso.log" template="RSYSLOG_FileFormat")' \
  '*.* action(type="omfile" file="/opt/probe/syslog-5424.log" template="RSYSLOG_SyslogProtocol23Format")' > rsyslog.conf
timeout 4 rsyslogd -n -f rsyslog.conf -i $work/rsyslog.pid & sleep 1; work_under; wait
dmesg > dmesg.log; dmesg -T > dmesg-human.log; dmesg -x > dmesg-decoded.log; dmesg --time-format iso > dmesg-iso.log
dmesg -d > dmesg-delta.log; dmesg -r > dmesg-raw.log; dmesg -J > dmesg.json; timeout 1 cat /dev/kmsg > kmsg.log
for f in kmsg.log syslog-*.log; do after_mark $f; done

# auditd
audit() {
  mkdir -p etc; chmod 750 etc
  printf '%s\n' "log_file = $work/$2" "log_format = $1" 'flush = INCREMENTAL_ASYNC' 'freq = 50' 'space_left = 75' 'admin_space_left = 50' > etc/auditd.conf
  chmod 640 etc/auditd.conf
  auditd "$3" -s nochange -c $work/etc > auditd.out 2>&1 & local daemon=$!
  sleep 1.5; work_under; sleep 1; kill $daemon; wait $daemon
}
audit RAW audit-raw.log -n; audit ENRICHED audit-enriched.log -n; audit RAW unused.log -f; cp auditd.out auditd-foreground.log
ausearch -if audit-raw.log -m SECCOMP > ausearch.log
ausearch -if audit-raw.log -m SECCOMP -i > ausearch-interpreted.log
ausearch -if audit-raw.log -m SECCOMP --raw | grep three-calls > ausearch-raw.log

# journald, which reads the kernel's ring buffer and audit's socket
mark
export -f work_little; export LOG ALLOW NONE GETPID since
unshare -m bash -c 'mount -t tmpfs x /run; mount -t tmpfs x /var/log; mkdir -p /run/systemd /run/log/journal
  timeout 4 /usr/lib/systemd/systemd-journald & sleep 1.5; cd /opt/probe; work_little; sleep 1
  stamps=$(seq -s "|" $since $((since + 9)))
  for o in json json-pretty export short short-iso-precise verbose cat; do
    journalctl --since "@$since" -g "SECCOMP|audit\\(($stamps)" -o $o > journal-$o.log; done; wait'
auditctl -e 0 > /dev/null

# what printk's limit does
sysctl -qw kernel.printk_ratelimit=5; mark
./under-filter $LOG $NONE 0 /bin/ls > /dev/null; sleep 6; ./under-filter $LOG $NONE 0 /bin/true
dmesg > dmesg-suppressed.log

# strace
job='./three-calls; /bin/true & wait; exec ./missing'
trace() { local name=$1; shift; strace "$@" -o "strace-$name.log" sh -c "$job" > /dev/null 2>&1; }
strace -o strace-plain.log /bin/true
strace /bin/cat /etc/hostname 2> strace-terminal.log > /dev/null
strace -f sh -c "$job" 2> strace-f-terminal.log > /dev/null
trace f -f; trace ff -ff; trace c-f -c -f; trace C -C -f; trace t -f -t; trace tt -f -tt; trace ttt -f -ttt; trace r -f -r
trace T -f -T; trace i -f -i; trace n -f -n; trace Y -f -Y; trace y -f -y -tt -T; trace q -f -qq; trace failing -f -Z
trace pidns -f --decode-pids=pidns,comm; trace xx -f -xx -v; trace k -f -k
trace times -f --absolute-timestamps=format:unix,precision:ns --relative-timestamps=ns
strace -c -o strace-c.log /bin/true; strace -c -U name,calls,errors,time-percent -o strace-c-columns.log /bin/ls / > /dev/null
strace -e inject=getuid:error=EPERM -o strace-injected.log id > /dev/null
strace -e 'signal=all' -o strace-signal.log sh -c 'kill -USR1 $$' 2> /dev/null
timeout -s INT 0.3 strace -f -o strace-interrupted.log sleep 5
mkdir -p "$out"
for f in *.log *.log.* dmesg.json; do sed -e "s/\"_MACHINE_ID\":\"[0-9a-f]*\"/\"_MACHINE_ID\":\"0\"/" "$f" > "$out/$f"; done
rm -f "$out/unused.log"

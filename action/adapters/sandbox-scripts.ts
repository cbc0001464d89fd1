/**
 * The shell texts that build a sandbox: constant, every value is a positional parameter. Two processes of ours stay
 * around the command: the supervisor outside, which cleans up, and the first process inside, with which all others die.
 */

/** Debian's and Ubuntu's package for each program that the texts need. */
export const TOOLS: Readonly<Record<string, string>> = {
  bash: 'bash',
  unshare: 'util-linux',
  mount: 'mount',
  umount: 'mount',
  pivot_root: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  ip: 'iproute2',
  hostname: 'hostname',
  chroot: 'coreutils',
  env: 'coreutils',
  head: 'coreutils',
  mktemp: 'coreutils',
};

/** Where they are looked for, outside and inside. */
export const TOOL_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** What the first process inside says on standard output when everything stands, before the command runs. */
export const READY = 'permaframe: the sandbox stands';

/**
 * Goes before everything: what this process inherited from its own parent without wanting it, its children do too.
 * Only bash can close a descriptor above 9.
 */
export const CLOSE = `
for path in /proc/self/fd/*; do
  fd=\${path##*/}
  [ "$fd" -le 2 ] || eval "exec $fd>&-"
done
exec "$@"
`;

/**
 * Outside, as root or as a user who may create namespaces. Parameters: nonce, bytes of the command's input, uid inside
 * (empty: whoever runs this), uid:gid to give the folder back to, the writable folder, name of the control group (empty:
 * none), bytes of memory, processes; then the command line that enters the namespaces.
 *
 * Standard input carries the command's input, and its end is the order to end all: it comes as well when whoever holds
 * the other end was killed. The last line on standard error, `{nonce} {exit code} {0 | 1: out of memory}`, is written
 * after everything inside is dead; nobody inside knows the nonce.
 */
export const SUPERVISE = `
set -u
nonce=$1 bytes=$2 user=$3 owner=$4 folder=$5 group=$6 memory=$7 processes=$8
shift 8
umask 077
work=$(mktemp -d) || exit 1
head -c "$bytes" >"$work/input"
: >"$work/first"
exec 3<"$work/input" 5>"$work/first" 6<"$work/first" 4<&0 </dev/null
rm -r -- "$work"

# A group is the hard limit, where root may make one and the system has groups of version 2 with a memory controller.
groups=/sys/fs/cgroup
if [ -n "$group" ] && [ -e $groups/cgroup.controllers ]; then
  group=$groups/$group
  { echo '+memory +pids' >$groups/cgroup.subtree_control; } 2>/dev/null
  if mkdir "$group" 2>/dev/null && [ -e "$group/memory.max" ]; then
    {
      echo "$memory" >"$group/memory.max"
      echo 0 >"$group/memory.swap.max"
      echo 1 >"$group/memory.oom.group"
      echo "$processes" >"$group/pids.max"
    } 2>/dev/null
  else
    rmdir "$group" 2>/dev/null
    group=
  fi
else
  group=
fi

[ -z "$user" ] || chown -hR -- "$user:$user" "$folder" || exit 1
/bin/sh -c '
  group=$1; shift
  [ -z "$group" ] || { echo "$$" >"$group/cgroup.procs"; } 2>/dev/null || :
  export PERMAFRAME_PARENT="$$"
  exec "$@"' enter "$group" "$@" <&3 3<&- 4<&- 6<&- &
main=$!
exec 3<&- 5>&-
# The first process inside is killed, not the one that waits for it: so whoever waits knows that all are dead.
{
  read -r order
  if read -r first <&6; then kill -KILL "$first"; else kill -KILL "$main"; fi
} <&4 >/dev/null 2>&1 &
watcher=$!
exec 4<&- 6<&-
wait "$main" 2>/dev/null
code=$?
kill -KILL "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null

starved=0
if [ -n "$group" ]; then
  grep -q '^oom_kill [1-9]' "$group/memory.events" 2>/dev/null && starved=1
  rmdir "$group"
fi
# No process is left that could move a folder meanwhile, and links are not followed.
[ -z "$user" ] || chown -hR -- "$owner" "$folder"
chmod -R u+rwX,go-w,ug-s -- "$folder" 2>/dev/null
printf '\\n%s %s %s\\n' "$nonce" "$code" "$starved" >&2
`;

/**
 * Inside, as the first process of the new namespaces, still with the capabilities to mount. Parameters: uid and gid of
 * the command (both), \`nested\` when it gets there by one more user namespace (else empty), bytes of the root file
 * system, of /tmp and of /dev/shm, processes, bytes of a file, then how many mounts there are and each as \`ro:/path\` or
 * \`rw:/path\`, parents first; then what \`env -i\` takes.
 */
export const BUILD = `
set -eu
user=$1 nested=$2 size=$3 temporary=$4 shared=$5 processes=$6 file=$7 mounts=$8
shift 8
umask 022
# /proc is still the host's. Were the parent dead by now, nobody would end this process when it is told to.
read -r self name state parent rest </proc/self/stat
[ "$parent" = "$PERMAFRAME_PARENT" ]
echo "$self" >&5
exec 5>&-
if [ -n "$nested" ]; then owner=0; else owner=$user; fi

hostname sandbox
ip link set lo up
# Memory that no process shows: System V's. Not everybody may say so.
{ echo 0 >/proc/sys/kernel/shmall; echo 0 >/proc/sys/kernel/msgmni; } 2>/dev/null || :

# The new root is put together where nothing is needed any more. The command's root is a folder of it, because a process
# whose root is not that of its mount namespace may not create user namespaces.
top=/sys
mount -t tmpfs -o "mode=755,size=$size,nosuid,nodev" tmpfs $top
cat >$top/input
exec 3<$top/input </dev/null
rm $top/input
root=$top/root
mkdir $root $top/old
cd $root
mkdir usr proc dev dev/shm etc tmp home home/sandbox var var/cache

bind() {
  if [ -d "$2" ]; then mkdir -p "$root$2"; else mkdir -p "$root\${2%/*}"; [ -e "$root$2" ] || : >"$root$2"; fi
  mount --bind -- "$2" "$root$2"
  mount -o "remount,bind,nosuid,nodev,$1" "$root$2" 2>/dev/null ||
    mount -o "remount,bind,nosuid,nodev,noexec,$1" "$root$2"
}

bind ro /usr
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then cp -P "/$name" .; elif [ -d "/$name" ]; then bind ro "/$name"; fi
done
# chromium.d: Debian's start script of Chromium does not run without.
for path in /etc/fonts /etc/alternatives /etc/ld.so.cache /etc/chromium.d /var/cache/fontconfig; do
  [ ! -e "$path" ] || bind ro "$path"
done
printf 'root:x:0:0::/:/bin/false\\nsandbox:x:%s:%s::/home/sandbox:/bin/sh\\n' "$user" "$user" >etc/passwd
printf 'root:x:0:\\nsandbox:x:%s:\\n' "$user" >etc/group
printf '127.0.0.1 localhost sandbox\\n::1 localhost\\n' >etc/hosts
printf 'passwd: files\\ngroup: files\\nhosts: files\\n' >etc/nsswitch.conf
mount -t proc -o nosuid,nodev,noexec,hidepid=2 proc proc
for name in null zero full random urandom; do
  : >"dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o "mode=1777,size=$shared,nosuid,nodev,noexec" tmpfs dev/shm
mount -t tmpfs -o "mode=1777,size=$temporary,nosuid,nodev" tmpfs tmp
mount -t tmpfs -o "mode=700,uid=$owner,gid=$owner,size=$temporary,nosuid,nodev" tmpfs home/sandbox
while [ "$mounts" -gt 0 ]; do
  bind "\${1%%:*}" "\${1#*:}"
  mounts=$((mounts - 1))
  shift
done

# What this process itself still needs is found through the command's root.
for name in bin sbin lib lib32 lib64 libx32 usr proc dev etc; do
  [ ! -e "$root/$name" ] || ln -s "root/$name" "$top/$name"
done
cd $top
pivot_root . old
cd /
umount -l /old
rmdir /old
mount -o remount,bind,ro /

# Many go before one of ours does, should the machine run out of memory.
limit() {
  set -- prlimit "--nproc=$processes:$processes" "--fsize=$file:$file" --nofile=4096:4096 --core=0:0 \\
    --memlock=65536:65536 --msgqueue=0:0 -- env --default-signal -i "$@"
  set -- setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all "$@"
  echo 1000 >/proc/self/oom_score_adj
  if [ -n "$nested" ]; then
    exec unshare --user "--map-user=$user" "--map-group=$user" --keep-caps --root=/root -- "$@"
  fi
  shift
  exec chroot /root setpriv "--reuid=$user" "--regid=$user" --clear-groups "$@"
}
echo '${READY}'
( limit "$@" ) <&3 3<&- &
main=$!
exec 3<&-
wait "$main" && code=0 || code=$?
exit "$code"
`;

/**
 * Bounds that the system itself puts on a child process, beside what Deno does not allow it: for
 * the day on which something breaks out of V8.
 *
 * @module
 */

/** What a process may have of the system. */
export interface Confinement {
  /** Open files; Deno itself needs some thirty. */
  readonly files: number;
  /**
   * Memory that it can write to (`RLIMIT_DATA`), in MiB. V8 takes 1,100 of them at its start; what it
   * only reserves, as for WebAssembly, is not counted, so a bound of all addresses would not do.
   */
  readonly dataMib: number;
  /** How much the process stands back behind others, 0 to 19. */
  readonly nice: number;
  /**
   * Where the control groups of the system are, when the service manager has given this process a
   * part of them (`Delegate=`): then all confined children together have a bound of memory.
   */
  readonly groups?: string;
}

/** Where control groups are on Linux (cgroups(7), version 2). */
export const GROUPS = "/sys/fs/cgroup";

/** The shell that sets the bounds and becomes the child. */
export const SHELL = "/bin/sh";

/**
 * `top` is the group that was given. With memory in the hands of its children, it may have no process
 * of its own: the server goes to one of them, and what is confined to the other.
 */
const TOP = `own=
while IFS=: read -r id _ path; do
  if [ "$id" = 0 ]; then own=\${path%/}; fi
done </proc/self/cgroup
top=\${own%/serve}
`;

/** Three quarters of the machine are for all pods together, so that the server outlives them. */
const GROUP = `join() {
  ${TOP}
  [ -w "$1$top/cgroup.subtree_control" ] && mkdir -p "$1$top/serve" "$1$top/pods" || return
  if [ "$own" = "$top" ]; then echo "$PPID" >"$1$top/serve/cgroup.procs" || return; fi
  echo $$ >"$1$top/pods/cgroup.procs" || return
  echo +memory >"$1$top/cgroup.subtree_control" || return
  while read -r name size _; do
    if [ "$name" = MemTotal: ]; then echo $((size / 4 * 3 * 1024)) >"$1$top/pods/memory.max"; fi
  done </proc/meminfo
}
`;

/**
 * No byte is written into any file, so nobody finds on disk what a guest has left there; the signal
 * for it is ignored, as Deno gets along without its caches. No core is dumped. What the system does
 * not know of is left out.
 */
const SCRIPT = `${GROUP}
if [ -n "$4" ]; then join "$4" 2>/dev/null; fi
trap '' XFSZ
ulimit -f 0
ulimit -c 0
ulimit -n "$1"
ulimit -d "$2" 2>/dev/null
level=$3
shift 4
if command -v nice >/dev/null; then exec nice -n "$level" "$@"; fi
exec "$@"
`;

/** The arguments with which {@link SHELL} becomes a command that is confined. */
export function confineCommand(
  { files, dataMib, nice, groups = "" }: Confinement,
  command: readonly string[],
): string[] {
  return ["-c", SCRIPT, "sh", `${files}`, `${dataMib * 1024}`, `${nice}`, groups, ...command];
}

/** The arguments with which {@link SHELL} says the memory of all that is confined; it may fail. */
export function boundCommand(groups: string): string[] {
  return ["-c", `${TOP}cat "$1$top/pods/memory.max"`, "sh", groups];
}

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
}

/** The shell that sets the bounds and becomes the child. */
export const SHELL = "/bin/sh";

/**
 * No byte is written into any file, so nobody finds on disk what a guest has left there; the signal
 * for it is ignored, as Deno gets along without its caches. No core is dumped. What the system does
 * not know of is left out.
 */
const SCRIPT = `trap '' XFSZ
ulimit -f 0
ulimit -c 0
ulimit -n "$1"
ulimit -d "$2" 2>/dev/null
level=$3
shift 3
if command -v nice >/dev/null; then exec nice -n "$level" "$@"; fi
exec "$@"
`;

/** The arguments with which {@link SHELL} becomes a command that is confined. */
export function confineCommand(
  { files, dataMib, nice }: Confinement,
  command: readonly string[],
): string[] {
  return ["-c", SCRIPT, "sh", `${files}`, `${dataMib * 1024}`, `${nice}`, ...command];
}

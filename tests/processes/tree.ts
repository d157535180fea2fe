/**
 * Processes as Linux shows them in /proc.
 *
 * @module
 */

/** A process that cannot be taken for a later one with its number. */
export interface Known {
  readonly pid: number;
  /** Clock ticks from the start of the machine to its own. */
  readonly born: string;
}

/** All processes below one, at this moment. */
export function descendants(pid: number): Known[] {
  const parents = new Map<number, { parent: number; born: string }>();
  for (const { name } of Deno.readDirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat !== undefined) parents.set(Number(name), stat);
  }
  const below = new Set([pid]);
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const [child, { parent }] of parents) if (below.has(parent)) below.add(child);
  }
  below.delete(pid);
  return [...below].map((child) => ({ pid: child, born: parents.get(child)!.born }));
}

/** Those that still run. One that has ended and that nobody has asked about does not. */
export function living(processes: readonly Known[]): Known[] {
  return processes.filter(({ pid, born }) => readStat(pid)?.born === born);
}

/** Memory in use by a process, in bytes; 0 when there is none. */
export function residentBytes(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Processor time that a process has used, in clock ticks; 0 when there is none. */
export function cpuTicks(pid: number): number {
  const [, rest] = /^\d+ \(.*\) (.*)$/s.exec(read(`/proc/${pid}/stat`)) ?? [];
  const fields = rest?.split(" ") ?? [];
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** The command line of a process; empty when there is none. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
}

function readStat(pid: number): { parent: number; born: string } | undefined {
  // The name in parentheses may hold anything.
  const [, rest] = /^\d+ \(.*\) (.*)$/s.exec(read(`/proc/${pid}/stat`)) ?? [];
  const [state, parent, ...fields] = rest?.trim().split(" ") ?? [];
  if (state === undefined || state === "Z" || state === "X") return undefined;
  return { parent: Number(parent), born: fields[17]! };
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

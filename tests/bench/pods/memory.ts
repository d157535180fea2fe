/**
 * Memory of processes, by what Linux says of them.
 *
 * @module
 */

/** A process and those that it has started, and so on. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(name));
  }
  const family = [pid];
  for (const one of family) {
    for (const [child, parent] of parents) if (parent === one) family.push(child);
  }
  return family;
}

/**
 * KiB that processes take: pages of their own whole, shared ones in proportion (PSS), so that the
 * sum counts everything once.
 */
export function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readKib(`/proc/${pid}/smaps_rollup`, "Pss"), 0);
}

function parentOf(pid: string): number {
  try {
    return readKib(`/proc/${pid}/status`, "PPid");
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}

function readKib(path: string, name: string): number {
  const [, value] = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(Deno.readTextFileSync(path)) ?? [];
  return Number(value);
}

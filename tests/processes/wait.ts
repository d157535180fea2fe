/**
 * Waiting for other processes.
 *
 * @module
 */

const STEP_MS = 20;

/** Waits. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/**
 * Resolves when `holds` does.
 *
 * @throws {Error} that names `what` when it does not within `limitMs`.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  limitMs: number,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!await holds()) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await pause(STEP_MS);
  }
}

/**
 * How often the time that something takes on a machine of its own is too long here: other programs
 * and tests want the cores too. The times themselves are printed.
 */
export function patience(): number {
  return 4 * Math.max(1, Deno.loadavg()[0]! / navigator.hardwareConcurrency);
}

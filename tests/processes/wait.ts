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

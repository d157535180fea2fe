/**
 * Names that the guarded modules of a program and the pod host share.
 *
 * @module
 */

import type { MemoryLimits } from "./shape.ts";

/** The import module that carries what the host adds; refused in a guest's own imports. */
export const GUARD = "peri:guard";
/** The import of the epoch: shared memory of one page, a flag at address 0, a cause at address 4. */
export const EPOCH = "epoch";

/**
 * The import name of a memory the module wants: `memory.<index>.<least pages>.<most pages>`.
 *
 * @returns the numbers, or `undefined` when the name is another
 */
export function parseMemoryImport(name: string): MemoryLimits | undefined {
  const found = /^memory\.\d+\.(\d+)\.(\d+)$/.exec(name);
  return found === null ? undefined : { least: Number(found[1]), most: Number(found[2]) };
}

/** The import name of the memory with this index. */
export function formatMemoryImport(index: number, { least, most }: MemoryLimits): string {
  return `memory.${index}.${least}.${most}`;
}

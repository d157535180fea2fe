/**
 * Tables of a periphery in memory.
 *
 * @module
 */

import { compareKeys } from "../order.ts";

/** Rows as the request `state-list` wants them, at most so many. */
export function listRows(
  tables: ReadonlyMap<string, ReadonlyMap<string, string>>,
  argument: Record<string, unknown>,
  most: number,
): [key: string, text: string][] {
  const { table, prefix = "", after, limit, reverse } = argument as {
    table: string;
    prefix?: string;
    after?: string;
    limit: number;
    reverse?: boolean;
  };
  const sign = reverse ? -1 : 1;
  return [...tables.get(table) ?? []]
    .sort(([a], [b]) => sign * compareKeys(a, b))
    .filter(([key]) => key.startsWith(prefix))
    .filter(([key]) => after === undefined || sign * compareKeys(key, after) > 0)
    .slice(0, Math.min(limit, most));
}

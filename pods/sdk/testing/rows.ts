/**
 * Tables of a periphery in memory.
 *
 * @module
 */

import { compareKeys } from "../order.ts";

type Tables = ReadonlyMap<string, ReadonlyMap<string, string>>;
type Argument = Record<string, unknown>;

/** The answer to a request about tables. @param most rows in one answer */
export function answerState(
  tables: Tables,
  operation: string,
  argument: Argument,
  most: number,
): unknown {
  const { table, key, keys } = argument as { table: string; key: string; keys?: string[] };
  const rows = tables.get(table);
  switch (operation) {
    case "state-get":
      if (keys === undefined) return rows?.get(key) ?? null;
      return keys.slice(0, most).map((one) => rows?.get(one) ?? null);
    case "state-count":
      if (keys === undefined) return countRows(tables, argument, most);
      return { count: keys.filter((one) => rows?.has(one)).length };
    case "state-list":
      return listRows(tables, argument, most);
    default:
      throw new Error(`there is no operation ${operation}`);
  }
}

function listRows(tables: Tables, argument: Argument, most: number): [key: string, text: string][] {
  const { table, prefix = "", from, to, after, limit, reverse } = argument as {
    table: string;
    prefix?: string;
    from?: string;
    to?: string;
    after?: string;
    limit: number;
    reverse?: boolean;
  };
  const sign = reverse ? -1 : 1;
  return [...tables.get(table) ?? []]
    .sort(([a], [b]) => sign * compareKeys(a, b))
    .filter(([key]) => key.startsWith(prefix))
    .filter(([key]) => from === undefined || compareKeys(key, from) >= 0)
    .filter(([key]) => to === undefined || compareKeys(key, to) < 0)
    .filter(([key]) => after === undefined || sign * compareKeys(key, after) > 0)
    .slice(0, Math.min(limit, most));
}

function countRows(
  tables: Tables,
  argument: Argument,
  most: number,
): { readonly count: number; readonly after?: string } {
  const rows = listRows(tables, { ...argument, limit: most }, most);
  return rows.length < most ? { count: rows.length } : { count: most, after: rows.at(-1)![0] };
}

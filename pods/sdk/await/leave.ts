/**
 * What a run leaves that is over: calls that are still open and rows of its journal, ended part by
 * part when they are too many for one transaction.
 *
 * @module
 */

import { keyOfCall } from "./calls.ts";
import { eraseRows, type Span } from "./journal.ts";
import type { Run } from "../run.ts";
import { errandOf, ERRANDS } from "../post/dispatch.ts";

/** Calls cancelled in one turn; as `MAX_TURN_CANCELS` of the periphery, with room for others. */
export const MAX_LEFT_CALLS = 90;
/** Rows deleted in one turn; as `MAX_TURN_WRITES` of the periphery, with room for others. */
const MAX_LEFT_ROWS = 400;

/** See the module. */
export interface Remains {
  readonly run: string;
  /** Steps of calls; those that are not open are left alone. */
  readonly calls?: Span | undefined;
  /** Numbers of rows of its journal. */
  readonly rows?: Span | undefined;
}

/** Ends a part of it, and leaves the rest to another run. */
export function leave({ effects }: Pick<Run, "effects">, { run, calls, rows }: Remains): void {
  const [call, nextCalls] = partOf(calls, MAX_LEFT_CALLS);
  const [row, nextRows] = partOf(rows, MAX_LEFT_ROWS);
  for (let step = call?.[0] ?? 1; step <= (call?.[1] ?? 0); step++) {
    effects.cancel(keyOfCall({ run, step }));
  }
  if (row !== undefined) eraseRows(effects, run, row);
  if (nextCalls === undefined && nextRows === undefined) return;
  effects.post(errandOf(ERRANDS.leave, { run, calls: nextCalls, rows: nextRows }));
}

function partOf(span: Span | undefined, most: number): [now?: Span, later?: Span] {
  if (span === undefined) return [];
  const [first, last] = span;
  const end = Math.min(last, first + most - 1);
  return end < last ? [[first, end], [end + 1, last]] : [[first, end]];
}

/**
 * What pods cost: to start, to wake up, to call, to keep. Against the same component run by what jco
 * makes of it with nothing around (no process of its own, no watch over time and memory, no limits),
 * against workers and processes, and against Extism, whose plugin does nothing at all.
 *
 * Parts: `pods/bare` (an instance, against its own WebAssembly), `pods/starts`, `pods/calls`, `pods/commits`, `pods/memory`, `pods/crowd` (1,000 pods in one
 * server, which takes a minute to set up).
 *
 * @module
 */

import type { Row } from "../../tools/bench/row.ts";
import { bare } from "./pods/bare.ts";
import { calls } from "./pods/calls.ts";
import { commits } from "./pods/commits.ts";
import { crowd, memory } from "./pods/keep.ts";
import { starts } from "./pods/starts.ts";

export { bare, calls, commits, crowd, memory, starts };

/** See the module. */
export default async function* pods(): AsyncGenerator<Row, void, void> {
  yield* bare();
  yield* starts();
  yield* calls();
  yield* commits();
  yield* memory();
  yield* crowd();
}

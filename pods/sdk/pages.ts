/**
 * Long lists as streams: a part in each run, so that the pod stays free for others in between.
 *
 * @module
 */

import { formatJson, type Json } from "./json.ts";
import type { Run } from "./run.ts";
import { errandOf, ERRANDS } from "./spread.ts";
import { Subscription } from "./subscription.ts";
import { Table } from "./table.ts";
import { sizeUtf8 } from "./utf8.ts";

/** The SDK's own table of lists that are being given. */
const PAGES_TABLE = "sdk:pages";
/** Items in one run. */
const PAGE_ITEMS = 100;
/** Bytes of items aimed at in one run. */
const PAGE_BYTES = 256 * 1024;

/**
 * Gives a list's items behind a place in it, each with its own place; without a place from the
 * beginning. It is asked anew in every run and left when there is enough.
 */
export type PageSource<Arguments extends readonly unknown[], Item> = (
  after: Json | undefined,
  ...args: Arguments
) => AsyncIterable<readonly [place: Json, item: Item]>;

/** A list that is being given: how far, and of what. */
interface Progress {
  readonly name: string;
  readonly after: Json;
  readonly args: Json;
}

/** Sends the items behind a place and sees to it that the next run goes on. */
export async function sendPage(
  run: Run,
  name: string,
  source: PageSource<readonly unknown[], unknown>,
  handle: string,
  args: readonly unknown[],
  after?: Json,
): Promise<void> {
  const table = new Table<Progress>(PAGES_TABLE, run);
  const subscription = new Subscription<unknown>(run, handle);
  let items = 0;
  let bytes = 0;
  for await (const [place, item] of source(after, ...args)) {
    subscription.send(item);
    bytes += sizeUtf8(formatJson(item));
    if (++items < PAGE_ITEMS && bytes < PAGE_BYTES) continue;
    table.put(handle, { name, after: place, args: args as Json });
    run.effects.post(errandOf(ERRANDS.page, { handle }, { pace: handle }));
    return;
  }
  subscription.end();
  table.delete(handle);
}

/** What was being given to a handle; undefined when it has ended. */
export async function findProgress(run: Run, handle: string): Promise<Progress | undefined> {
  return await new Table<Progress>(PAGES_TABLE, run).get(handle);
}

/** Its caller wants no more. */
export async function forgetPages(run: Run, handle: string): Promise<void> {
  const table = new Table<Progress>(PAGES_TABLE, run);
  if (await table.has(handle)) table.delete(handle);
}

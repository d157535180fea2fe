/**
 * Long lists as streams: a part in each run, so that the pod stays free for others in between.
 *
 * @module
 */

import { Kept, type Opening } from "./give.ts";
import type { Json } from "../text/json.ts";
import type { Run } from "../run.ts";
import { errandOf, ERRANDS } from "../post/dispatch.ts";
import { Subscription } from "./subscription.ts";
import { Table } from "../table.ts";
import { sizeUtf8 } from "../text/utf8.ts";

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
export interface Progress {
  readonly name: string;
  /** The function that gives it, as `peri:hey/mail#leave`. */
  readonly of: string;
  readonly after: Json;
  readonly args: Json;
}

/** A list as a stream: a part in each run where a call is open, else one item after the other. */
export class Pages<Item> extends Kept<Item> {
  constructor(
    private readonly run: Run,
    private readonly name: string,
    private readonly source: PageSource<readonly unknown[], Item>,
    private readonly args: readonly unknown[],
  ) {
    super();
  }

  /** Sends the first part and sees to it that the next run goes on. */
  async take({ handle, of, encode }: Opening): Promise<void> {
    const subscription = new Subscription<unknown>(this.run, handle, encode);
    const { name, args } = this;
    await sendPage(this.run, { name, of, args: args as Json }, this.source, subscription);
  }

  /** The items. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for await (const [, item] of this.source(undefined, ...this.args)) yield item;
  }
}

/** Sends the items behind a place and sees to it that the next run goes on. */
export async function sendPage(
  run: Run,
  list: Omit<Progress, "after">,
  source: PageSource<readonly unknown[], unknown>,
  subscription: Subscription<unknown>,
  after?: Json,
): Promise<void> {
  const table = new Table<Progress>(PAGES_TABLE, run);
  const { handle } = subscription;
  let items = 0;
  let bytes = 0;
  for await (const [place, item] of source(after, ...list.args as readonly unknown[])) {
    const text = subscription.format(item);
    subscription.sendText(text);
    bytes += sizeUtf8(text);
    if (++items < PAGE_ITEMS && bytes < PAGE_BYTES) continue;
    table.put(handle, { ...list, after: place });
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

/**
 * Subscriptions that last from run to run, in a table of the pod.
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

/** Most answers in one turn; as `MAX_TURN_ANSWERS` of the periphery, with room for others. */
const PART_ANSWERS = 150;
/** Bytes of answers in one turn, with room for writes. */
const PART_BYTES = 256 * 1024;

/** Where a broadcast goes on; the item comes with the errand. */
export interface Broadcast {
  readonly table: string;
  readonly after: string;
}

/** How the SDK finds the encoder of a function's items; by `peri:hey/mail#leave`. */
export type EncoderOf = (of: string) => ((item: unknown) => unknown) | undefined;

/** A subscription as it is kept. */
interface Followed<Tag> {
  /** Its function; empty when its items are JSON as it travels. */
  readonly of: string;
  readonly tag: Tag;
}

/**
 * Subscriptions to one thing, each with a tag of the author's. One that has ended, because its
 * caller cancelled it or its time is over, is taken out by itself.
 */
export class Subscribers<Item, Tag extends Json = null> {
  readonly #run: Run;
  readonly #table: Table<Followed<Tag>>;
  readonly #encoderOf: EncoderOf;

  constructor(readonly name: string, run: Run, encoderOf: EncoderOf = () => undefined) {
    this.#run = run;
    this.#table = new Table<Followed<Tag>>(name, run);
    this.#encoderOf = encoderOf;
  }

  /**
   * What a method returns to give nothing now and everything that is sent later, or gives last:
   * `yield* this.readers.follow(topic)`.
   */
  follow(tag: Tag): AsyncIterable<Item> {
    return new Following<Item>(({ handle, of }) => this.#table.put(handle, { of, tag }));
  }

  /** Keeps a subscription whose items are JSON as it travels. */
  add(subscription: Subscription<Item>, tag: Tag): void {
    this.#table.put(subscription.handle, { of: "", tag });
  }

  /** Takes a subscription out and ends it. */
  end({ handle }: Subscription<Item>): void {
    this.#table.delete(handle);
    new Subscription<Item>(this.#run, handle).end();
  }

  /** Subscriptions and their tags. A run gives at most 190 answers; {@link send} gives more. */
  async *walk(): AsyncGenerator<[subscription: Subscription<Item>, tag: Tag]> {
    for await (const [handle, kept] of this.#table.walk()) {
      yield [this.#open(handle, kept), kept.tag];
    }
  }

  /** Gives an item to everybody; to many in several runs, one part after the other. */
  async send(item: Item): Promise<void> {
    const [first] = await this.#table.list({ limit: 1 });
    if (first !== undefined) await this.sendAfter(undefined, this.#open(...first).format(item));
  }

  /** Takes out what has ended; used by the SDK. */
  async forget(handle: string): Promise<void> {
    if (await this.#table.has(handle)) this.#table.delete(handle);
  }

  /** The part of a broadcast behind a handle; used by the SDK. @param text JSON of the item */
  async sendAfter(after: string | undefined, text: string): Promise<void> {
    const most = Math.max(1, Math.min(PART_ANSWERS, Math.floor(PART_BYTES / sizeUtf8(text))));
    const range = { limit: most + 1, ...after !== undefined && { after } };
    const rows = await this.#table.list(range);
    for (const [handle] of rows.slice(0, most)) {
      new Subscription<Item>(this.#run, handle).sendText(text);
    }
    if (rows.length <= most) return;
    const step: Broadcast = { table: this.name, after: rows[most - 1]![0] };
    this.#run.effects.post(errandOf(ERRANDS.broadcast, step, { result: text }));
  }

  #open(handle: string, { of }: Followed<Tag>): Subscription<Item> {
    return new Subscription<Item>(this.#run, handle, this.#encoderOf(of));
  }
}

/** A stream that gives nothing by itself. */
class Following<Item> extends Kept<Item> {
  constructor(readonly take: (opening: Opening) => void) {
    super();
  }

  /** Gives itself, for the SDK to take over. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    yield this as unknown as Item;
  }
}

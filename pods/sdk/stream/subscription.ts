/**
 * Streams as an author gives them: answers to one open call, in this run and in later ones.
 *
 * @module
 */

import type { EffectBuffer } from "../effects.ts";
import { formatJson } from "../text/json.ts";
import { failureOf, type Refusal } from "../refusal.ts";

/** What a subscription needs of its run. */
export interface SubscriptionSource {
  readonly effects: EffectBuffer;
}

/**
 * An open call of a function whose result is a stream. Everything it is told happens when the run
 * ends well. Its `handle` can be kept: `this.subscription(handle)` is the same in a later run.
 */
export class Subscription<Item> {
  readonly #source: SubscriptionSource;
  readonly #encode: (item: unknown) => unknown;

  /** @param encode makes the JSON value of an item; without it items travel as they are */
  constructor(
    source: SubscriptionSource,
    readonly handle: string,
    encode: (item: unknown) => unknown = (item) => item,
  ) {
    this.#source = source;
    this.#encode = encode;
  }

  /** Gives one item, at most 48 KiB of JSON. @throws {Refusal} `invalid` when it cannot travel. */
  send(item: Item): void {
    this.sendText(this.format(item));
  }

  /** JSON text of an item. Used by the SDK, to give one to many. */
  format(item: Item): string {
    return formatJson(this.#encode(item));
  }

  /** Gives the item of a JSON text. Used by the SDK. */
  sendText(text: string): void {
    this.#source.effects.answer({ handle: this.handle, part: { tag: "item", val: text } });
  }

  /** Ends the stream. */
  end(): void {
    this.#source.effects.answer({ handle: this.handle, part: { tag: "end" } });
  }

  /** Ends the stream with an error. */
  fail(why: Refusal): void {
    const val = failureOf(why, "answer a call");
    this.#source.effects.answer({ handle: this.handle, part: { tag: "failed", val } });
  }
}

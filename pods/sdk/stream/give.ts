/**
 * The public methods whose result is many values: what they give is taken from them item by item
 * and sent to whoever asked.
 *
 * @module
 */

import type { Json } from "../text/json.ts";
import { Refusal } from "../refusal.ts";
import type { Run } from "../run.ts";
import { Subscription } from "./subscription.ts";

/** Values in one run; 190 answers fit it. */
const PART_ITEMS = 150;
/** Characters of values in one run, about; 600 KiB fit it. */
const PART_CHARS = 128 * 1024;

/** The open call that a method with many values is answering. */
export interface Opening {
  readonly handle: string;
  /** Names the function, as `peri:hey/mail#leave`. */
  readonly of: string;
  /** Makes the JSON value of an item. */
  encode(native: unknown): Json;
}

/**
 * What a method returns when somebody else looks after its stream from now on, in this run and in
 * later ones. A generator gives it with `yield*`, after which nothing of it is run.
 */
export abstract class Kept<Item> implements AsyncIterable<Item> {
  /** Takes the open call over. Used by the SDK. */
  abstract take(opening: Opening): void | Promise<void>;

  /** What comes of it where no call is open. */
  abstract [Symbol.asyncIterator](): AsyncIterator<Item>;
}

/** Whether a value gives others one by one. */
export function isMany(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/**
 * Sends what a method gives, to its end or until somebody else looks after it. After some values the
 * run pauses until most of them have left, and others of the pod run.
 *
 * @param source what the method returned
 */
export async function give(run: Run, opening: Opening, source: unknown): Promise<void> {
  if (source instanceof Kept) return await source.take(opening);
  if (!isMany(source)) {
    const subject = `${opening.of} returned nothing to iterate over`;
    throw new Refusal("internal", { op: "answer with a stream", subject });
  }
  const subscription = new Subscription<unknown>(run, opening.handle, opening.encode);
  for await (const item of source) {
    if (item instanceof Kept) return await item.take(opening);
    const { count, chars } = run.effects.answered;
    if (count >= PART_ITEMS || chars >= PART_CHARS) await run.pause();
    subscription.send(item);
  }
  subscription.end();
}

/**
 * The SDK: what a pod's author imports.
 *
 * ```ts
 * export interface Sighting { place: string; count: u32; note?: string }
 * export class NoSuchPlace extends TypedError<{ place: string }> {}
 *
 * /** Sightings of capybaras. *\/
 * export default class Capybara extends Pod {
 *   readonly #seen = this.table<Sighting>("seen");
 *   readonly #readers = this.subscribers<Sighting>("readers");
 *   readonly #tidy = this.every("tidy", { daily: "03:30" }, () => this.#forgetOld());
 *
 *   /** Tells of a sighting. @throws {NoSuchPlace} when nobody knows the place *\/
 *   async report(sighting: Sighting): Promise<void> {
 *     if (sighting.place === "moon") throw new NoSuchPlace({ place: "moon" });
 *     this.#seen.put(`${this.run.nowMs} ${this.caller.person}`, sighting);
 *     await this.#readers.send(sighting);
 *   }
 *
 *   /** Waits for a quiet hour, however long, and through restarts. *\/
 *   async listen(): Promise<void> {
 *     await this.sleep("1h");
 *   }
 *
 *   /** Sightings, and those to come. @param near only those near this place *\/
 *   async *watch(near?: string): AsyncIterable<Sighting> {
 *     for await (const [, one] of this.#seen.walk()) if (one.place === (near ?? one.place)) yield one;
 *     yield* this.#readers.follow(null);
 *   }
 *
 *   /** How many friends have seen. *\/
 *   async total(friends: string[]): Promise<u32> {
 *     const counts = await Promise.all(friends.map((of) => this.peer({ of }).count()));
 *     return counts.reduce((sum, count) => sum + count, 0);
 *   }
 *   …
 * }
 * ```
 *
 * @module
 */

export { askAll, type Told } from "./ask.ts";
export { cleanLine, cleanText, countCharacters } from "./text/clean.ts";
export { formatJsonLine, type Json } from "./text/json.ts";
export { nearestWord } from "./text/nearest.ts";
export { Pod, type TableOptions } from "./pod.ts";
export { Capability, Commands } from "./capability.ts";
export { type CapabilityClass, peer, type PeerAddress, type Remote } from "./peer.ts";
export type { Outcome, Post } from "./post/posts.ts";
export { TypedError, type TypedErrorDetails } from "./typed.ts";
export type { char, f32, Result, s16, s32, s64, s8, u16, u32, u64, u8 } from "./types.ts";
export type { InterfaceShape, PodShape } from "./shape.ts";
export type { PodAddress } from "./reference.ts";
export {
  type Addressee,
  MAX_RECIPIENTS,
  readFingerprint,
  type Recipient,
  type Recipients,
} from "./post/recipients.ts";
export { type Kind, Refusal } from "./refusal.ts";
export type { Caller, Found, Level, PodAbout, PostOptions, Run } from "./run.ts";
export type { PageSource } from "./stream/pages.ts";
export type { Subscribers } from "./stream/subscribers.ts";
export type { Subscription } from "./stream/subscription.ts";
export type { Duration, Moment } from "./time/duration.ts";
export type { ChosenOptions, Later, LaterHandler, LaterOptions } from "./time/later.ts";
export type { CatchUp, Occasion } from "./time/occasion.ts";
export type { Rhythm } from "./time/rhythm.ts";
export type { Schedule, ScheduleHandler, ScheduleOptions } from "./time/schedules.ts";
export { type Range, type Table } from "./table.ts";
export type { Indexed, IndexOf, IndexRange, IndexValue } from "./state/entries.ts";
export type { View, ViewOptions } from "./state/view.ts";
export { formatColumns } from "./verbs/columns.ts";
export { Shown, shown } from "./verbs/shown.ts";
export { decodeUtf8, encodeUtf8, sizeUtf8 } from "./text/utf8.ts";

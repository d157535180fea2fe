/**
 * The SDK: what a pod's author imports.
 *
 * ```ts
 * export default class Counter extends Pod {
 *   counts = this.table<number>("counts");
 *   constructor(run: Run) {
 *     super(run);
 *     this.verb("up", "", "Counts one up.", async () => {
 *       const count = await this.counts.get("all") ?? 0;
 *       this.counts.put("all", count + 1);
 *       this.run.print(`${count + 1}`);
 *     });
 *   }
 * }
 * ```
 *
 * A function with the result `stream<T>` gives many answers, in this run and in later ones:
 *
 * ```ts
 * readers = this.subscribers<number>("readers");
 * listener = this.listener<string, number>("listen", (topic, part) => {
 *   if ("item" in part) this.run.log("info", `${topic}: ${part.item}`);
 * });
 * constructor(run: Run) {
 *   super(run);
 *   this.offer(watch, {
 *     follow: this.stream((subscription) => this.readers.add(subscription, null)),
 *     list: this.pages("list", (after, count) => this.linesAfter(after, count)),
 *   });
 *   this.verb("tell", "<n>", "Tells all who follow.", ([n]) => this.readers.send(Number(n)));
 *   this.verb("follow", "<who>", "Follows somebody.", ([who]) =>
 *     run.post(watch.follow, who!, [], { then: this.listener, note: who!, key: who! }));
 *   this.verb("stop", "<who>", "Follows no more.", ([who]) => run.cancel(who!));
 * }
 * ```
 *
 * @module
 */

export { cleanLine, cleanText, countCharacters } from "./clean.ts";
export type { Completer, Verb, VerbHandler } from "./command.ts";
export { type Flags, readFlags } from "./flags.ts";
export { formatJsonLine, type Json } from "./json.ts";
export { nearestWord } from "./nearest.ts";
export { Pod } from "./pod.ts";
export { Capability, Commands } from "./capability.ts";
export { type CapabilityClass, peer, type PeerAddress, type Remote } from "./peer.ts";
export type { Outcome, Post } from "./posts.ts";
export { TypedError, type TypedErrorDetails } from "./typed.ts";
export type { char, f32, Result, s16, s32, s64, s8, u16, u32, u64, u8 } from "./types.ts";
export type { InterfaceShape, PodShape } from "./shape.ts";
export type { Answer, Continuation, FunctionRef, Handlers, InterfaceRef } from "./reference.ts";
export type { Part, PodAddress, Stream, StreamHandler } from "./reference.ts";
export {
  type Addressee,
  MAX_RECIPIENTS,
  readFingerprint,
  type Recipient,
  type Recipients,
} from "./recipients.ts";
export { type Kind, Refusal } from "./refusal.ts";
export type { Caller, Found, Level, PodAbout, PostOptions, Run } from "./run.ts";
export type { PageSource } from "./pages.ts";
export type { Subscribers } from "./subscribers.ts";
export type { Subscription } from "./subscription.ts";
export { type Range, type Table } from "./table.ts";
export { formatColumns } from "./verbs/columns.ts";
export { Shown, shown } from "./verbs/shown.ts";
export { decodeUtf8, encodeUtf8, sizeUtf8 } from "./utf8.ts";

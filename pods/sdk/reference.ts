/**
 * Functions of capabilities as typed values; the build writes them from WIT.
 *
 * @module
 */

/** The result of a function that gives many answers. No value is one: it carries the items' type. */
export interface Stream<Item> {
  readonly stream: Item;
}

/** One function of a capability. `shape` is never set: it carries the types. */
export interface FunctionRef<Arguments extends readonly unknown[], Result> {
  readonly capability: string;
  readonly interface: string;
  readonly function: string;
  readonly functionId: string;
  readonly shape?: (...args: Arguments) => Result;
}

/** One answer of a stream; `index` counts the items from 0. The end and an error are the last. */
export type Part<Item> =
  | { readonly item: Item; readonly index: number }
  | { readonly end: true }
  | { readonly error: { kind: string; op: string; subject: string; hint?: string } };

/** How a call ended: the function's result or why not. */
export type Answer<Result> =
  | { readonly ok: Result }
  | { readonly error: { kind: string; op: string; subject: string; hint?: string } };

/** A handler of the pod's own that takes the answer to a post. The fields after it carry types. */
export interface Continuation<Note, Result> {
  readonly name: string;
  readonly shape?: (note: Note, answer: Answer<Result>) => void;
}

/** A pod's address. */
export interface PodAddress {
  /** OpenPGP fingerprint, upper-case hex. */
  readonly person: string;
  readonly pod: string;
}

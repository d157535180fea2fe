/**
 * What a run sends away: letters to other pods, and errands, which are runs that the pod leaves
 * itself.
 *
 * @module
 */

import type { Failure, WirePost } from "../host.ts";
import { formatJson, type Json } from "../text/json.ts";
import type { Addressee } from "./recipients.ts";

/** What several posts have in common. */
export interface Letter {
  readonly capability: string;
  readonly interface: string;
  readonly function: string;
  readonly functionId: string;
  /** JSON text. */
  readonly arguments: string;
  readonly deadlineMs: number | undefined;
  /** Name of the continuation. */
  readonly then: string | undefined;
  /** What the pod calls it to cancel it later; of a post to one recipient. */
  readonly key: string | undefined;
}

/** One letter to one recipient. */
export interface Dispatch {
  readonly letter: Letter;
  readonly person: string;
  readonly pod: string;
  /** JSON text. */
  readonly note: string;
  /** Of this one alone; takes the place of the letter's. */
  readonly key?: string | undefined;
}

/** Continuations of errands: runs that the pod leaves itself. */
export const ERRANDS = {
  /** Goes on with a spread; its note is a {@link Step}. */
  spread: "sdk:spread",
  /** Tells what became of a recipient whom nobody knows; its note is a {@link Miss}. */
  miss: "sdk:miss",
  /** Gives an item to more subscribers; its note is a `Broadcast`, its result the item. */
  broadcast: "sdk:broadcast",
  /** Gives more of a list; its note is `{handle}`. */
  page: "sdk:page",
  /** The next moment of a schedule has come; its note is `{name}`. */
  tick: "sdk:tick",
  /** Ends what a run has left that is over; its note is a `Remains`. */
  leave: "sdk:leave",
} as const;

/** A recipient whom nobody knows, and the continuation that is told. */
export interface Miss {
  readonly then: string;
  readonly note: Json;
  readonly to: Addressee;
  readonly error: Failure;
}

/** What an errand may have besides its note. */
export interface ErrandOptions {
  /** JSON text that the continuation gets as its result. */
  readonly result?: string;
  /** Handle of a stream: the errand waits until most of what was given to it has left. */
  readonly pace?: string;
  /** Milliseconds from its commit on until it comes. */
  readonly delayMs?: number;
  /** Names one that comes later; another of the same key takes its place. */
  readonly key?: string;
}

/** A run that the pod leaves itself (PROTOCOL.md, "Errands"). */
export function errandOf(then: string, note: unknown, more: ErrandOptions = {}): Dispatch {
  const plain = errandLetter(then);
  const { result = plain.arguments, pace, delayMs, key } = more;
  const isPlain = Object.keys(more).length === 0;
  const letter = isPlain ? plain : { ...plain, arguments: result, key: pace, deadlineMs: delayMs };
  return { letter, person: "", pod: "", note: formatJson(note), key };
}

const errandLetters = new Map<string, Letter>();

/** One object for each name, so that many errands are one letter. */
function errandLetter(then: string): Letter {
  const nothing = { capability: "", interface: "", function: "", functionId: "" };
  const known = errandLetters.get(then) ??
    { ...nothing, arguments: "null", deadlineMs: undefined, then, key: undefined };
  errandLetters.set(then, known);
  return known;
}

/** What its pod calls it, if anything. */
export function keyOfDispatch({ key, letter }: Dispatch): string | undefined {
  return key ?? letter.key;
}

/** A dispatch as it crosses the border. */
export function postOf(dispatch: Dispatch): WirePost {
  const { letter, person, pod, note } = dispatch;
  const { then, ...rest } = letter;
  const continuation = then === undefined ? undefined : { function: then, note };
  return { ...rest, person, pod, continuation, key: keyOfDispatch(dispatch) };
}

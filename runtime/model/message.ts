/**
 * Messages between pods, from the post of one to the event of the other (PROTOCOL.md, "Messages").
 *
 * @module
 */

import type { ErrorRecord } from "./errors.ts";
import type {
  CapabilityId,
  FunctionId,
  FunctionName,
  InterfaceName,
  PodRef,
  ResponseToken,
} from "./words.ts";

/** One function of one capability, as the caller knows it. */
export interface FunctionRef {
  readonly capability: CapabilityId;
  readonly interface: InterfaceName;
  readonly function: FunctionName;
  readonly functionId: FunctionId;
}

/** JSON text by the WIT mapping (PROTOCOL.md, "Values"); of a call, the array of its arguments. */
export type Payload = string;

/** How a call ended: the function's result, or an error. */
export type Outcome =
  | { readonly ok: Payload }
  | { readonly error: ErrorRecord };

/** Asks a pod to run a function. */
export interface Call extends FunctionRef {
  readonly kind: "call";
  readonly token: ResponseToken;
  readonly payload: Payload;
}

/** Answers a call; `index` counts the answers to one token from 0, `end` marks the last. */
export interface Answer {
  readonly kind: "answer";
  readonly token: ResponseToken;
  readonly index: number;
  readonly end: boolean;
  readonly outcome: Outcome;
}

/** What a message carries. */
export type Body = Call | Answer;

/** A message with its place in its lane. Times are milliseconds since 1970 UTC. */
export interface Message {
  readonly from: PodRef;
  readonly to: PodRef;
  /** Grows within the lane of (`from`, `to`) by at least 1; gaps are messages given up. */
  readonly sequence: number;
  readonly createdMs: number;
  /** After this the sender stops trying and the recipient refuses. */
  readonly expiresMs: number;
  readonly body: Body;
}

/** What to do with the answer of a post: call `function` of the posting pod with `note`. */
export interface Continuation {
  /** The interface-less name of a handler of the posting pod itself. */
  readonly then: string;
  /** Given back to the handler; JSON text. */
  readonly note: Payload;
}

/** A pod asks that a function of another pod be called. */
export interface Post extends FunctionRef {
  readonly to: PodRef;
  readonly token: ResponseToken;
  readonly payload: Payload;
  readonly deadlineMs: number;
  readonly continuation?: Continuation;
}

/** What a pod leaves itself to do in a run of its own, after the run that says so. */
export interface Errand {
  readonly continuation: Continuation;
  /** Given to the continuation as the result; JSON text. */
  readonly payload: Payload;
}

/** A pod answers a call it was given. */
export interface Reply {
  readonly to: PodRef;
  readonly token: ResponseToken;
  readonly outcome: Outcome;
}

/** A message in an inbox, waiting for its pod. `arrival` orders the inbox of one pod. */
export interface InboxEvent {
  readonly arrival: number;
  readonly receivedMs: number;
  readonly attempts: number;
  readonly message: Message;
  /** For an answer: what the call's poster left to be done. */
  readonly continuation?: Continuation;
}

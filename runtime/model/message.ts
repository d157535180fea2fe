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
  StreamRef,
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

/**
 * Answers a call; `index` counts the answers to one token from 0, `end` marks the last. The last
 * answer of a stream carries no item: its outcome is `null` or an error.
 */
export interface Answer {
  readonly kind: "answer";
  readonly token: ResponseToken;
  readonly index: number;
  readonly end: boolean;
  readonly outcome: Outcome;
}

/** Ends an open call from the side of who made it. */
export interface Cancel {
  readonly kind: "cancel";
  readonly token: ResponseToken;
}

/** What a message carries. */
export type Body = Call | Answer | Cancel;

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
  /** The function gives a stream: the handler is called once for each of its answers. */
  readonly isStream?: true;
  /** The function that was called: its answers are held against its type. */
  readonly functionId?: FunctionId;
}

/** A pod asks that a function of another pod be called. */
export interface Post extends FunctionRef {
  readonly to: PodRef;
  readonly token: ResponseToken;
  readonly payload: Payload;
  readonly deadlineMs: number;
  readonly continuation?: Continuation;
  /** What its pod calls it to cancel it later. An open call of the same key is cancelled. */
  readonly key?: string;
}

/** What a pod leaves itself to do in a run of its own, after the run that says so. */
export interface Errand {
  readonly continuation: Continuation;
  /** Given to the continuation as the result; JSON text. */
  readonly payload: Payload;
  /** It waits until most of what was given to this stream has left; one errand for each stream. */
  readonly pace?: StreamRef;
  /** It waits so many milliseconds from its commit on. */
  readonly later?: {
    readonly delayMs: number;
    /** Cancels it; another errand of the same key takes its place. */
    readonly key?: string;
  };
}

/** An errand that waits for its time. */
export interface LaterErrand {
  readonly dueMs: number;
  /** What its pod calls it. */
  readonly key?: string;
  /** The handler that will be called. */
  readonly then: string;
}

/** A pod answers a call it was given; without a place it is the only answer. */
export interface Reply {
  readonly to: PodRef;
  readonly token: ResponseToken;
  readonly outcome: Outcome;
  /** Where it stands in its stream, and when that ends at the latest. */
  readonly place?: { readonly index: number; readonly end: boolean; readonly expiresMs: number };
}

/** A call that stays open: a stream that begins, or a call that a later run answers. */
export interface OpenedStream extends StreamRef {
  readonly functionId: FunctionId;
  readonly dueMs: number;
  /** It takes one answer. */
  readonly isOnce?: true;
}

/** One more answer to a call that stays open. An error ends it. */
export interface StreamAnswer extends StreamRef {
  readonly part:
    | { readonly item: Payload }
    | { readonly end: true }
    | { readonly error: ErrorRecord };
}

/** What a run does with streams, those it answers and those it takes. */
export interface StreamWork {
  readonly opened?: OpenedStream;
  readonly answers: readonly StreamAnswer[];
  /** The caller has cancelled this one, or its time is over. */
  readonly ended?: StreamRef;
  /** Keys of own calls that are to be cancelled; what is not open is left out. */
  readonly cancels: readonly string[];
  /** Whether the pod has the function; a newer version may not, whose streams end. */
  isOffered(functionId: FunctionId): boolean;
  /** What is wrong with an item of a function; undefined when nothing is. */
  fault(functionId: FunctionId, item: Payload): string | undefined;
  /**
   * Told of an answer to a stream that is not open, which is left out then; without it such an answer
   * is refused. For a pod that has gone back to a state in which it still was.
   */
  gone?(handle: string): void;
  /** Told when what is opened has no room and is closed again. */
  full?(): void;
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

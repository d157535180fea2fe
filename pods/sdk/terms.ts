/**
 * What a run is told and what it is given to work with.
 *
 * @module
 */

import type { Awaited, Mark, Waiting } from "./await/calls.ts";
import type { Addressee } from "./post/recipients.ts";
import type { Continuation } from "./reference.ts";

/** How loud a line of the log is. */
export type Level = "debug" | "info" | "warning" | "error";

/** What the pod says of itself. */
export interface PodAbout {
  readonly name: string;
  readonly version: string;
  /** One line. */
  readonly about: string;
}

/** Who asks. Without a pod it is a person who has come in. */
export interface Caller {
  readonly person: string;
  readonly pod?: string;
}

/** A person as the periphery knows them. */
export interface Found {
  /** OpenPGP fingerprint, upper-case hex. */
  readonly person: string;
  /** User id of their certificate. */
  readonly name?: string;
}

/** What to do with the answer to a post, and how long to try. */
export interface PostOptions<Note, Result> {
  /** Takes the answer; declared with `this.continuation`. */
  readonly then?: Continuation<Note, Result>;
  /** Given back to the continuation: one for all recipients, or made for each. */
  readonly note?: Note | ((to: Addressee) => Note);
  /** Milliseconds from now until the periphery gives up; of a stream, until it ends. */
  readonly deadlineMs?: number;
  /** Names the call for {@link Run.cancel}; a call that has the key already is cancelled. */
  readonly key?: string;
}

/** What a run needs of the engine. */
export interface RunPort {
  /** Names it among the runs of its pod. */
  readonly id: string;
  /** Asks the periphery; resolves to JSON text. @throws {Refusal} as the periphery answers. */
  request(operation: string, argument: string): Promise<string>;
  /** Commits what has been done and resolves when more standard input may have come. */
  waitForInput(): Promise<void>;
  /** Begins to wait for an answer. @throws {Refusal} `expired` when the one who asked is gone. */
  wait(make: (mark: Mark) => Awaited): Waiting;
  /** One line for the pod's log. */
  log(level: Level, line: string): void;
}

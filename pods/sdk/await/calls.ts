/**
 * Calls whose answers a run awaits: what is posted, and what becomes of what comes back.
 *
 * @module
 */

import type { EffectBuffer } from "../effects.ts";
import type { Failure } from "../host.ts";
import { formatJson } from "../text/json.ts";
import { readFingerprint } from "../post/recipients.ts";
import type { FunctionRef, PodAddress } from "../reference.ts";
import { Refusal, refusalOf } from "../refusal.ts";
import { type Dispatch, errandOf, type Letter } from "../post/dispatch.ts";

/** The function that takes the answers runs await; it is in no interface. */
export const SETTLE = "sdk:settle";
/** The function that ends a run which could not take an answer twice; it is in no interface. */
export const GIVE_UP = "sdk:give-up";

/** Who is called: a person by fingerprint or by what one calls them, and which pod of theirs. */
export interface Callee {
  readonly of: string;
  /** Without it the pod of this pod's own name. */
  readonly name?: string;
}

/** How long a call may take. */
export interface CallOptions {
  /**
   * Milliseconds from now, at most what is left of the call that the run answers. Without it as
   * long as that, or as the periphery tries.
   */
  readonly deadlineMs?: number;
}

/** What comes for a wait, as JSON: the outcome of a call, or a part of a stream. */
export type Settlement =
  | { readonly ok: unknown }
  | { readonly error: Failure }
  | { readonly item: unknown; readonly index: number }
  | { readonly end: true };

/** Says which wait of which run an answer is for; the note of its post. */
export interface Mark {
  readonly run: string;
  readonly step: number;
}

/** What a run begins to wait for. */
export interface Awaited {
  /** Key of its post. */
  readonly key: string;
  /** What it asked for, as text; the same when the run is repeated. */
  readonly what: string;
  /** Nothing of it is left when nobody waits: its post is not even made. */
  readonly isLost: boolean;
  /** Takes what came; whether that was the last. */
  take(settlement: Settlement): boolean;
}

/** A wait that has begun. */
export interface Waiting {
  /** Nobody wants the answer any more. */
  leave(): void;
}

/** What calls need of their run. */
export interface CallsPort {
  readonly effects: EffectBuffer;
  /** Present when the run answers a call. */
  readonly expiresMs: number | undefined;
  /** Name of this pod. */
  readonly pod: string;
  nowMs(): number;
  /** The fingerprint a text stands for. @throws {Refusal} when it stands for nobody. */
  find(text: string): Promise<string>;
  /** Begins to wait. @throws {Refusal} `expired` when nobody wants the run's result any more. */
  wait(make: (mark: Mark) => Awaited): Waiting;
}

/** What of its time a run gives to those whom it calls: with the rest it says what came of it. */
const SHARE = 0.9;

/** The calls of one run. */
export class Calls {
  readonly #port: CallsPort;
  /** Calls of one function with the same arguments are one letter to many. */
  #letter: Letter | undefined;

  constructor(port: CallsPort) {
    this.#port = port;
  }

  /** Calls a function and gives its result. @throws {Refusal} the error it was answered with. */
  async ask(
    ref: FunctionRef<never, unknown>,
    to: Callee,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<unknown> {
    const address = await this.#addressOf(to);
    const letter = this.#letterOf(ref, args, options);
    return await new Promise((resolve, reject) => {
      this.#begin(letter, address, false, (settlement) => {
        if ("ok" in settlement) resolve(settlement.ok);
        else reject(errorOf(settlement));
        return true;
      });
    });
  }

  /** Opens a stream when it is first asked for an item; leaving it cancels it. */
  async *open(
    ref: FunctionRef<never, unknown>,
    to: Callee,
    args: readonly unknown[],
    options: CallOptions,
  ): AsyncGenerator<unknown, void> {
    const address = await this.#addressOf(to);
    const parts: Settlement[] = [];
    let wake: (() => void) | undefined;
    const letter = this.#letterOf(ref, args, options);
    const waiting = this.#begin(letter, address, true, (settlement) => {
      parts.push(settlement);
      wake?.();
      return !("item" in settlement);
    });
    try {
      for (;;) {
        const part = parts.shift();
        if (part === undefined) await new Promise<void>((resolve) => wake = resolve);
        else if ("item" in part) yield part.item;
        else if ("end" in part) return;
        else throw errorOf(part);
      }
    } finally {
      waiting.leave();
    }
  }

  /** Goes on in a later run; with a handle when most of what was given to it has left. */
  pause(handle: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const pace = handle === undefined ? {} : { pace: handle };
      this.#port.wait((mark) => {
        this.#port.effects.post(errandOf(SETTLE, mark, pace));
        const take = (settlement: Settlement) => {
          if ("ok" in settlement) resolve();
          else reject(errorOf(settlement));
          return true;
        };
        return { key: keyOfCall(mark), what: "pause", isLost: false, take };
      });
    });
  }

  #begin(
    letter: Letter,
    { person, pod }: PodAddress,
    isStream: boolean,
    take: (settlement: Settlement) => boolean,
  ): Waiting {
    return this.#port.wait((mark) => {
      const key = keyOfCall(mark);
      const dispatch: Dispatch = { letter, person, pod, note: formatJson(mark), key };
      this.#port.effects.post(dispatch);
      const what = `${person}/${pod} ${letter.function} ${letter.arguments}`;
      return { key, what, isLost: isStream, take };
    });
  }

  async #addressOf({ of, name = this.#port.pod }: Callee): Promise<PodAddress> {
    return { person: readFingerprint(of) ?? await this.#port.find(of), pod: name };
  }

  #letterOf(
    { capability, interface: name, function: called, functionId }: FunctionRef<never, unknown>,
    args: readonly unknown[],
    options: CallOptions,
  ): Letter {
    const text = formatJson(args);
    const deadlineMs = this.#deadline(options);
    const last = this.#letter;
    const isSame = last?.functionId === functionId && last.arguments === text &&
      last.deadlineMs === deadlineMs;
    if (isSame) return last;
    return this.#letter = {
      capability,
      interface: name,
      function: called,
      functionId,
      arguments: text,
      deadlineMs,
      then: SETTLE,
      key: undefined,
    };
  }

  /** @throws {Refusal} `expired` when no time is left. */
  #deadline({ deadlineMs }: CallOptions): number | undefined {
    const { expiresMs } = this.#port;
    if (expiresMs === undefined) return deadlineMs;
    const leftMs = Math.floor((expiresMs - this.#port.nowMs()) * SHARE);
    if (leftMs >= 1) return Math.min(leftMs, deadlineMs ?? leftMs);
    const subject = "the time of the call that it works for has passed";
    throw new Refusal("expired", { op: "call another pod", subject });
  }
}

/** The key of the post that a run waits for. */
export function keyOfCall({ run, step }: Mark): string {
  return `${SETTLE}/${run}/${step}`;
}

/** Why a wait failed. */
export function errorOf(settlement: Settlement): Refusal {
  if ("error" in settlement) return refusalOf(settlement.error);
  const subject = "the answer is not of the kind that was asked for";
  return new Refusal("invalid", { op: "read an answer", subject });
}

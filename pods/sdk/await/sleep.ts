/**
 * Waiting for time to pass: an errand that comes later, awaited as an answer is. It is a row of the
 * periphery until then, so that nothing but its time ends the wait.
 *
 * @module
 */

import type { EffectBuffer } from "../effects.ts";
import { Refusal } from "../refusal.ts";
import { errandOf } from "../post/dispatch.ts";
import { type Awaited, errorOf, keyOfCall, type Mark, SETTLE, type Waiting } from "./calls.ts";

/** What sleeping needs of its run. */
export interface SleepPort {
  readonly effects: EffectBuffer;
  nowMs(): number;
  /** Begins to wait. @throws {Refusal} `expired` when nobody wants the run's result any more. */
  wait(make: (mark: Mark) => Awaited): Waiting;
}

/** Sleeps so many milliseconds. @throws {Refusal} `expired` when the one who asked is gone. */
export async function sleep(port: SleepPort, delayMs: number): Promise<void> {
  if (delayMs > 0) await begin(port, delayMs).over;
}

/** Sleeps until a moment, also when the clock of the server is set back meanwhile. */
export async function sleepUntil(port: SleepPort, momentMs: number): Promise<void> {
  for (let leftMs; (leftMs = Math.ceil(momentMs - port.nowMs())) > 0;) {
    await begin(port, leftMs).over;
  }
}

/**
 * What a promise gives within a time.
 *
 * @throws {Refusal} `expired` when the time is over before.
 */
export async function awaitWithin<Value>(
  port: SleepPort,
  delayMs: number,
  work: Promise<Value>,
): Promise<Value> {
  const timer = begin(port, Math.max(1, delayMs));
  const late = timer.over.then(() => {
    throw new Refusal("expired", { op: "wait", subject: `${delayMs} ms have passed` });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.leave();
  }
}

function begin({ effects, wait }: SleepPort, delayMs: number): Waiting & { over: Promise<void> } {
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const waiting = wait((mark) => {
    const key = keyOfCall(mark);
    effects.post(errandOf(SETTLE, mark, { delayMs, key }));
    return {
      key,
      what: `sleep ${delayMs}`,
      isLost: true,
      take(settlement) {
        if ("ok" in settlement) resolve();
        else reject(errorOf(settlement));
        return true;
      },
    };
  });
  return { over, leave: () => waiting.leave() };
}

/**
 * Time, chance and console of pods that run in this process: inside of a pod they are those of its
 * run, as `pods/sdk/globals.ts` makes them in a component; outside they stay what they are.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { ENGINE_TIMERS, refuseTimer } from "../../pods/sdk/globals.ts";
import type { Host } from "../../pods/sdk/host.ts";
import type { Level, Run } from "../../pods/sdk/run.ts";

/** A pod whose code runs. */
export interface Inside {
  /** Its run; undefined between runs. */
  readonly run: () => Run | undefined;
  readonly host: Pick<Host, "log">;
}

const inside = new AsyncLocalStorage<Inside>();
const LEVELS = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warning",
  error: "error",
} as const;
/** Gives the globals back that the first borrower found. */
let giveBack: (() => void) | undefined;
let borrowers = 0;

/** Runs code as that of a pod, with all that it awaits. */
export function runInside<Value>(pod: Inside, code: () => Value): Value {
  return inside.run(pod, code);
}

/** Replaces `Date`, `Math.random`, timers and the console's lines until it is disposed of. */
export function borrowGlobals(): Disposable {
  if (borrowers++ === 0) giveBack = replaceGlobals();
  let isOver = false;
  return {
    [Symbol.dispose]() {
      if (isOver) return;
      isOver = true;
      if (--borrowers === 0) giveBack?.();
    },
  };
}

function replaceGlobals(): () => void {
  const { Date: date, console } = globalThis;
  const random = Math.random;
  const lines = Object.fromEntries(
    Object.keys(LEVELS).map((name) => [name, console[name as keyof typeof LEVELS]]),
  );
  globalThis.Date = dateOf(date);
  Math.random = () => inside.getStore()?.run()?.random() ?? random();
  for (const [name, level] of Object.entries(LEVELS)) {
    Object.assign(console, { [name]: logTo(level, lines[name]!) });
  }
  const timers = Object.fromEntries(ENGINE_TIMERS.map((name) => [name, globalThis[name]]));
  for (const name of ENGINE_TIMERS) Object.assign(globalThis, { [name]: timerOf(timers[name]!) });
  return () => {
    globalThis.Date = date;
    Math.random = random;
    Object.assign(console, lines);
    Object.assign(globalThis, timers);
  };
}

/** What is called by a run of a pod is the pod's; the periphery around it has a clock of its own. */
function timerOf(real: (...args: never[]) => unknown) {
  return (...args: unknown[]): unknown => {
    return inside.getStore()?.run() === undefined ? real(...args as never[]) : refuseTimer();
  };
}

/** A `Date` whose present is the run's, where there is one. */
function dateOf(real: DateConstructor): DateConstructor {
  const nowMs = () => inside.getStore()?.run()?.nowMs ?? real.now();
  return new Proxy(real, {
    construct: (target, args, made) =>
      Reflect.construct(target, args.length === 0 ? [nowMs()] : args, made),
    apply: (target) => new target(nowMs()).toString(),
    get: (target, key) => key === "now" ? nowMs : Reflect.get(target, key),
  });
}

function logTo(level: Level, otherwise: (...values: unknown[]) => void) {
  return (...values: unknown[]): void => {
    const pod = inside.getStore();
    if (pod === undefined) return otherwise(...values);
    const texts = values.map((value) => typeof value === "string" ? value : Deno.inspect(value));
    const text = texts.join(" ").toWellFormed();
    const run = pod.run();
    // A run that is run again has said it before.
    if (run === undefined) pod.host.log(level, text);
    else run.log(level, text);
  };
}

/**
 * Globals of the guest. QuickJS has no console, and the build's snapshot freezes chance; here
 * both time and chance come from the run, so that running it again does the same.
 *
 * @module
 */

import type { Host } from "./host.ts";
import { formatJson } from "./text/json.ts";
import { describeError } from "./refusal.ts";
import type { Level, Run } from "./run.ts";

/** Timers of an engine: they would be lost with the pod, and its run would not wait for them. */
export const ENGINE_TIMERS = ["setTimeout", "setInterval"] as const;

/** What a pod is told that would use one. */
export function refuseTimer(): never {
  throw new Error("a pod waits with await this.sleep(…), which a restart does not end");
}

/**
 * Replaces `Math.random`, `Date` and `console`, and refuses timers. Called once, by the entry the
 * build writes.
 */
export function installGlobals(activeRun: () => Run | undefined, host: Host): void {
  const run = (): Run => {
    const active = activeRun();
    if (active === undefined) throw new Error("time and chance exist only during a run");
    return active;
  };
  Object.assign(Math, { random: () => run().random() });
  globalThis.Date = dateOf(() => run().nowMs);
  for (const name of ENGINE_TIMERS) Object.assign(globalThis, { [name]: refuseTimer });
  const line = (level: Level) => (...values: unknown[]) => {
    const text = values.map(formatValue).join(" ").toWellFormed();
    const active = activeRun();
    // A run that is run again has said it before.
    if (active === undefined) host.log(level, text);
    else active.log(level, text);
  };
  Object.assign(globalThis, {
    console: {
      debug: line("debug"),
      log: line("info"),
      info: line("info"),
      warn: line("warning"),
      error: line("error"),
    },
  });
}

/** A `Date` whose present is the run's. */
function dateOf(nowMs: () => number): DateConstructor {
  return new Proxy(Date, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [nowMs()] : args),
    apply: (target) => new target(nowMs()).toString(),
    get: (target, key) => key === "now" ? nowMs : Reflect.get(target, key),
  });
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return describeError(value);
  return typeof value === "string" ? value : formatJson(value);
}

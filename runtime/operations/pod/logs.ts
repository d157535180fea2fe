/**
 * `pod.logs`: what a pod has to say of itself.
 *
 * @module
 */

import type { JsonRecord } from "../../model/control.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_POD_LOG_LINES } from "../../model/limits.ts";
import type { Operation } from "../../ports/session.ts";
import type { LogLevel, LogLine } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { optionalNumberOf, optionalTextOf, podOf, switchOf } from "../wishes.ts";

/** From the quietest on. */
const LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error"];

/**
 * `{pod, follow?, level?, sinceMs?, lines?}` → one record a line: `{number, atMs, level, line, run?}`,
 * the last `lines` of those from a level and a time on. A line may have several lines, such as a
 * stack. Following ends by interrupt.
 */
export function showLogs({ supervisor }: Pick<Home, "supervisor">): Operation {
  return async (args, session) => {
    const { residents, logs } = supervisor;
    const { ref } = residents.get(podOf(args, session));
    const isWanted = readFilter(args);
    const count = Math.min(optionalNumberOf(args, "lines") ?? Infinity, MAX_POD_LOG_LINES);
    const show = ({ number, atMs, level, text, run }: LogLine) =>
      session.item({ number, atMs, level, line: text, ...run === undefined ? {} : { run } });
    const before = (await logs.read(ref, MAX_POD_LOG_LINES)).filter(isWanted);
    before.slice(before.length - Math.min(count, before.length)).forEach(show);
    if (!switchOf(args, "follow")) return 0;
    const last = before.at(-1)?.number ?? -1;
    for await (const line of logs.follow(ref, MAX_POD_LOG_LINES, session.interrupted)) {
      if (line.number > last && isWanted(line)) show(line);
    }
    return 0;
  };
}

function readFilter(args: JsonRecord): (line: LogLine) => boolean {
  const level = optionalTextOf(args, "level") ?? "debug";
  const least = LEVELS.indexOf(level as LogLevel);
  if (least === -1) {
    const subject = `there is no level ${JSON.stringify(level.slice(0, 40))}`;
    throw new PeriError("invalid", { op: "show logs", subject, hint: LEVELS.join(", ") });
  }
  const sinceMs = optionalNumberOf(args, "sinceMs") ?? 0;
  return (line) => LEVELS.indexOf(line.level) >= least && line.atMs >= sinceMs;
}

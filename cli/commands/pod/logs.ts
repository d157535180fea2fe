/** `peri pod logs`. @module */

import type { JsonRecord } from "../../../runtime/model/control.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { command, text, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatJsonLine, formatLogLine, printLine } from "../../output.ts";

export default command({
  about: "Show what a pod has logged",
  details:
    "Beside the level stands the run that wrote it: peri pod replay shows what that run did.",
  json: true,
  flags: {
    follow: toggle("Go on showing what comes, until Ctrl-C"),
    level: text("level", "Only from this level on: debug, info, warning or error"),
    since: text("time", "Only what is not older: 90s, 15m, 1h, 2d"),
    lines: text("count", "Only so many of the last lines"),
  },
  arguments: [{ name: "pod", about: "Name of the pod", complete: podNames }],
  async run(context, flags, pod) {
    const { stdout } = context.streams;
    const sinceMs = flags.since === undefined
      ? undefined
      : context.nowMs() - parseSpan("--since", flags.since);
    const lines = flags.lines === undefined ? undefined : parseCount("--lines", flags.lines);
    // Shown as they come: with --follow there is no end at which a table could be drawn.
    const report = {
      add: (record: JsonRecord) =>
        printLine(stdout, flags.json ? formatJsonLine(record) : formatLogLine(record)),
    };
    const wishes = { pod, follow: flags.follow, level: flags.level, sinceMs, lines };
    return await control(context, "pod.logs", wishes, { report });
  },
});

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function parseSpan(flag: string, word: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(word) ?? [];
  if (count !== undefined) return Number(count) * UNITS_MS[unit!]!;
  throw misread(flag, word, "a time such as 90s, 15m, 1h or 2d", "15m");
}

function parseCount(flag: string, word: string): number {
  if (/^\d{1,6}$/.test(word)) return Number(word);
  throw misread(flag, word, "a whole number", "100");
}

function misread(flag: string, word: string, what: string, example: string): PeriError {
  const subject = `${flag} ${JSON.stringify(word.slice(0, 40))} is not ${what}`;
  return new PeriError("invalid", { op: "show logs", subject, hint: `${flag} ${example}` });
}

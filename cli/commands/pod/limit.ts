/** `peri pod limit`. @module */

import { formatLimit, LIMIT_RULES, type LimitRule } from "../../../runtime/model/budget.ts";
import type { Json, JsonRecord } from "../../../runtime/model/control.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { command, text } from "../../command.ts";
import { control } from "../../control.ts";
import { podNames } from "../../lookup.ts";
import { formatValue, Report } from "../../output.ts";

/** Flags by the names of limits in camel case. */
const FLAGS = {
  memory: text("128M", "Memory of its instance"),
  state: text("1G", "What it keeps on disk"),
  slice: text("500ms", "Time it may compute without coming back"),
  messages: text("600/min", "Messages it may post in a minute"),
  messageSize: text("48K", "One message that it posts, answers or is sent"),
  streams: text("1000", "Calls that wait for its later answers"),
  log: text("1000/min", "Lines it may write into its log in a minute"),
} as const;

export default command({
  about: "Show or set what a pod may use",
  details:
    "Without flags the limits are shown. What is set is in force at once and stays through " +
    "upgrades; `--memory default` takes one back, the word `default` all of them.",
  json: true,
  flags: FLAGS,
  arguments: [
    { name: "pod", about: "Name of the pod", complete: podNames },
    { name: "default", about: "Take all limits back", count: "optional" },
  ],
  async run(context, flags, pod, word) {
    const report = new Report(context, flags.json);
    const limits = { ...allDefault(word), ...given(flags) };
    const exitCode = await control(context, "pod.limit", { pod, limits }, { report });
    await report.table([
      { field: "limit" },
      { field: "value", format: formatAmount },
      { field: "used", format: formatAmount },
      { field: "own", title: "set by", format: (own) => own === true ? "you" : "the server" },
      { field: "least", title: "from", format: formatAmount },
      { field: "most", title: "to", format: formatAmount },
      { field: "about", title: "" },
    ], "");
    return exitCode;
  },
});

function given(flags: Readonly<Record<keyof typeof FLAGS, string | undefined>>): JsonRecord {
  const all = LIMIT_RULES.map(({ name }) => [name, flags[flagOf(name)]] as const);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as JsonRecord;
}

function flagOf(name: string): keyof typeof FLAGS {
  return (name === "message-size" ? "messageSize" : name) as keyof typeof FLAGS;
}

function allDefault(word: string | undefined): JsonRecord {
  if (word === undefined) return {};
  if (word === "default") return Object.fromEntries(LIMIT_RULES.map(({ name }) => [name, word]));
  throw new PeriError("invalid", {
    op: "set a limit",
    subject: `${JSON.stringify(word)} is no limit`,
    hint: "peri pod limit --help shows them",
  });
}

/** As it is typed; what is measured is seldom a round number. */
function formatAmount(value: Json | undefined, { unit }: JsonRecord): string {
  if (typeof value !== "number") return formatValue(value);
  const rule = { unit: unit as LimitRule["unit"] };
  if (unit !== "bytes" || value < 1024 || value % 1024 === 0) return formatLimit(rule, value);
  return value < 1024 * 1024
    ? `${Math.round(value / 1024)}K`
    : `${(value / 1024 / 1024).toFixed(1)}M`;
}

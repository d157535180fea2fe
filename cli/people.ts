/**
 * What the commands of `peri person` have in common: flags of a share, columns, completion.
 *
 * @module
 */

import { formatLimit } from "../runtime/model/budget.ts";
import type { Json, JsonRecord } from "../runtime/model/control.ts";
import { SHARE_RULES, type ShareRule } from "../runtime/model/share.ts";
import { text } from "./command.ts";
import type { Context } from "./context.ts";
import { suggest } from "./lookup.ts";
import { type Column, formatTime, formatValue } from "./output.ts";

/** Flags by the names of the parts of a share. */
export const SHARE_FLAGS = {
  pods: text("20", "Pods that they may install"),
  state: text("1G", "What all their pods may keep on disk"),
  memory: text("512M", "Memory of those of their pods that are awake"),
  messages: text("60000/min", "Messages that all their pods may post in a minute"),
} as const;

/** The parts of a share that were given. */
export function givenShare(
  flags: Readonly<Record<keyof typeof SHARE_FLAGS, string | undefined>>,
): JsonRecord {
  const all = Object.keys(SHARE_FLAGS) as (keyof typeof SHARE_FLAGS)[];
  const given = all.flatMap((name) => flags[name] === undefined ? [] : [[name, flags[name]]]);
  return Object.fromEntries(given);
}

/** Columns of people with what they use and may use. */
export const PEOPLE_COLUMNS: readonly Column[] = [
  { field: "name" },
  { field: "person", format: (person, one) => formatValue(person ?? shortId(one.invitation)) },
  { field: "state", title: "is" },
  { field: "pods", format: used("maxPods", "pods") },
  { field: "stateBytes", title: "keeps", format: used("maxStateBytes", "state") },
  { field: "memoryBytes", title: "memory", format: used("maxMemoryBytes", "memory") },
  {
    field: "messagesThisMinute",
    title: "messages",
    format: used("maxMessagesPerMinute", "messages"),
  },
  { field: "sinceMs", title: "since", format: formatTime },
  { field: "untilMs", title: "until", format: formatTime },
];

/** Names of guests and of those who are invited, else their fingerprints. */
export async function guestNames(context: Context): Promise<readonly string[]> {
  const [names, people] = await Promise.all(
    ["name", "person"].map((field) => suggest(context, "person.list", {}, field)),
  );
  return [...names!, ...people!];
}

/** Enough of an invitation's id to take it back by. */
function shortId(id: Json | undefined): string {
  return formatValue(id).slice(0, 12);
}

/** `3 of 20`. */
function used(most: string, name: ShareRule["name"]): NonNullable<Column["format"]> {
  const { unit } = SHARE_RULES.find((rule) => rule.name === name)!;
  return (value, record) => {
    const parts = [value, record[most]].filter((part) => part !== undefined);
    return parts.map((part) => formatAmount(part, unit)).join(" of ");
  };
}

/** As it is typed; what is measured is seldom a round number. */
function formatAmount(value: Json | undefined, unit: ShareRule["unit"]): string {
  if (typeof value !== "number") return formatValue(value);
  if (unit !== "bytes" || value < 1024 || value % 1024 === 0) return formatLimit({ unit }, value);
  return value < 1024 * 1024
    ? `${Math.round(value / 1024)}K`
    : `${(value / 1024 / 1024).toFixed(1)}M`;
}

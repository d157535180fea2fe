/** `peri who`. @module */

import type { Json, JsonRecord } from "../../runtime/model/control.ts";
import { formatFingerprint, parseFingerprint } from "../../runtime/model/words.ts";
import { command } from "../command.ts";
import type { Context } from "../context.ts";
import { control } from "../control.ts";
import { formatTable, formatTime, formatValue, printable, printLine, Report } from "../output.ts";

export default command({
  about: "Show what is known of a person, and from whom",
  details:
    "A person is found by your name for them, by their fingerprint or at least 8 of its first " +
    "or last digits, and by words of the name or mail address that they claim. When several are " +
    "meant, all are listed.",
  json: true,
  arguments: [{ name: "person", about: "Your name for them, a fingerprint, or part of a user id" }],
  async run(context, flags, text) {
    const records: JsonRecord[] = [];
    const report = new Report(context, flags.json);
    const add = async (record: JsonRecord) => {
      records.push(record);
      await report.add(record);
    };
    const exitCode = await control(context, "who", { text }, { report: { add } });
    if (flags.json || records.length === 0) return exitCode;
    const lines = records.length === 1
      ? wholeOf(context, records[0]!)
      : formatTable(records.map((record) => ({ ...record, ...briefOf(context, record) })), COLUMNS);
    await printLine(context.streams.stdout, lines.join("\n"));
    return exitCode;
  },
});

const COLUMNS = [
  { field: "fingerprint" },
  { field: "names", title: "your name" },
  { field: "claims", title: "they claim" },
  { field: "told" },
];

function briefOf(context: Context, record: JsonRecord): JsonRecord {
  return { told: record.revoked ? "key revoked" : toldOf(context, record) };
}

/** All of one person: who they are, whether their key holds, then a line a pod. */
function wholeOf(context: Context, record: JsonRecord): readonly string[] {
  const rows = [
    ["fingerprint", formatValue(record.fingerprint)],
    ["your name", formatValue(record.names) || "none"],
    ["they claim", formatValue(record.claims)],
    ["key", keyOf(record)],
    ["successor", successorOf(record)],
    ["before", beforeOf(record)],
    ["beware", record.disputed ? "this key has named two recoveries: it may be stolen" : ""],
    ["trust", trustOf(record)],
    ["friend", friendOf(record)],
  ].filter(([, text]) => text !== "");
  const fields = rows.map(([name, text]) => `${name!.padEnd(12)}${text}`);
  const pods = (Array.isArray(record.pods) ? record.pods : []) as JsonRecord[];
  if (pods.length === 0) return [...fields, "No pod of theirs is known."];
  const shown = pods.map((pod) => ({ ...pod, state: stateOf(pod), told: toldOf(context, pod) }));
  return [...fields, "", ...formatTable(shown, POD_COLUMNS)];
}

const POD_COLUMNS = [
  { field: "pod" },
  { field: "endpoint", title: "server" },
  { field: "serial" },
  { field: "state" },
  { field: "told" },
];

function keyOf({ revoked, expired, keyExpiresMs }: JsonRecord): string {
  if (revoked) return "revoked: nothing in its name is believed";
  if (keyExpiresMs === undefined) return "good, without an end";
  return `${expired ? "expired" : "good until"} ${formatTime(keyExpiresMs)}`;
}

/** `F3A1 … by two of their friends, because the key was lost`. */
function successorOf({ successor }: JsonRecord): string {
  if (typeof successor !== "object" || successor === null) return "";
  const { to, by, reason, issuedMs } = successor as JsonRecord;
  const named = by === "key"
    ? "named by the old key"
    : by === "friends"
    ? "vouched for by their friends"
    : "named by their recovery key";
  return `${shownKey(to)} since ${formatTime(issuedMs)}, ${named}; the old key was ${
    formatValue(reason)
  }`;
}

function beforeOf({ formers }: JsonRecord): string {
  if (!Array.isArray(formers)) return "";
  return `${formers.map(shownKey).join(", ")}: names and letters of that key are theirs`;
}

function shownKey(key: Json | undefined): string {
  return formatFingerprint(parseFingerprint(String(key)));
}

function trustOf({ distance }: JsonRecord): string {
  if (distance === undefined) return "";
  if (distance === null) return "nobody you trust has signed their key";
  return distance === 0 ? "yourself" : distance === 1 ? "signed by you" : `${distance} steps away`;
}

function friendOf({ server, friendMs }: JsonRecord): string {
  return server === undefined ? "" : `${formatValue(server)} since ${formatTime(friendMs)}`;
}

function stateOf({ inForce, expiresMs }: JsonRecord): string {
  return inForce ? `until ${formatTime(expiresMs)}` : "not in force";
}

/** `by friend https://bob.example 3 days ago`. */
function toldOf(context: Context, { from, atMs }: JsonRecord): string {
  if (typeof from !== "string") return "";
  const who = from === "this server" ? from : `by ${printable(from)}`;
  return `${who} ${ageOf(context.nowMs(), atMs)}`.trimEnd();
}

function ageOf(nowMs: number, atMs: Json | undefined): string {
  if (typeof atMs !== "number") return "";
  const minutes = Math.floor((nowMs - atMs) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min ago`;
  return minutes < 48 * 60
    ? `${Math.floor(minutes / 60)} h ago`
    : `${Math.floor(minutes / 1440)} days ago`;
}

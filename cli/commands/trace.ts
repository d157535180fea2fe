/** `peri trace`. @module */

import { command } from "../command.ts";
import { control } from "../control.ts";
import { traceTokens } from "../lookup.ts";
import { type Column, formatTime, Report } from "../output.ts";
import type { Json } from "../../runtime/model/control.ts";

const MESSAGES: readonly Column[] = [
  { field: "postedMs", title: "posted", format: formatTime },
  { field: "from" },
  { field: "to" },
  { field: "function" },
  { field: "state" },
  { field: "token" },
];

const HOPS: readonly Column[] = [
  { field: "atMs", title: "time", format: formatMoment },
  { field: "hop" },
  { field: "detail" },
  { field: "vouched", title: "vouched by" },
  { field: "tries" },
  { field: "nextMs", title: "next try", format: formatTime },
];

export default command({
  about: "Show what became of a message, hop by hop; without one, the latest messages",
  details:
    "posted: your pod has posted it. waits: it is on its way. sent, taken: to a server, whose " +
    "receipt says that it is on its disk. answered: the recipient has signed an answer. lost: given " +
    "up. dropped: taken back. again: driven again. Kept for 30 days.",
  json: true,
  arguments: [{
    name: "token",
    about: "Beginning of its token",
    count: "optional",
    complete: traceTokens,
  }],
  async run(context, flags, token) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "trace", { token }, { report });
    await report.table(token === undefined ? MESSAGES : HOPS, "No messages yet.");
    return exitCode;
  },
});

/** Hops follow each other closely, so seconds are shown. */
function formatMoment(atMs: Json | undefined): string {
  const minute = formatTime(atMs);
  if (minute === "") return "";
  return `${minute}:${String(new Date(Number(atMs)).getSeconds()).padStart(2, "0")}`;
}

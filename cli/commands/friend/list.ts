/** `peri friend list`. @module */

import type { JsonRecord } from "../../../runtime/model/control.ts";
import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatTime, formatValue, printable, Report } from "../../output.ts";

export default command({
  about: "List the servers that yours talks with",
  details:
    "HEARD and TOLD are the last contacts either way; BEHIND is what they have not been told " +
    "yet; KNOWS counts the pods of their people, and those of others that they pass on.",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "friend.list", {}, { report });
    const columns = [
      { field: "owner", title: "who", format: nameOf },
      { field: "url", title: "server" },
      { field: "addedMs", title: "since", format: formatTime },
      { field: "heardMs", title: "heard", format: formatTime },
      { field: "toldMs", title: "told", format: formatTime },
      { field: "untold", title: "behind", format: behind },
      { field: "tells", title: "knows", format: knows },
      { field: "trouble" },
    ];
    await report.table(columns, "No friends yet. peri friend add https://bob.example adds one.");
    return exitCode;
  },
});

/** A name that was given, else what they claim of themselves, else the fingerprint. */
function nameOf(_: unknown, { name, claims, owner }: JsonRecord): string {
  if (typeof name === "string") return printable(name);
  const [claim] = Array.isArray(claims) ? claims : [];
  return typeof claim === "string" ? `“${printable(claim)}”` : formatValue(owner);
}

function behind(_: unknown, { untold, untoldSinceMs }: JsonRecord): string {
  if (typeof untold !== "number" || untold === 0) return "no";
  const changes = untold === 1 ? "1 change" : untold < 1000 ? `${untold} changes` : "1000 or more";
  return `${changes} since ${formatTime(untoldSinceMs)}`;
}

function knows(_: unknown, { tells, passesOn }: JsonRecord): string {
  return passesOn === 0 ? formatValue(tells) : `${formatValue(tells)} and ${formatValue(passesOn)}`;
}

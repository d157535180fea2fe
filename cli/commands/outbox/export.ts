/** `peri outbox export`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { command, text } from "../../command.ts";
import { control } from "../../control.ts";
import { formatValue, printLine, Report } from "../../output.ts";

function taken(path: string): PeriError {
  const subject = `${path} is there already`;
  return new PeriError("exists", { op: "write file", subject, hint: "choose another name" });
}

export default command({
  about: "Put what waits into a file, for somebody no network leads to",
  details:
    "Sealed as it would be sent: only its recipients can read it. The messages stay in the " +
    "outbox until a receipt comes back. There, peri inbox import FILE takes it and writes " +
    "FILE.reply; here, peri outbox settle FILE.reply ends it. Good for 30 days.",
  json: true,
  flags: { to: text("person", "Only what is for this person, or for a pod: fingerprint/pod") },
  arguments: [{ name: "file", about: "Where to write it; it must not be there yet" }],
  async run(context, flags, path) {
    const report = new Report(context, flags.json);
    const pieces: Uint8Array[] = [];
    // Before anything is sealed for it.
    if (await context.files.exists(path!)) throw taken(path!);
    const exitCode = await control(context, "outbox.export", { to: flags.to }, {
      report,
      output: (bytes) => void pieces.push(bytes.slice()),
    });
    if (pieces.length > 0) await context.files.write(path!, pieces, { isNew: true });
    await report.lines(({ to, messages, outcome, reason }) =>
      outcome === "left"
        ? `${formatValue(messages)} for ${formatValue(to)}`
        : `stays for ${formatValue(to)}: ${formatValue(reason)}`
    );
    if (pieces.length === 0 && exitCode === 0 && !flags.json) {
      await printLine(context.streams.stdout, "Nothing waits, so no file was written.");
    }
    return exitCode;
  },
});

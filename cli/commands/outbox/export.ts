/** `peri outbox export`. @module */

import { command, text } from "../../command.ts";
import { control } from "../../control.ts";
import { formatValue, printLine, Report } from "../../output.ts";

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
    if (await context.files.exists(path!)) await context.files.write(path!, [], { isNew: true });
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

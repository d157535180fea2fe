/** `peri inbox import`. @module */

import { MAX_CARRIED_BYTES } from "../../../runtime/model/limits.ts";
import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatValue, printLine, Report } from "../../output.ts";

export default command({
  about: "Take messages that came as a file",
  details: "Writes FILE.reply with the receipts: give it back to who wrote the file, for peri " +
    "outbox settle. The same file again does no harm.",
  json: true,
  arguments: [{ name: "file", about: "A file that peri outbox export wrote" }],
  async run(context, flags, path) {
    const file = await context.files.read(path!, MAX_CARRIED_BYTES);
    const report = new Report(context, flags.json);
    const pieces: Uint8Array[] = [];
    const input = (async function* () {
      yield file;
    })();
    const exitCode = await control(context, "inbox.import", {}, {
      report,
      input,
      output: (bytes) => void pieces.push(bytes.slice()),
    });
    const reply = `${path}.reply`;
    await context.files.write(reply, pieces, { isNew: false });
    await report.lines(({ pod, outcome, reason }) => {
      const whom = pod === undefined ? "" : ` for ${formatValue(pod)}`;
      return `${formatValue(outcome)}${whom}${
        reason === undefined ? "" : `: ${formatValue(reason)}`
      }`;
    });
    if (!flags.json) await printLine(context.streams.stdout, `the receipts are in ${reply}`);
    return exitCode;
  },
});

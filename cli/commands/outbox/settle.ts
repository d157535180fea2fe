/** `peri outbox settle`. @module */

import { MAX_CARRIED_BYTES } from "../../../runtime/model/limits.ts";
import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { formatValue, Report } from "../../output.ts";

/** What is said of each outcome. */
const SAID: Readonly<Record<string, string>> = {
  taken: "taken",
  refused: "refused",
  waits: "still waits",
  unknown: "of no envelope that waits for its receipt",
};

export default command({
  about: "Take the receipts that peri inbox import wrote for a file of yours",
  json: true,
  arguments: [{ name: "file", about: "A reply file: FILE.reply" }],
  async run(context, flags, path) {
    const file = await context.files.read(path!, MAX_CARRIED_BYTES);
    const report = new Report(context, flags.json);
    const input = (async function* () {
      yield file;
    })();
    const exitCode = await control(context, "outbox.settle", {}, { report, input });
    await report.lines(({ to, messages, outcome, reason }) => {
      const what = SAID[String(outcome)] ?? formatValue(outcome);
      const whom = to === undefined ? "" : ` by ${formatValue(to)}`;
      const why = reason === undefined ? "" : `: ${formatValue(reason)}`;
      return `${formatValue(messages)} ${what}${whom}${why}`;
    });
    return exitCode;
  },
});

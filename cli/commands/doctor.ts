/** `peri doctor`. @module */

import { command } from "../command.ts";
import { control } from "../control.ts";
import { formatValue, Report } from "../output.ts";

export default command({
  about: "Look for what is wrong, and say what to do",
  details: "Ends with 0 when nothing is wrong.",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "doctor", {}, { report });
    await report.lines(({ ok, check, finding, hint }) => {
      const line = `${ok === true ? "✓" : "✗"} ${formatValue(check)}: ${formatValue(finding)}`;
      return hint === undefined ? line : `${line}\n  hint: ${formatValue(hint)}`;
    });
    return exitCode;
  },
});

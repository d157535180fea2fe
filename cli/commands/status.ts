/** `peri status`. @module */

import { command } from "../command.ts";
import { control } from "../control.ts";
import { Report } from "../output.ts";

export default command({
  about: "Show how your periphery is",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "status", {}, { report });
    await report.fields();
    return exitCode;
  },
});

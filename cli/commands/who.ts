/** `peri who`. @module */

import { command } from "../command.ts";
import { control } from "../control.ts";
import { Report } from "../output.ts";

export default command({
  about: "Show what is known of a person, and from whom",
  json: true,
  arguments: [{ name: "person", about: "Your name for them, a fingerprint, or part of a user id" }],
  async run(context, flags, text) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "who", { text }, { report });
    await report.fields();
    return exitCode;
  },
});

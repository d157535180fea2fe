/** `peri outbox show`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { letterTokens } from "../../lookup.ts";
import { Report } from "../../output.ts";

export default command({
  about: "Show all that is known of a message in the outbox",
  json: true,
  arguments: [{
    name: "token|no",
    about: "Beginning of its token, or its number",
    complete: letterTokens,
  }],
  async run(context, flags, letter) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "outbox.show", { letter }, { report });
    await report.fields();
    return exitCode;
  },
});

/** `peri person list`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { Report } from "../../output.ts";
import { PEOPLE_COLUMNS } from "../../people.ts";

export default command({
  about: "List the people of your server and how much of it they use",
  json: true,
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const exitCode = await control(context, "person.list", {}, { report });
    await report.table(PEOPLE_COLUMNS, "Nobody lives here yet. peri claim makes the server yours.");
    return exitCode;
  },
});

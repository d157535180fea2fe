/** `peri person limit`. @module */

import { command } from "../../command.ts";
import { control } from "../../control.ts";
import { Report } from "../../output.ts";
import { givenShare, guestNames, PEOPLE_COLUMNS, SHARE_FLAGS } from "../../people.ts";

export default command({
  about: "Show or set what a guest may use of your server",
  details: "The sum over all their pods. What is set is in force at once; what they have already " +
    "stays, and grows no more where it is over it.",
  json: true,
  flags: SHARE_FLAGS,
  arguments: [{ name: "person", about: "Name or fingerprint", complete: guestNames }],
  async run(context, flags, person) {
    const report = new Report(context, flags.json);
    const wishes = { person, share: givenShare(flags) };
    const exitCode = await control(context, "person.limit", wishes, { report });
    await report.table(PEOPLE_COLUMNS, "");
    return exitCode;
  },
});

/** `peri person remove`. @module */

import { command, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { formatTime, formatValue, Report } from "../../output.ts";
import { guestNames } from "../../people.ts";

export default command({
  about: "Send a guest away, or take an invitation back",
  details:
    "Their pods stop and their sessions end. What they keep stays for 30 days, and is theirs " +
    "again when you invite them within that time.",
  json: true,
  flags: {
    now: toggle("Sweep away at once what they keep; there is no way back"),
    yes: toggle("Do not ask"),
  },
  arguments: [
    { name: "person", about: "Name, fingerprint, or id of an invitation", complete: guestNames },
  ],
  async run(context, flags, person) {
    const report = new Report(context, flags.json);
    const wishes = { person, now: flags.now };
    const exitCode = await control(context, "person.remove", wishes, { report, yes: flags.yes });
    await report.lines((record) => {
      const who = formatValue(record.name ?? record.person ?? record.invitation);
      if (record.invitation !== undefined) return `the invitation of ${who} is good no more`;
      return record.untilMs === undefined
        ? `${who} has left, and what they kept is gone`
        : `${who} has left; what they kept stays until ${formatTime(record.untilMs)}`;
    });
    return exitCode;
  },
});

/** `peri outbox drop`. @module */

import { command, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { letterTokens } from "../../lookup.ts";
import { formatValue, Report } from "../../output.ts";

export default command({
  about: "Take messages back, and remove those that were given up",
  details:
    "The pod that posted a message is told that it was taken back. One that is under way at " +
    "this moment may still arrive.",
  json: true,
  flags: {
    all: toggle("Everything in the outbox"),
    dead: toggle("Everything that was given up"),
    yes: toggle("Do not ask"),
  },
  arguments: [{
    name: "token|no",
    about: "Beginning of its token, or its number",
    count: "optional",
    complete: letterTokens,
  }],
  async run(context, flags, letter) {
    const report = new Report(context, flags.json);
    const wishes = { letter, all: flags.all, dead: flags.dead };
    const exitCode = await control(context, "outbox.drop", wishes, { report, yes: flags.yes });
    await report.lines(({ token, to, outcome }) =>
      `${formatValue(outcome)} ${formatValue(token)} to ${formatValue(to)}`
    );
    return exitCode;
  },
});

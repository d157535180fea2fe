/** `peri outbox retry`. @module */

import { command, text, toggle } from "../../command.ts";
import { control } from "../../control.ts";
import { letterTokens } from "../../lookup.ts";
import { formatValue, Report } from "../../output.ts";

/** What is said of each outcome. */
const SAID: Readonly<Record<string, string>> = {
  again: "on its way again",
  tried: "tried now",
  waits: "waits until peri serve runs",
  gone: "gone meanwhile",
  over: "nobody waits for it any more; peri outbox drop removes it",
};

export default command({
  about: "Drive messages again that were given up; try now what waits",
  details:
    "A message that was given up gets a new place at the end of its way, with as much time " +
    "as it had, and its answer is waited for again. If it did arrive and only the receipt was " +
    "lost, it arrives twice.",
  json: true,
  flags: {
    all: toggle("Everything in the outbox"),
    to: text("person", "Everything for this person, or for a pod: fingerprint/pod"),
  },
  arguments: [{
    name: "token|no",
    about: "Beginning of its token, or its number",
    count: "optional",
    complete: letterTokens,
  }],
  async run(context, flags, letter) {
    const report = new Report(context, flags.json);
    const wishes = { letter, all: flags.all, to: flags.to };
    const exitCode = await control(context, "outbox.retry", wishes, { report });
    await report.lines(({ token, to, outcome }) =>
      `${formatValue(token)} to ${formatValue(to)}: ${
        SAID[String(outcome)] ?? formatValue(outcome)
      }`
    );
    return exitCode;
  },
});

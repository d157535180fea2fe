/** `peri person invite`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { parseFingerprint } from "../../../runtime/model/words.ts";
import { command, text } from "../../command.ts";
import { control } from "../../control.ts";
import { parseExpiry } from "../../keys.ts";
import { formatTime, formatValue, Report } from "../../output.ts";
import { givenShare, SHARE_FLAGS } from "../../people.ts";

export default command({
  about: "Let somebody live on your server",
  details:
    "Prints an invitation: one line that is good once. Give it to them by a way that nobody " +
    "else sees. They type peri person join with it, and then have pods, names and rules of their " +
    "own. You see how much of the server they use; peri person limit changes what they may.",
  json: true,
  flags: {
    name: text("name", "What you call them in peri person list"),
    for: text("fingerprint", "Whose key alone may use it; else whoever has the line"),
    ...SHARE_FLAGS,
    expires: text("7d", "How long the invitation is good; 90d at the most"),
  },
  async run(context, flags) {
    const report = new Report(context, flags.json);
    const wishes = {
      name: flags.name,
      for: flags.for === undefined ? undefined : parseFingerprint(flags.for),
      share: givenShare(flags),
      lifeMs: flags.expires === undefined ? undefined : lifeOf(flags.expires, context.nowMs()),
    };
    const exitCode = await control(context, "person.invite", wishes, { report });
    await report.lines(({ invitation, expiresMs }) =>
      `${formatValue(invitation)}\n\nGood once, until ${formatTime(expiresMs)}. They type:\n` +
      `    peri person join '<that line>'`
    );
    return exitCode;
  },
});

function lifeOf(word: string, nowMs: number): number {
  const expiresMs = parseExpiry(word, nowMs);
  if (expiresMs !== undefined) return expiresMs - nowMs;
  throw new PeriError("invalid", {
    op: "invite somebody",
    subject: "an invitation is not good for ever",
    hint: "--expires 7d",
  });
}

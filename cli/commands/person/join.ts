/** `peri person join`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { formatFingerprint } from "../../../runtime/model/words.ts";
import { command, text, toggle } from "../../command.ts";
import { printable, printLine, Report } from "../../output.ts";
import { askYes } from "../../prompt.ts";

export default command({
  about: "Come to live on somebody's server, by their invitation",
  details: "On your own computer: your key signs that you want to, and never leaves it.",
  json: true,
  flags: {
    key: text("person", "Which of your keys; needed when you have several"),
    yes: toggle("Do not ask whether the server is the right one"),
  },
  arguments: [{ name: "invitation", about: "The line they gave you, in quotes" }],
  async run(context, flags, line) {
    const identity = await import("../../../runtime/mod.ts");
    const invitation = identity.parseInvitation(line!);
    const tools = await context.keys();
    const { fingerprint: person } = await identity.choosePerson(tools, flags.key);
    const certificate = await identity.certificateOf(tools, person);
    const transport = await context.network();
    try {
      const ports = { ...tools, transport };
      const host = await identity.meetHost(ports, invitation).catch(explainAway);
      const { stderr } = context.streams;
      for (const one of identity.explainHost(host)) await printLine(stderr, printable(one));
      if (!flags.yes && !await askYes(context, "Join?")) {
        throw new PeriError("denied", { op: "join", subject: "you said no" });
      }
      const sign = (document: string) => identity.signJoin(tools, person, document);
      await identity.joinHost(ports, host, invitation, { person, certificate, sign });
      const report = new Report(context, flags.json);
      const { endpoint: server, person: owner } = host.behalf;
      await report.add({ person, server, owner });
      await report.lines(() =>
        `${formatFingerprint(person)} lives at ${server} now\n` +
        "next: peri server add HOST:PORT --name NAME, as its owner tells you; then\n" +
        "      peri --on NAME pod install hey"
      );
      return 0;
    } finally {
      transport.close();
    }
  },
});

/** Nothing tries again by itself here. */
function explainAway(error: unknown): never {
  if (!(error instanceof PeriError) || error.kind !== "unreachable") throw error;
  const { kind, op, subject } = error;
  const hint = "the invitation stays good; try again when that server runs";
  throw new PeriError(kind, { op, subject, hint, cause: error });
}

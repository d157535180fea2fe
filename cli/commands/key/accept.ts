/** `peri key accept`. @module */

import { formatBase64, parseBase64 } from "../../../runtime/model/bytes.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { formatFingerprint } from "../../../runtime/model/words.ts";
import type { KeyTools } from "../../../runtime/mod.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { PASSPHRASE_FLAGS, passphraseSource, readInput } from "../../keys.ts";
import { printable, printLine, Report } from "../../output.ts";
import { askYes } from "../../prompt.ts";
import { ask, giveRing } from "../../trust.ts";

/** Longest link. */
const MAX_LINK_BYTES = 4_096;

export default command({
  about: "Take an invitation: show your key, and learn theirs",
  details:
    "The link says whose it is, so their key needs no comparing; with --sign yours signs it at " +
    "once. It works one time, for one key. - reads it from standard input, so that no history " +
    "of a shell keeps it.",
  json: true,
  flags: {
    sign: toggle("Sign their key, without asking"),
    key: text("key", "The key of yours to show; else your default key"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [{ name: "link", about: "What peri key invite printed" }],
  async run(context, flags, word) {
    const { choosePerson, parseLink, signMeeting } = await import("../../../runtime/mod.ts");
    const text = word === "-"
      ? new TextDecoder().decode(await readInput(context, MAX_LINK_BYTES))
      : word!;
    const link = parseLink(text);
    const tools = await context.keys(passphraseSource(flags));
    const own = (await choosePerson(tools, flags.key)).fingerprint;
    if (own === link.inviter) {
      const subject = "it is your own: send it to whom it is for";
      throw new PeriError("invalid", { op: "accept an invitation", subject });
    }
    const { document, ...shown } = await signMeeting(tools, own, link);
    const [record] = await ask(context, "invitation.accept", {
      server: link.server,
      document,
      signature: formatBase64(shown.signature),
      proof: formatBase64(shown.proof),
      certificate: formatBase64(shown.certificate),
    }, own);
    const certificate = parseBase64(String(record!.certificate));
    const { fingerprint, userIds } = await tools.pgp.inspect(certificate);
    if (fingerprint !== link.inviter) {
      const subject =
        `${link.server} shows the key ${fingerprint}, the link that of ${link.inviter}`;
      throw new PeriError("denied", { op: "accept an invitation", subject });
    }
    await printLine(
      context.streams.stderr,
      `This key is of whoever sent you the link:\n    ${formatFingerprint(fingerprint)}`,
    );
    for (const userId of userIds) {
      await printLine(context.streams.stderr, `    ${printable(userId)}`);
    }
    const signed = await maybeSign(context, tools, flags.sign, { own, certificate, userIds });
    const report = new Report(context, flags.json);
    await report.add({ person: fingerprint, userIds: [...userIds], server: link.server, signed });
    await report.lines(() =>
      signed
        ? `signed ${formatFingerprint(fingerprint)}  ${printable(userIds[0] ?? "")}`
        : `accepted; to sign their key later: peri key sign ${fingerprint}`
    );
    return 0;
  },
});

/** Without a terminal and without a word it is left for later. */
async function maybeSign(
  context: Context,
  tools: KeyTools,
  isWanted: boolean,
  { own, certificate, userIds }: {
    readonly own: Parameters<typeof giveRing>[2];
    readonly certificate: Parameters<typeof giveRing>[1];
    readonly userIds: readonly string[];
  },
): Promise<boolean> {
  const { signPerson } = await import("../../../runtime/mod.ts");
  const canAsk = context.streams.stdin.isTerminal && context.streams.stderr.isTerminal;
  if (!isWanted && !(canAsk && await askYes(context, "Do these names belong to them? Sign it?"))) {
    return false;
  }
  await giveRing(
    context,
    await signPerson(tools, own, certificate, { userIds, depth: 0, amount: 0 }),
    own,
  );
  return true;
}

/** `peri key revoke`. @module */

import { decodeUtf8 } from "../../../runtime/model/bytes.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import type { RevocationReason, RevocationWish } from "../../../runtime/mod.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { describeKey, KEY_ARGUMENT, PASSPHRASE_FLAGS, passphraseSource } from "../../keys.ts";
import { printLine, Report } from "../../output.ts";
import { askYes } from "../../prompt.ts";
import { publishChange } from "../../publish.ts";

const OP = "revoke the key";
/** A revocation certificate is one signature with an explanation. */
const MAX_FILE_BYTES = 64 * 1024;

const REASONS: Readonly<Record<RevocationReason, string>> = {
  compromised: "somebody else may have it",
  superseded: "another key takes its place",
  retired: "it is no longer used",
  unspecified: "no reason is given",
};

export default command({
  about: "Take a key out of use, for good",
  details:
    "Whoever learns of it believes nothing more that is signed with the key, also not what " +
    "was signed before; your server, when it is here, tells your friends. There is no way back. Without the secret key or its passphrase, " +
    "--certificate takes the revocation certificate that was written with the key.",
  json: true,
  flags: {
    reason: text("why", Object.keys(REASONS).join(", ")),
    note: text("text", "In your words, for everybody to read"),
    certificate: text("file", "A revocation certificate made earlier, by peri or gpg"),
    kept: toggle("The revocation certificate that peri keeps beside the key"),
    yes: toggle("Revoke without asking"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [KEY_ARGUMENT],
  async run(context, flags, wanted) {
    const { choosePerson, revokePerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const key = await choosePerson(tools, wanted);
    const wish = await wishOf(context, flags, () => tools.keyring.revocation(key.fingerprint));
    if (!flags.yes) await confirm(context, describeKey(key));
    const armor = await revokePerson(tools, key.fingerprint, wish);
    const report = new Report(context, flags.json);
    await report.add({ fingerprint: key.fingerprint, revoked: true, armor });
    await report.lines(() => `revoked: ${describeKey(key)}`);
    await publishChange(context, tools, key.fingerprint, flags.json);
    return 0;
  },
});

async function wishOf(
  context: Context,
  { reason, note, certificate, kept }: {
    readonly reason: string | undefined;
    readonly note: string | undefined;
    readonly certificate: string | undefined;
    readonly kept: boolean;
  },
  keptOne: () => Promise<string>,
): Promise<RevocationWish> {
  const isMade = certificate !== undefined || kept;
  if (isMade && (reason !== undefined || note !== undefined || certificate !== undefined && kept)) {
    const subject = "a revocation certificate made earlier has its own reason";
    throw new PeriError("invalid", { op: OP, subject, hint: "leave out --reason and --note" });
  }
  if (certificate !== undefined) {
    return { certificate: decodeUtf8(await context.files.read(certificate, MAX_FILE_BYTES)) };
  }
  if (kept) return { certificate: await keptOne() };
  return { reason: reasonOf(reason), text: note ?? "" };
}

function reasonOf(word: string | undefined): RevocationReason {
  if (word !== undefined && Object.hasOwn(REASONS, word)) return word as RevocationReason;
  const lines = Object.entries(REASONS).map(([reason, meaning]) => `${reason} (${meaning})`);
  throw new PeriError("invalid", {
    op: OP,
    subject: word === undefined ? "no reason is given" : `${JSON.stringify(word)} is no reason`,
    hint: `--reason ${lines.join(", ")}`,
  });
}

async function confirm(context: Context, name: string): Promise<void> {
  await printLine(context.streams.stderr, `This ends ${name}`);
  await printLine(context.streams.stderr, "and everything that it has signed, for good.");
  if (await askYes(context, "Revoke it?")) return;
  throw new PeriError("denied", { op: OP, subject: "you said no" });
}

/** `peri key vouch`. @module */

import { formatBase64 } from "../../../runtime/model/bytes.ts";
import type { Json, JsonRecord } from "../../../runtime/model/control.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import {
  type Fingerprint,
  formatFingerprint,
  parseFingerprint,
} from "../../../runtime/model/words.ts";
import type { KeyTools, Lineage, Petition } from "../../../runtime/mod.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { PASSPHRASE_FLAGS, passphraseSource } from "../../keys.ts";
import { readLineage, showKeys, tellLineage, warnUntold, writeLineage } from "../../lineage.ts";
import { printLine, Report } from "../../output.ts";
import { type Petitioned, petitionMeant } from "../../petition.ts";
import { ask, showFingerprint } from "../../trust.ts";
import { askYes } from "../../prompt.ts";

const OP = "vouch";

export default command({
  about: "Sign that a friend has a new key, after you have made sure of it",
  details:
    "FILE is the request that your friend has made with peri key succeed --by friends; without it, " +
    "one that came by letter (peri hey says so), and then the answer goes back by letter, too. Speak " +
    "with them first, in a way that a thief of their key or computer cannot imitate, and compare the " +
    "new fingerprint. A file in which nobody is asked any more is told to your server.",
  json: true,
  flags: {
    to: text("file", "Write the answer there; else to standard output"),
    key: text("key", "Your key that they have named; else the one that fits"),
    for: text("key", "Which of the letters: how the new key begins, or your name for its person"),
    fingerprint: text("hex", "The new key as they told you; it must be this one"),
    refuse: toggle("Let go of the letter; nobody is told"),
    yes: toggle("You have made sure of it; a letter needs --fingerprint, too"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [{ name: "file", about: "The request; without it a letter", count: "optional" }],
  async run(context, flags, file) {
    const { readPetition, signStatement, withSuccession } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const letter = file === undefined ? await petitionMeant(context, flags.for) : undefined;
    if (letter !== undefined && flags.refuse) return await refuse(context, letter, flags.json);
    const lineage = letter?.lineage ?? await readLineage(context, file!);
    if (letter === undefined && await tellWhole(context, tools, lineage, flags.json)) return 0;
    const petition = await readPetition(tools, lineage);
    const own = await ownKey(tools, petition, flags.key);
    await show(context, petition);
    await compare(context, petition, { ...flags, isLetter: letter !== undefined });
    const signed = await signStatement(
      tools,
      petition.signed,
      [{ person: own }],
      "vouch for a friend",
    );
    const answer = withSuccession(lineage, signed);
    if (letter !== undefined) {
      const { encodeLineage } = await import("../../../runtime/mod.ts");
      const { from, to } = letter;
      await ask(context, "key.answer", { from, to, lineage: formatBase64(encodeLineage(answer)) });
    }
    const isWritten = letter === undefined && !flags.json || flags.to !== undefined;
    if (isWritten) await writeLineage(context, answer, flags.to);
    const { vouched } = await readPetition(tools, answer);
    const need = petition.recovery.friends!.need;
    const { from, to } = petition.succession;
    if (flags.json) {
      await new Report(context, true).add({ from, to, vouched: vouched.length, need });
    }
    const next = letter === undefined
      ? `send ${flags.to ?? "the lines above"} back to them`
      : "your answer goes to them by letter";
    await printLine(context.streams.stderr, `${vouched.length} of ${need} have signed; ${next}`);
    return 0;
  },
});

async function refuse(context: Context, { from, to }: Petitioned, json: boolean): Promise<number> {
  await ask(context, "key.answer", { from, to, refuse: true });
  const report = new Report(context, json);
  await report.add({ from, to, refused: true });
  await report.lines(() => "let go of it; nobody is told");
  return 0;
}

/**
 * Nothing that came by letter is signed because it came: the person says yes to what they have
 * compared, or names the key that they were told.
 */
async function compare(
  context: Context,
  { succession: { to } }: Petition,
  { yes, fingerprint, isLetter }: {
    readonly yes: boolean;
    readonly fingerprint: string | undefined;
    readonly isLetter: boolean;
  },
): Promise<void> {
  if (fingerprint !== undefined && parseFingerprint(fingerprint) !== to) {
    const subject = `the new key is ${formatFingerprint(to)}, not the one that you were told`;
    throw new PeriError("denied", { op: OP, subject, hint: "somebody may be deceiving you" });
  }
  if (yes && (fingerprint !== undefined || !isLetter)) return;
  if (yes) {
    const subject = "a letter proves nothing of who wrote it";
    const hint = "--fingerprint with the new key, as they told you by another way";
    throw new PeriError("denied", { op: OP, subject, hint });
  }
  if (isLetter) await showFingerprint(context, to);
  if (await askYes(context, "Are you sure that it is them, and sign this?")) return;
  throw new PeriError("denied", { op: OP, subject: "you said no" });
}

/** A lineage in which everything is signed is for the book of this home's server. */
async function tellWhole(
  context: Context,
  tools: KeyTools,
  lineage: Lineage,
  json: boolean,
): Promise<boolean> {
  const { checkLineage, successionOf } = await import("../../../runtime/mod.ts");
  const held = await checkLineage(tools.pgp, lineage, tools.clock.nowMs()).catch((error) => {
    if (error instanceof PeriError && error.kind === "denied") return undefined;
    throw error;
  });
  if (held === undefined) return false;
  const person = await tools.keyring.defaultKey() ?? held.person;
  const told = await tellLineage(context, tools, lineage, person);
  if (told === undefined) await warnUntold(context);
  const report = new Report(context, json);
  const said = successionOf(held)?.to;
  // The server may know a succession that stands over this one.
  const known = told?.succession as JsonRecord | undefined;
  const to = told === undefined ? said : known?.to;
  await report.add({ from: held.person, to: to ?? null, told: told !== undefined });
  const isDisputed = said === undefined && told?.disputed === true;
  await report.lines(() =>
    isDisputed ? explainDispute(held.person) : explain(held.person, said, to)
  );
  return true;
}

function explainDispute(person: Fingerprint): string {
  return `that does not count: another recovery of ${
    formatFingerprint(person)
  } was known before, and ` +
    "the key\nmay be stolen";
}

function explain(from: Fingerprint, said: Fingerprint | undefined, to: Json | undefined): string {
  const old = formatFingerprint(from);
  if (to === undefined) return `who may name a successor of ${old} is known`;
  const known = `${formatFingerprint(parseFingerprint(String(to)))} stands in the place of ${old}`;
  return said === undefined || said === to ? known : `that does not count: ${known}`;
}

async function ownKey(tools: KeyTools, { recovery, succession }: Petition, wanted?: string) {
  const { choosePerson } = await import("../../../runtime/mod.ts");
  const named = recovery.friends?.of ?? [];
  const mine = (await tools.keyring.list()).map(({ fingerprint }) => fingerprint);
  const own = wanted === undefined
    ? mine.find((one) => named.includes(one))
    : (await choosePerson(tools, wanted)).fingerprint;
  if (own === undefined || !named.includes(own)) {
    const subject = "none of your keys is a friend that they have named";
    throw new PeriError("denied", { op: OP, subject });
  }
  if (own !== succession.to) return own;
  throw new PeriError("denied", { op: OP, subject: "nobody vouches for themselves" });
}

async function show(context: Context, { succession, vouched, recovery }: Petition): Promise<void> {
  const { from, to, reason } = succession;
  const { stderr } = context.streams;
  await printLine(
    stderr,
    `Somebody who has named you as a friend says that their key was ${reason}.`,
  );
  await showKeys(context, [["old key", from], ["new key", to]]);
  const need = recovery.friends?.need ?? 0;
  await printLine(
    stderr,
    `${vouched.length} of ${need} friends have signed. With your signature the`,
  );
  await printLine(
    stderr,
    "new key can take all that the old one had: their pods, letters and name.",
  );
}

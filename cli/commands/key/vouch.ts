/** `peri key vouch`. @module */

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
import { askYes } from "../../prompt.ts";

const OP = "vouch";

export default command({
  about: "Sign that a friend has a new key, after you have made sure of it",
  details:
    "FILE is the request that your friend has made with peri key succeed --by friends. Speak with " +
    "them first, in a way that a thief of their key or computer cannot imitate, and compare the new " +
    "fingerprint. The answer goes back to them. A file in which nobody is asked any more is told to " +
    "your server.",
  json: true,
  flags: {
    to: text("file", "Write the answer there; else to standard output"),
    key: text("key", "Your key that they have named; else the one that fits"),
    yes: toggle("You have made sure of it"),
    ...PASSPHRASE_FLAGS,
  },
  arguments: [{ name: "file", about: "The request" }],
  async run(context, flags, file) {
    const { readPetition, signStatement, withSuccession } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const lineage = await readLineage(context, file!);
    const told = await tellWhole(context, tools, lineage, flags.json);
    if (told) return 0;
    const petition = await readPetition(tools, lineage);
    const own = await ownKey(tools, petition, flags.key);
    await show(context, petition);
    if (!flags.yes && !await askYes(context, "Are you sure that it is them, and sign this?")) {
      throw new PeriError("denied", { op: OP, subject: "you said no" });
    }
    const signed = await signStatement(
      tools,
      petition.signed,
      [{ person: own }],
      "vouch for a friend",
    );
    const answer = withSuccession(lineage, signed);
    if (!flags.json || flags.to !== undefined) await writeLineage(context, answer, flags.to);
    const { vouched } = await readPetition(tools, answer);
    const need = petition.recovery.friends!.need;
    const { from, to } = petition.succession;
    if (flags.json) {
      await new Report(context, true).add({ from, to, vouched: vouched.length, need });
    }
    await printLine(
      context.streams.stderr,
      `${vouched.length} of ${need} have signed; send ${
        flags.to ?? "the lines above"
      } back to them`,
    );
    return 0;
  },
});

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

/** `peri key recovery`. @module */

import { encodeUtf8 } from "../../../runtime/model/bytes.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { type Fingerprint, formatFingerprint } from "../../../runtime/model/words.ts";
import type { KeyTools, Lineage, PersonKey, StatementSigner } from "../../../runtime/mod.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { PASSPHRASE_FLAGS, passphraseSource, warn } from "../../keys.ts";
import {
  knownLineage,
  openPaper,
  personCalled,
  RECOVERY_FLAGS,
  tellLineage,
  writeLineage,
} from "../../lineage.ts";
import { Report } from "../../output.ts";

const OP = "name a recovery";
const WHAT = ["show", "init", "friends"];

export default command({
  about: "Say beforehand who may name another key in place of yours",
  details:
    "init makes a recovery key for a drawer: --to FILE, --paper for lines to print. friends BOB CAROL " +
    "DAVE --need 2 names people of whom so many together may. show, or no word, says what is named; " +
    "--export FILE keeps it apart from your server. What is named first stays: a thief of your key " +
    "cannot change it, and neither can you without --consent, the recovery key of before. Friends are " +
    "told.",
  json: true,
  flags: {
    to: text("file", "Write the recovery key there, where nothing is yet"),
    paper: toggle("As lines to print and to type or scan again, instead of ASCII armor"),
    newPassphraseFile: text("file", "With init: passphrase for it, the first line of a file"),
    need: text("n", "How many of the friends must agree; 2 unless you say otherwise"),
    consent: text("file", "The recovery key named before, which agrees to be replaced"),
    export: text("file", "With show: write the statements there"),
    key: text("key", "Which of your keys; else your default key"),
    ...RECOVERY_FLAGS,
    ...PASSPHRASE_FLAGS,
  },
  arguments: [
    {
      name: "show|init|friends",
      about: "What to do",
      count: "optional",
      complete: () => Promise.resolve(WHAT),
    },
    { name: "friends", about: "Names or fingerprints of people", count: "many" },
  ],
  async run(context, flags, what = "show", ...friends) {
    const { choosePerson } = await import("../../../runtime/mod.ts");
    const tools = await context.keys(passphraseSource(flags));
    const person = await choosePerson(tools, flags.key);
    const known = await knownLineage(context, person.fingerprint, undefined);
    const report = new Report(context, flags.json);
    let shown = known;
    if (what === "show") {
      if (flags.export !== undefined) await writeLineage(context, known, flags.export);
    } else if (what === "init" || what === "friends") {
      const wish = what === "init" ? { init: flags } : { friends, need: flags.need };
      const consent = flags.consent === undefined
        ? []
        : [await openPaper(context, flags.consent, flags.recoveryPassphraseFile, tools)];
      const { named, paper } = await name(context, tools, person, known, wish, consent);
      // First the paper: a key that is named and lost could never be replaced.
      await keep(context, named, paper, flags.to);
      if (await tellLineage(context, tools, named, person.fingerprint) === undefined) {
        await untold(context, named, paper, flags.to);
      }
      shown = named;
    } else {
      const subject = `${JSON.stringify(what)} is none of show, init, friends`;
      throw new PeriError("invalid", { op: OP, subject });
    }
    await show(report, person, shown);
    return 0;
  },
});

interface InitFlags {
  readonly to: string | undefined;
  readonly paper: boolean;
  readonly newPassphraseFile: string | undefined;
}

type Wish =
  | { readonly init: InitFlags }
  | { readonly friends: readonly string[]; readonly need: string | undefined };

/** The new statement keeps what the one before says of the other way. */
async function name(
  context: Context,
  tools: KeyTools,
  person: PersonKey,
  known: Lineage,
  wish: Wish,
  consent: readonly StatementSigner[],
): Promise<{ readonly named: Lineage; readonly paper?: string }> {
  const { makeRecoveryKey, nameRecovery } = await import("../../../runtime/mod.ts");
  const before = await lastOf(known);
  if (before !== undefined && consent.length === 0) throw unmoved(person.fingerprint);
  const kept = {
    ...(before?.key && { key: before.key }),
    ...(before?.friends && { friends: before.friends }),
  };
  if ("friends" in wish) {
    const friends = await friendsOf(context, wish.friends, wish.need, person.fingerprint);
    const terms = { person: person.fingerprint, ...kept, friends };
    return { named: await nameRecovery(tools, known, terms, consent) };
  }
  const { to, paper: isPaper, newPassphraseFile: file } = wish.init;
  await refuseTaken(context, to);
  const fresh = (await context.keys(file === undefined ? { isFresh: true } : { file })).passphrase;
  const paper = await makeRecoveryKey(tools, person, { fresh, isPaper });
  const terms = { person: person.fingerprint, ...kept, key: paper.fingerprint };
  return { named: await nameRecovery(tools, known, terms, consent), paper: paper.text };
}

async function friendsOf(
  context: Context,
  names: readonly string[],
  need: string | undefined,
  actor: Fingerprint,
) {
  if (names.length === 0) {
    const hint = "peri key recovery friends bob carol dave --need 2";
    throw new PeriError("invalid", { op: "name a recovery", subject: "no friend is named", hint });
  }
  const of: Fingerprint[] = [];
  for (const one of names) of.push(await personCalled(context, one, actor));
  return { need: Number(need ?? Math.min(2, of.length)), of };
}

/** The recovery key with the statement that names it: with both a server is not needed. */
async function keep(
  context: Context,
  named: Lineage,
  paper: string | undefined,
  path: string | undefined,
): Promise<void> {
  if (paper === undefined) return;
  const { encodeLineage, formatLineage } = await import("../../../runtime/mod.ts");
  const bytes = encodeUtf8(`${paper}\n${formatLineage(encodeLineage(named))}`);
  if (path === undefined) await context.streams.stdout.write(bytes);
  else await context.files.write(path, [bytes], { isNew: true, isSecret: true });
}

/** Nobody was told: the statement must not be lost, for another first one would contradict it. */
async function untold(
  context: Context,
  named: Lineage,
  paper: string | undefined,
  path: string | undefined,
): Promise<void> {
  if (paper === undefined) await writeLineage(context, named, undefined);
  const where = paper === undefined ? "the lines above in a file" : path ?? "what is printed above";
  await warn(
    context,
    `no server of yours keeps it yet. Name no other, and when there is one: peri key vouch FILE, ` +
      `with ${where}`,
  );
}

async function refuseTaken(context: Context, path: string | undefined): Promise<void> {
  if (path === undefined || !await context.files.exists(path)) return;
  const subject = `${path} is there already`;
  throw new PeriError("exists", { op: "write file", subject, hint: "choose another name" });
}

async function lastOf({ recoveries }: Lineage) {
  const { parseRecovery } = await import("../../../runtime/mod.ts");
  const last = recoveries.at(-1);
  return last && parseRecovery(last.document);
}

async function show(
  report: Report,
  person: PersonKey,
  known: Lineage,
): Promise<void> {
  const last = await lastOf(known);

  await report.add({
    person: person.fingerprint,
    serial: last?.serial ?? 0,
    key: last?.key ?? null,
    need: last?.friends?.need ?? 0,
    friends: [...last?.friends?.of ?? []],
  });
  await report.lines(() => {
    if (last === undefined) {
      return "nobody is named: a lost key is a lost person. peri key recovery init";
    }
    const lines = [`statement ${last.serial}; another key may be named in place of yours`];
    if (last.key !== undefined) lines.push(`  by the recovery key ${formatFingerprint(last.key)}`);
    if (last.friends === undefined) return lines.join("\n");
    lines.push(`  by ${last.friends.need} of`);
    return [...lines, ...last.friends.of.map((one) => `    ${formatFingerprint(one)}`)].join("\n");
  });
}

function unmoved(person: Fingerprint): PeriError {
  return new PeriError("denied", {
    op: OP,
    subject: `${person} has named a recovery, which must agree to be replaced`,
    hint:
      "--consent FILE with the recovery key; without it, go on with a new key: peri key succeed",
  });
}

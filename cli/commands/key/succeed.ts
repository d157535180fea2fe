/** `peri key succeed`. @module */

import { formatBase64 } from "../../../runtime/model/bytes.ts";
import type { JsonRecord } from "../../../runtime/model/control.ts";
import { PeriError } from "../../../runtime/model/errors.ts";
import { type Fingerprint, formatFingerprint } from "../../../runtime/model/words.ts";
import type {
  KeyTools,
  Lineage,
  StatementSigner,
  SuccessionKind,
  SuccessionReason,
} from "../../../runtime/mod.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context, Signer } from "../../context.ts";
import { control } from "../../control.ts";
import { PASSPHRASE_FLAGS, passphraseSource, warn } from "../../keys.ts";
import {
  knownLineage,
  openPaper,
  personCalled,
  readLineage,
  RECOVERY_FLAGS,
  showKeys,
  writeLineage,
} from "../../lineage.ts";
import { answersTo, askByLetter } from "../../petition.ts";
import { tellFar, unheard } from "../../announce.ts";
import { changeIdentity } from "../../far.ts";
import { formatValue, printLine, Report } from "../../output.ts";
import { askYes } from "../../prompt.ts";

const OP = "succeed";

export default command({
  about: "Put another key of yours in the place of one that is lost, stolen or old",
  details:
    "The right comes from the old key itself (--by key, the default), from the recovery key " +
    "(--by recovery --recovery FILE), or from friends: --by friends writes a request, they answer " +
    "with peri key vouch, and peri key succeed ANSWER ANSWER puts the answers together. With --ask " +
    "they are asked by letter of hey, and --answers puts together what came back. Your pods " +
    "on the server of this computer, or on the one that --on names, go on under the new key; friends " +
    "and the names that people gave you follow. A server elsewhere hears of it by the old key, or " +
    "when that is not here, at its address: --server URL. Each further server of yours: the same " +
    "with --on and the --statement that --out wrote.",
  json: true,
  flags: {
    to: text("key", "The new key, which is in your keyring: peri key init makes one"),
    from: text("key", "The old key, a fingerprint; else whose server this is"),
    by: text("whom", "key, recovery or friends"),
    recovery: text("file", "The recovery key as it was written"),
    statement: text("file", "What the old key has named, when no server here knows it"),
    ask: toggle("With --by friends: ask them by letter, all whom the old key has named"),
    answers: toggle("Put together what they have answered by letter"),
    reason: text("why", "lost, stolen or replaced"),
    out: text("file", "Write the request, or what was signed, there"),
    server: text("url", "Where others reach the server of --on, when the old key is not here"),
    yes: toggle("Sign without asking"),
    ...RECOVERY_FLAGS,
    ...PASSPHRASE_FLAGS,
  },
  arguments: [{ name: "answers", about: "Files with what friends have signed", count: "many" }],
  async run(context, flags, ...answers) {
    const tools = await context.keys(passphraseSource(flags));
    const isGathered = answers.length > 0 || flags.answers;
    const plan = isGathered
      ? await gathered(context, tools, answers, flags)
      : await begun(context, tools, flags);
    const { lineage, from, to } = plan;
    if (plan.missing > 0) {
      if (flags.ask) return await askByLetter(context, plan, flags);
      return await petition(context, plan, { ...flags, isNew: !isGathered });
    }
    if (flags.out !== undefined) await writeLineage(context, lineage, flags.out);
    if (!flags.yes) await confirm(context, from, to);
    if (context.at !== undefined) await tellFar(context, tools, plan, flags.server);
    const record = await takeOver(context, tools, plan, flags.yes);
    await tools.keyring.setDefault(to);
    if (context.at !== undefined) await changeIdentity(context);
    const report = new Report(context, flags.json);
    await report.add(record ?? { from, to, pods: 0 });
    await report.lines(() => explain(record, to));
    return 0;
  },
});

/** A succession, and how many friends have yet to sign it. */
interface Plan {
  readonly lineage: Lineage;
  readonly from: Fingerprint;
  readonly to: Fingerprint;
  readonly missing: number;
}

interface Wishes {
  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly by: string | undefined;
  readonly recovery: string | undefined;
  readonly recoveryPassphraseFile: string | undefined;
  readonly statement: string | undefined;
  readonly reason: string | undefined;
  readonly ask: boolean;
}

async function begun(context: Context, tools: KeyTools, flags: Wishes): Promise<Plan> {
  const { choosePerson, nameSuccessor } = await import("../../../runtime/mod.ts");
  const to = (await choosePerson(tools, newKey(flags.to))).fingerprint;
  const from = await oldKey(context, tools, flags, to);
  const known = await knownLineage(context, from, flags.statement ?? flags.recovery, to);
  const by = kindOf(flags);
  const settled = await alreadyNamed(known, to, by);
  if (settled) return { lineage: known, from, to, missing: 0 };
  const reason = await reasonOf(flags.reason, by);
  const signers = await signersFor(context, tools, by, from, flags);
  const lineage = await nameSuccessor(tools, known, { from, to, by, reason }, signers);
  if (by !== "friends") return { lineage, from, to, missing: 0 };
  return await planOf(tools, lineage);
}

function newKey(to: string | undefined): string {
  if (to !== undefined) return to;
  const hint = 'peri key init --name "Your Name"; peri key succeed --to NEW';
  throw new PeriError("invalid", { op: OP, subject: "no new key is named", hint });
}

/** What friends have sent back. */
async function gathered(
  context: Context,
  tools: KeyTools,
  answers: readonly string[],
  flags: Wishes & { readonly answers: boolean },
): Promise<Plan> {
  const { joinPetitions } = await import("../../../runtime/mod.ts");
  const copies: Lineage[] = flags.answers ? await byLetter(context, tools, flags) : [];
  for (const path of answers) copies.push(await readLineage(context, path));
  return await planOf(tools, joinPetitions(copies));
}

async function planOf(tools: KeyTools, lineage: Lineage): Promise<Plan> {
  const { readPetition } = await import("../../../runtime/mod.ts");
  const { succession, recovery, vouched } = await readPetition(tools, lineage);
  const { from, to } = succession;
  const counted = vouched.filter((one) => one !== to && one !== from).length;
  return { lineage, from, to, missing: Math.max(0, (recovery.friends?.need ?? 0) - counted) };
}

/** What friends have sent by letter; who was asked and has not answered is said. */
async function byLetter(context: Context, tools: KeyTools, flags: Wishes): Promise<Lineage[]> {
  const { choosePerson } = await import("../../../runtime/mod.ts");
  const to = (await choosePerson(tools, newKey(flags.to))).fingerprint;
  return await answersTo(context, await oldKey(context, tools, flags, to), to);
}

/** Not enough have signed: the request is given out, or what is missing of the answers said. */
async function petition(
  context: Context,
  { lineage, missing, from, to }: Plan,
  { out, json, isNew }: {
    readonly out: string | undefined;
    readonly json: boolean;
    readonly isNew: boolean;
  },
): Promise<number> {
  if (out !== undefined || isNew && !json) await writeLineage(context, lineage, out);
  if (json) await new Report(context, true).add({ from, to, missing });
  const { stderr } = context.streams;
  const more = `${missing} more of your friends must sign`;
  if (!isNew) {
    await printLine(stderr, `${more}; give peri key succeed all answers at once`);
    return json ? 0 : 1;
  }
  const where = out ?? "the lines above, as a file";
  await printLine(stderr, `${more}. Give them ${where}; they type: peri key vouch FILE`);
  await printLine(stderr, "Then: peri key succeed ANSWER ANSWER");
  return 0;
}

/** Has the server of this home go on under the new key; none when there is no server. */
async function takeOver(
  context: Context,
  tools: KeyTools,
  { lineage, to }: Plan,
  yes: boolean,
): Promise<JsonRecord | undefined> {
  const { certificateOf, checkLineage, encodeLineage } = await import("../../../runtime/mod.ts");
  await checkLineage(tools.pgp, lineage, tools.clock.nowMs());
  const records: JsonRecord[] = [];
  const report = { add: (record: JsonRecord) => Promise.resolve(void records.push(record)) };
  const wishes = {
    lineage: formatBase64(encodeLineage(lineage)),
    certificate: formatBase64(await certificateOf(tools, to)),
  };
  try {
    // What was revoked stays so under the new key, which is signed as well.
    const taking = { report, yes, person: to, fits: () => true };
    await control(await signingWith(context, tools), "key.succeed", wishes, taking);
  } catch (error) {
    if (!(error instanceof PeriError)) throw error;
    const { at } = context;
    if (at !== undefined && error.op === `reach ${at.name}` && error.kind === "denied") {
      throw unheard(error, at.name);
    }
    if (at !== undefined || error.kind !== "not-found") throw error;
    await warn(context, `no server here was told (${error.message})`);
  }
  return records[0];
}

/** The same context; pods are signed for with the keys as the flags open them, unlocked once. */
async function signingWith(context: Context, tools: KeyTools): Promise<Context> {
  const [{ signBehalf, signBehalfs }, { rememberPassphrase }] = await Promise.all([
    import("../../../runtime/mod.ts"),
    import("../../passphrase.ts"),
  ]);
  const own = { ...tools, passphrase: rememberPassphrase(tools.passphrase) };
  const signer: Signer = {
    ...await context.signer(),
    signBehalf: (person, document) => signBehalf(own, person, document),
    signBehalfs: (person, documents) => signBehalfs(own, person, documents),
  };
  return Object.create(context, { signer: { value: () => Promise.resolve(signer) } });
}

async function oldKey(
  context: Context,
  tools: KeyTools,
  { from, by, recovery, statement }: Wishes,
  to: Fingerprint,
): Promise<Fingerprint> {
  const { choosePerson, parseRecovery } = await import("../../../runtime/mod.ts");
  if (from !== undefined) return await keyCalled(context, tools, from);
  const path = statement ?? (by === "recovery" ? recovery : undefined);
  const [first] = path === undefined
    ? []
    : (await readLineage(context, path).catch(() => undefined))?.recoveries ?? [];
  if (first !== undefined) return parseRecovery(first.document).person;
  const preferred = await tools.keyring.defaultKey();
  if (preferred !== undefined && preferred !== to) return preferred;
  const others = (await tools.keyring.list()).filter(({ fingerprint }) => fingerprint !== to);
  if (others.length === 1) return (await choosePerson(tools, others[0]!.fingerprint)).fingerprint;
  throw new PeriError("invalid", {
    op: OP,
    subject: "it is not clear which key is succeeded",
    hint: "--from FINGERPRINT names the old key",
  });
}

/** One of the keys here, else somebody whom a server knows. */
async function keyCalled(context: Context, tools: KeyTools, name: string): Promise<Fingerprint> {
  const { choosePerson } = await import("../../../runtime/mod.ts");
  try {
    return (await choosePerson(tools, name)).fingerprint;
  } catch (error) {
    if (!(error instanceof PeriError) || error.kind !== "not-found") throw error;
    return await personCalled(context, name);
  }
}

function kindOf({ by, recovery, ask }: Wishes): SuccessionKind {
  const kind = by ?? (ask ? "friends" : recovery === undefined ? "key" : "recovery");
  if (ask && kind !== "friends") {
    const subject = `nobody need be asked when the right comes by ${kind}`;
    throw new PeriError("invalid", { op: OP, subject, hint: "--by friends --ask" });
  }
  if (kind === "key" || kind === "recovery" || kind === "friends") return kind;
  const subject = `${JSON.stringify(kind)} gives no right to succeed`;
  throw new PeriError("invalid", { op: OP, subject, hint: "--by key, recovery or friends" });
}

async function signersFor(
  context: Context,
  tools: KeyTools,
  by: SuccessionKind,
  from: Fingerprint,
  { recovery: path, recoveryPassphraseFile }: Wishes,
): Promise<StatementSigner[]> {
  if (by === "friends") return [];
  if (by === "key") return [{ person: from }];
  if (path === undefined) {
    const hint = "--recovery FILE";
    throw new PeriError("invalid", { op: OP, subject: "no recovery key is given", hint });
  }
  return [await openPaper(context, path, recoveryPassphraseFile, tools)];
}

async function reasonOf(word: string | undefined, by: string): Promise<SuccessionReason> {
  const { REASONS } = await import("../../../runtime/mod.ts");
  const reason = word ?? (by === "key" ? "replaced" : undefined);
  const known = REASONS.find((one) => one === reason);
  if (known !== undefined) return known;
  const subject = reason === undefined ? "no reason is given" : `${JSON.stringify(reason)} is none`;
  throw new PeriError("invalid", { op: OP, subject, hint: `--reason ${REASONS.join(", ")}` });
}

/** The same again, after a server was not reached, signs nothing anew. */
async function alreadyNamed(
  { successions }: Lineage,
  heir: Fingerprint,
  wanted: SuccessionKind,
): Promise<boolean> {
  const { KINDS, parseSuccession } = await import("../../../runtime/mod.ts");
  const last = successions.at(-1);
  if (last === undefined) return false;
  const { to, by } = parseSuccession(last.document);
  return to === heir && KINDS.indexOf(by) >= KINDS.indexOf(wanted);
}

async function confirm(context: Context, from: Fingerprint, to: Fingerprint): Promise<void> {
  await showKeys(context, [["old key", from], ["new key", to]]);
  if (await askYes(context, "Put the new key in the place of the old one, for good?")) return;
  throw new PeriError("denied", { op: OP, subject: "you said no" });
}

function explain(record: JsonRecord | undefined, to: Fingerprint): string {
  const now = `${formatFingerprint(to)} is your key now.`;
  if (record === undefined) return now;
  if (record.pods === 0) {
    return `${now}\nNo pod of yours is on the server; it knows you by the new key.`;
  }
  const pods = `${formatValue(record.pods)} ${
    record.pods === 1 ? "pod goes" : "pods go"
  } on under it`;
  return `${now}\n${pods}; your server begins anew with that, and tells your friends.`;
}

/**
 * Writing statements about a person and signing them: with keys of this computer, with a recovery key
 * from its paper, or by friends, one after the other.
 *
 * @module
 */

import { type Bytes, encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Fingerprint } from "../../model/words.ts";
import { certificateOf, type KeyTools, showPerson } from "../person.ts";
import { openSigning } from "../sign.ts";
import { signersOf } from "./check.ts";
import type { Lineage, Signed, StatementSignature } from "./lineage.ts";
import { idOf } from "./lines.ts";
import { draftRecovery, formatRecovery, parseRecovery, type Recovery } from "./recovery.ts";
import {
  draftSuccession,
  formatSuccession,
  KINDS,
  parseSuccession,
  type Succession,
  type SuccessionKind,
  type SuccessionReason,
} from "./succession.ts";

/** Whoever signs a statement: a person of the keyring, or an opened secret key. */
export type StatementSigner =
  | { readonly person: Fingerprint }
  | { readonly secretKey: Bytes };

/** A statement with further signatures. @throws {PeriError} as `openSigning`. */
export async function signStatement(
  tools: KeyTools,
  statement: Signed,
  signers: readonly StatementSigner[],
  purpose: string,
): Promise<Signed> {
  const signatures = [...statement.signatures];
  for (const signer of signers) {
    const made = await signatureOf(tools, statement.document, signer, purpose);
    const { fingerprint } = await tools.pgp.inspect(made.certificate);
    const others = await Promise.all(
      signatures.map(async ({ certificate }) => (await tools.pgp.inspect(certificate)).fingerprint),
    );
    if (!others.includes(fingerprint)) signatures.push(made);
  }
  return { ...statement, signatures };
}

async function signatureOf(
  tools: KeyTools,
  document: string,
  signer: StatementSigner,
  purpose: string,
): Promise<StatementSignature> {
  const { pgp } = tools;
  const content = encodeUtf8(document);
  if ("secretKey" in signer) {
    const certificate = await pgp.publicPart(signer.secretKey);
    return {
      certificate: await pgp.merge(certificate, certificate),
      signature: await pgp.sign(signer.secretKey, content),
    };
  }
  const key = await showPerson(tools, signer.person);
  const certificate = await certificateOf(tools, signer.person);
  const signature = await (await openSigning(tools, key, { what: purpose, certificate }))(content);
  await pgp.verify(certificate, content, signature, tools.clock.nowMs());
  // Without what others have signed: it travels with the statement for good.
  return { certificate: await pgp.merge(certificate, certificate), signature };
}

/**
 * A recovery statement behind those that are known, signed by the person; whoever must consent is to
 * sign it, too.
 *
 * @throws {PeriError} `invalid` when it cannot stand, and as {@link signStatement}.
 */
export async function nameRecovery(
  tools: KeyTools,
  { recoveries }: Pick<Lineage, "recoveries">,
  terms: Pick<Recovery, "person" | "key" | "friends">,
  consent: readonly StatementSigner[],
): Promise<Lineage> {
  const before = recoveries.at(-1);
  const recovery = draftRecovery({
    ...terms,
    serial: recoveries.length + 1,
    issuedMs: tools.clock.nowMs(),
    ...(before === undefined ? {} : { replaces: idOf(before.document) }),
  });
  const statement = { document: formatRecovery(recovery), signatures: [] };
  const signers = [{ person: terms.person }, ...consent];
  const signed = await signStatement(tools, statement, signers, "name your recovery");
  return { recoveries: [...recoveries, signed], successions: [] };
}

/** What a succession is to say. */
export interface SuccessionWish {
  readonly from: Fingerprint;
  readonly to: Fingerprint;
  readonly by: SuccessionKind;
  readonly reason: SuccessionReason;
}

/**
 * A succession beside what is known, signed by the successor and by these; friends are to sign it yet.
 * By a key that has named no recovery it comes with one that nobody has.
 *
 * @throws {PeriError} `not-found` when no recovery is known that could give the right, `invalid`.
 */
export async function nameSuccessor(
  tools: KeyTools,
  before: Lineage,
  wish: SuccessionWish,
  signers: readonly StatementSigner[],
): Promise<Lineage> {
  const known = wish.by === "key" ? await closed(tools, before, wish.from) : before;
  const last = known.recoveries.at(-1);
  const recovery = wish.by === "key" ? undefined : rightOf(last, wish);
  const same = known.successions.map(({ document }) => parseSuccession(document))
    .find(({ by }) => by === wish.by);
  const succession = draftSuccession({
    ...wish,
    ...(recovery === undefined ? {} : { recovery }),
    serial: (same?.serial ?? 0) + 1,
    issuedMs: tools.clock.nowMs(),
  });
  const statement = { document: formatSuccession(succession), signatures: [] };
  const all = [{ person: wish.to }, ...signers];
  const signed = await signStatement(tools, statement, all, "take the place of the old key");
  return withSuccession(known, signed);
}

/**
 * A key that is left without a recovery names one that nobody has: whoever steals it later would name
 * their own, which stands over what the key has said before.
 */
async function closed(tools: KeyTools, known: Lineage, person: Fingerprint): Promise<Lineage> {
  if (known.recoveries.length > 0) return known;
  // Its secret is let go of here.
  const { fingerprint: key } = await tools.pgp.makePersonKey({ userId: "nobody", passphrase: "" });
  return {
    ...known,
    recoveries: (await nameRecovery(tools, known, { person, key }, [])).recoveries,
  };
}

/** A lineage with a succession in its place among the others. */
export function withSuccession(known: Lineage, signed: Signed): Lineage {
  const kindOf = ({ document }: Signed) => parseSuccession(document).by;
  const others = known.successions.filter((one) => kindOf(one) !== kindOf(signed));
  const successions = [...others, signed]
    .sort((a, b) => KINDS.indexOf(kindOf(a)) - KINDS.indexOf(kindOf(b)));
  return { ...known, successions };
}

/** What a friend is asked to sign: the succession by friends of a lineage, and who may sign it. */
export interface Petition {
  readonly signed: Signed;
  readonly succession: Succession;
  readonly recovery: Recovery;
  /** Friends who have signed. */
  readonly vouched: readonly Fingerprint[];
}

/**
 * Reads what friends are asked to sign; what stands there already is held against its signers.
 *
 * @throws {PeriError} `not-found` when the lineage asks friends for nothing, `denied` when a signature
 * does not hold or the successor has not signed, `damaged`.
 */
export async function readPetition(
  tools: Pick<KeyTools, "pgp" | "clock">,
  lineage: Lineage,
): Promise<Petition> {
  const op = "read what to vouch for";
  const signed = lineage.successions
    .find(({ document }) => parseSuccession(document).by === "friends");
  const last = lineage.recoveries.at(-1);
  if (signed === undefined || last === undefined) {
    throw new PeriError("not-found", { op, subject: "no friend is asked for anything in it" });
  }
  const succession = parseSuccession(signed.document);
  const recovery = parseRecovery(last.document);
  if (succession.recovery !== idOf(last.document) || recovery.person !== succession.from) {
    const subject = "it does not belong to the recovery statement that it brings";
    throw new PeriError("damaged", { op, subject });
  }
  const nowMs = tools.clock.nowMs();
  const signers = await signersOf(tools.pgp, signed, succession.issuedMs, nowMs);
  if (!signers.has(succession.to)) {
    throw new PeriError("denied", { op, subject: `${succession.to} has not signed it` });
  }
  const vouched = (recovery.friends?.of ?? []).filter((friend) => signers.has(friend));
  return { signed, succession, recovery, vouched };
}

/** One lineage with the signatures of several copies of one petition. @throws {PeriError} `conflict`. */
export function joinPetitions(copies: readonly Lineage[]): Lineage {
  const [first] = copies;
  const documentOf = ({ successions }: Lineage) => successions.at(-1)?.document;
  if (first === undefined || copies.some((one) => documentOf(one) !== documentOf(first))) {
    const subject = "the files are answers to different requests";
    throw new PeriError("conflict", { op: "put signatures together", subject });
  }
  const seen = new Map<string, StatementSignature>();
  for (const { successions } of copies) {
    for (const one of successions.at(-1)?.signatures ?? []) {
      const name = one.certificate.toHex();
      if (!seen.has(name)) seen.set(name, one);
    }
  }
  const last = first.successions.at(-1)!;
  const joined = { document: last.document, signatures: [...seen.values()] };
  return { ...first, successions: [...first.successions.slice(0, -1), joined] };
}

function rightOf(last: Signed | undefined, { from, by }: SuccessionWish) {
  const recovery = last && parseRecovery(last.document);
  const isThere = by === "friends" ? recovery?.friends : recovery?.key;
  if (last !== undefined && isThere !== undefined) return idOf(last.document);
  throw new PeriError("not-found", {
    op: "name a successor",
    subject: `${from} has named no ${
      by === "friends" ? "friends" : "recovery key"
    } that is known here`,
    hint: "--statement FILE with the recovery statement: peri key recovery prints it",
  });
}

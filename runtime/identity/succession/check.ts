/**
 * Whether a lineage holds: every statement is signed by whom it needs, and by nobody else.
 *
 * @module
 */

import { encodeUtf8 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_CLOCK_SKEW_MS, STATEMENT_LIFE_MS } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Pgp } from "../../ports/pgp.ts";
import type { Lineage, Signed } from "./lineage.ts";
import { idOf, type StatementId } from "./lines.ts";
import { isEnough, parseRecovery, type Recovery } from "./recovery.ts";
import { KINDS, parseSuccession, type Succession } from "./succession.ts";

/** A recovery statement that holds. */
export interface HeldRecovery extends Signed {
  readonly id: StatementId;
  readonly recovery: Recovery;
}

/** A succession that holds. */
export interface HeldSuccession extends Signed {
  readonly id: StatementId;
  readonly succession: Succession;
}

/** A lineage that holds. Only {@link checkLineage} and `joinLineages` make one. */
export interface HeldLineage {
  /** The person it is about: the old key. */
  readonly person: Fingerprint;
  readonly recoveries: readonly HeldRecovery[];
  /** At most one of each kind, the weakest first. */
  readonly successions: readonly HeldSuccession[];
}

const OP = "check a lineage";

/** Who signed a statement, each signature held against it. @throws {PeriError} `denied`, `damaged`. */
export async function signersOf(
  pgp: Pgp,
  { document, signatures }: Signed,
  issuedMs: number,
  nowMs: number,
): Promise<ReadonlySet<Fingerprint>> {
  if (issuedMs > nowMs + MAX_CLOCK_SKEW_MS) throw denied("a statement is dated ahead");
  const signers = new Set<Fingerprint>();
  const toMs = Math.min(issuedMs + STATEMENT_LIFE_MS, nowMs);
  for (const { certificate, signature } of signatures) {
    const { fingerprint } = await pgp.inspect(certificate);
    if (signers.has(fingerprint)) throw denied(`${fingerprint} has signed twice`);
    const content = encodeUtf8(document);
    await pgp.verifyThen(certificate, content, signature, { fromMs: issuedMs, toMs });
    signers.add(fingerprint);
  }
  return signers;
}

/**
 * Checks all that a lineage claims.
 *
 * @throws {PeriError} `denied` when a signature does not hold or is missing, `damaged` for what is no
 * lineage of one person, `too-large`.
 */
export async function checkLineage(
  pgp: Pgp,
  { recoveries, successions }: Lineage,
  nowMs: number,
): Promise<HeldLineage> {
  const held: HeldRecovery[] = [];
  for (const signed of recoveries) {
    held.push(await checkRecovery(pgp, signed, held.at(-1), nowMs));
  }
  const named: HeldSuccession[] = [];
  for (const signed of successions) {
    named.push(await checkSuccession(pgp, signed, held.at(-1), nowMs));
  }
  const people = new Set([
    ...held.map(({ recovery }) => recovery.person),
    ...named.map(({ succession }) => succession.from),
  ]);
  const [person] = people;
  if (person === undefined || people.size > 1) throw torn("it is not about one person");
  const places = named.map(({ succession }) => KINDS.indexOf(succession.by));
  const isInOrder = places.every((place, index) => index === 0 || places[index - 1]! < place);
  if (!isInOrder) throw torn("its successions are not in order, one of each kind");
  return { person, recoveries: held, successions: named };
}

/** Whom a lineage is about, by its own word. @throws {PeriError} `damaged`, `too-large`. */
export function subjectOf({ recoveries: [recovery], successions: [succession] }: Lineage) {
  if (recovery !== undefined) return parseRecovery(recovery.document).person;
  if (succession !== undefined) return parseSuccession(succession.document).from;
  throw torn("it is about nobody");
}

async function checkRecovery(
  pgp: Pgp,
  signed: Signed,
  before: HeldRecovery | undefined,
  nowMs: number,
): Promise<HeldRecovery> {
  const recovery = parseRecovery(signed.document);
  const { person, serial, issuedMs, replaces } = recovery;
  if (serial !== (before?.recovery.serial ?? 0) + 1 || replaces !== before?.id) {
    throw torn(`recovery statement ${serial} does not follow the one before it`);
  }
  const signers = await signersOf(pgp, signed, issuedMs, nowMs);
  if (!signers.has(person)) throw denied(`recovery statement ${serial} is not signed by ${person}`);
  if (before !== undefined && !isEnough(before.recovery, signers, "either")) {
    throw denied(`recovery statement ${serial} lacks the consent of the recovery it replaces`);
  }
  return { ...signed, id: idOf(signed.document), recovery };
}

async function checkSuccession(
  pgp: Pgp,
  signed: Signed,
  last: HeldRecovery | undefined,
  nowMs: number,
): Promise<HeldSuccession> {
  const succession = parseSuccession(signed.document);
  const { from, to, by, recovery, issuedMs } = succession;
  if (by !== "key" && recovery !== last?.id) {
    throw torn("a succession is by another recovery statement than the last one");
  }
  const signers = await signersOf(pgp, signed, issuedMs, nowMs);
  if (!signers.has(to)) throw denied(`${to} has not accepted to succeed`);
  const isGiven = by === "key"
    ? signers.has(from)
    : isEnough(last!.recovery, signers, by, [from, to]);
  if (!isGiven) throw denied(`too few have signed that ${to} succeeds`);
  return { ...signed, id: idOf(signed.document), succession };
}

function torn(subject: string): PeriError {
  return new PeriError("damaged", { op: OP, subject });
}

function denied(subject: string): PeriError {
  return new PeriError("denied", { op: OP, subject });
}

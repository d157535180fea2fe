/** Statements about a person, signed by whoever a test likes. */

import type { Lineage, Signed } from "../../runtime/identity/succession/lineage.ts";
import { idOf } from "../../runtime/identity/succession/lines.ts";
import {
  draftRecovery,
  formatRecovery,
  type Recovery,
} from "../../runtime/identity/succession/recovery.ts";
import {
  formatSuccession,
  type Succession,
  type SuccessionKind,
} from "../../runtime/identity/succession/succession.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import type { Pgp } from "../../runtime/ports/pgp.ts";
import type { TestPerson } from "./village.ts";

/** A document with the signatures of these people. */
export async function signAs(
  pgp: Pgp,
  document: string,
  people: readonly TestPerson[],
): Promise<Signed> {
  const signatures = people.map(async ({ certificate, secretKey }) => ({
    certificate,
    signature: await pgp.sign(secretKey, encodeUtf8(document)),
  }));
  return { document, signatures: await Promise.all(signatures) };
}

/** A recovery statement behind others, signed by these. */
export async function recoveryOf(
  pgp: Pgp,
  person: TestPerson,
  terms: Pick<Recovery, "key" | "friends">,
  { after = [], signers = [person], issuedMs = 0 }: {
    readonly after?: readonly Signed[];
    readonly signers?: readonly TestPerson[];
    readonly issuedMs?: number;
  } = {},
): Promise<Signed[]> {
  const before = after.at(-1);
  const recovery = draftRecovery({
    person: person.fingerprint,
    serial: after.length + 1,
    issuedMs,
    ...(before === undefined ? {} : { replaces: idOf(before.document) }),
    ...terms,
  });
  return [...after, await signAs(pgp, formatRecovery(recovery), signers)];
}

/** A succession by the last of these recovery statements or by the key, signed by these. */
export async function successionOf(
  pgp: Pgp,
  by: SuccessionKind,
  [from, to]: readonly [TestPerson, TestPerson],
  { recoveries = [], signers, ...terms }: Partial<Succession> & {
    readonly recoveries?: readonly Signed[];
    readonly signers: readonly TestPerson[];
  },
): Promise<Lineage> {
  const succession: Succession = {
    from: from.fingerprint,
    to: to.fingerprint,
    by,
    ...(by === "key" ? {} : { recovery: idOf(recoveries.at(-1)!.document) }),
    reason: "stolen",
    serial: 1,
    issuedMs: 0,
    ...terms,
  };
  const signed = await signAs(pgp, formatSuccession(succession), signers);
  return { recoveries, successions: [signed] };
}

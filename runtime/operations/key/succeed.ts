/**
 * `key.succeed`: the pods that live here under a person's old key go to the new one.
 *
 * @module
 */

import { successionOf } from "../../identity/succession/join.ts";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_CERTIFICATE_BYTES, MAX_LINEAGE_BYTES } from "../../model/limits.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { KnownLineage } from "../../directory/open.ts";
import type { Operation, Session } from "../../ports/session.ts";
import {
  decideTakeover,
  type Draft,
  type Heirloom,
  partitionOf,
  type ResidentPod,
} from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { actorOf, bytesOf } from "../wishes.ts";

/** A pod's behalf under the new key. */
interface Signed {
  readonly draft: Draft;
  readonly signature: Bytes;
}

/** Whose key it is now. */
interface Heir {
  readonly person: Fingerprint;
  readonly certificate: Bytes;
}

type Parts = Pick<Home, "supervisor" | "directory" | "pgp" | "store" | "server" | "restart">;

/**
 * `{lineage: base64, certificate: base64}` → one record `{from, to, pods, by, reason}`. The successor
 * asks, and signs a behalf for every pod; then the server begins anew with the pods at their new
 * addresses. What was decided and not yet done is done by the next start. A guest without pods goes
 * on under the new key at once.
 */
export function succeedKey(home: Parts): Operation {
  return async (args, session) => {
    const to = actorOf(session);
    const given = bytesOf(args, "certificate", MAX_CERTIFICATE_BYTES);
    const known = await home.directory.tell(bytesOf(args, "lineage", MAX_LINEAGE_BYTES));
    const succession = successionOf(known);
    if (succession?.to !== to) throw other(known, to);
    const certificate = await certificateOf(home, given, to);
    const signed = await certify(home, session, await podsOf(home, known, to), certificate);
    const pods = await takeOver(home, known, { person: to, certificate }, signed);
    const { from, by, reason } = succession;
    session.item({ from, to, pods, by, reason });
    if (pods > 0) home.restart();
    return 0;
  };
}

/** Pods under the old key, and those that have gone to a successor who does not count any more. */
async function podsOf(
  { supervisor, store }: Parts,
  { person, successions }: KnownLineage,
  heir: Fingerprint,
): Promise<ResidentPod[]> {
  const others = successions.map(({ succession }) => succession.to).filter((to) => to !== heir);
  const found: ResidentPod[] = [];
  for (const pod of supervisor.residents.all()) {
    const { ref } = pod;
    const isLost = others.includes(ref.person) &&
      await partitionOf(store, ref) === await partitionOf(store, { person, pod: ref.pod });
    if (ref.person === person || isLost) found.push(pod);
  }
  return found;
}

async function certify(
  { supervisor: { certifier }, server }: Parts,
  session: Session,
  pods: readonly ResidentPod[],
  certificate: Bytes,
): Promise<Signed[]> {
  const person = actorOf(session);
  const signed: Signed[] = [];
  for (const pod of pods) {
    const draft = await certifier.plan(pod, { person, certificate, endpoint: server });
    signed.push({ draft, signature: await session.sign(person, draft.document) });
  }
  return signed;
}

/**
 * Decides that the pods go over, and takes along the place of a guest who has none.
 *
 * @returns how many go
 * @throws {PeriError} `conflict` when pods have come or changed since they were signed for.
 */
async function takeOver(
  home: Parts,
  known: KnownLineage,
  { person: to, certificate }: Heir,
  signed: readonly Signed[],
): Promise<number> {
  const { certifier, installs, household } = home.supervisor;
  return await installs.queue.alone(async () => {
    const done: Heirloom[] = [];
    for (const { draft, signature } of signed) {
      done.push(await certifier.complete(draft, signature));
    }
    if ((await podsOf(home, known, to)).length !== done.length) throw grown();
    if (done.length === 0) await household.succeed(known.person, to, certificate);
    else await decide(home, known.person, done);
    return done.length;
  });
}

async function decide(
  { store, supervisor, restart }: Parts,
  of: Fingerprint,
  done: readonly Heirloom[],
) {
  try {
    await decideTakeover(store, supervisor.installs.queue, of, done);
  } catch (cause) {
    // Whether it was kept the next start will see.
    restart();
    throw cause;
  }
}

/** The certificate of whose key it is, with nothing in it but what that says of itself. */
async function certificateOf({ pgp }: Parts, given: Bytes, to: Fingerprint): Promise<Bytes> {
  const clean = await pgp.merge(given, given);
  const { fingerprint, revoked } = await pgp.inspect(clean);
  if (fingerprint === to && !revoked) return clean;
  const subject = revoked ? "the new key is revoked" : `the certificate is that of ${fingerprint}`;
  throw new PeriError("denied", { op: "succeed", subject });
}

function grown(): PeriError {
  const subject = "a pod has come or left meanwhile";
  return new PeriError("conflict", { op: "succeed", subject, hint: "begin again" });
}

function other(known: KnownLineage, to: Fingerprint): PeriError {
  const heir = successionOf(known)?.to;
  return new PeriError("denied", {
    op: "succeed",
    subject: heir === undefined
      ? `nothing says that ${to} takes the place of ${known.person}`
      : `${heir} has taken the place of ${known.person}, not ${to}`,
    hint:
      "a recovery named beforehand stands over the old key: peri key succeed --to NEW --recovery FILE",
  });
}

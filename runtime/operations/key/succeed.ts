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

type Parts = Pick<Home, "supervisor" | "directory" | "store" | "server" | "restart">;

/**
 * `{lineage: base64, certificate: base64}` → one record `{from, to, pods, by, reason}`. The successor
 * asks, and signs a behalf for every pod; then the server begins anew with the pods at their new
 * addresses. What was decided and not yet done is done by the next start.
 */
export function succeedKey(home: Parts): Operation {
  return async (args, session) => {
    const to = actorOf(session);
    const certificate = bytesOf(args, "certificate", MAX_CERTIFICATE_BYTES);
    const known = await home.directory.tell(bytesOf(args, "lineage", MAX_LINEAGE_BYTES));
    const succession = successionOf(known);
    if (succession?.to !== to) throw other(known, to);
    const signed = await certify(home, session, await podsOf(home, known, to), certificate);
    const { certifier, installs } = home.supervisor;
    const heirlooms = await installs.alone(async () => {
      const done: Heirloom[] = [];
      for (const { draft, signature } of signed) {
        done.push(await certifier.complete(draft, signature));
      }
      await decideTakeover(home.store, done);
      return done;
    });
    const { from, by, reason } = succession;
    session.item({ from, to, pods: heirlooms.length, by, reason });
    if (heirlooms.length > 0) home.restart();
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
): Promise<{ readonly draft: Draft; readonly signature: Bytes }[]> {
  const person = actorOf(session);
  const signed: { readonly draft: Draft; readonly signature: Bytes }[] = [];
  for (const pod of pods) {
    const draft = await certifier.plan(pod, { person, certificate, endpoint: server });
    signed.push({ draft, signature: await session.sign(person, draft.document) });
  }
  return signed;
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

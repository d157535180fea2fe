/**
 * A newer certificate of a person whose pods live here. Behalfs and pod keys stay.
 *
 * @module
 */

import { type Bytes, equalBytes } from "../model/bytes.ts";
import type { Fingerprint } from "../model/words.ts";
import type { Pgp } from "../ports/pgp.ts";
import type { Store } from "../ports/store.ts";
import { planResidentRows, type ResidentPod } from "./resident.ts";
import type { ResidentMap } from "./residents.ts";

/** What it works with. */
export interface RecertifyPorts {
  readonly store: Store;
  readonly pgp: Pgp;
  readonly residents: ResidentMap;
}

/**
 * Merges a certificate into the records of all pods of its person, and gives these as they are then;
 * nothing that was known of it is lost. To be run while no pod comes, changes or leaves
 * (`Installs.queue`). A crash in between leaves some records behind: doing it again goes on.
 *
 * @throws {PeriError} `denied` for the certificate of another, `too-large`, `damaged`.
 */
export async function recertify(
  { store, pgp, residents }: RecertifyPorts,
  person: Fingerprint,
  certificate: Bytes,
): Promise<readonly ResidentPod[]> {
  const pods = residents.all().filter(({ ref }) => ref.person === person);
  for (const pod of pods) {
    const { introduction } = pod;
    const merged = await pgp.merge(introduction.certificate, certificate);
    if (equalBytes(merged, introduction.certificate)) continue;
    const newer = { ...pod, introduction: { ...introduction, certificate: merged } };
    await store.commit(planResidentRows(newer));
    residents.put(newer);
  }
  return pods.map(({ ref }) => residents.get(ref));
}

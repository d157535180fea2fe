/**
 * Those who may know learn of what people here sign: their hey pods tell them
 * (`peri:face/signing`). That something is new stands on disk until the pod has taken it up, so a
 * crash or a pod that is broken or stopped loses nothing.
 *
 * Row: `["signing", person]`.
 *
 * @module
 */

import type { Fingerprint } from "../../model/words.ts";
import type { Log } from "../../ports/log.ts";
import type { Entry, Key } from "../../ports/store.ts";
import type { Home } from "../home.ts";
import { HEY } from "../petnames.ts";

type Parts = Pick<Home, "supervisor" | "store">;

const FACE = "peri:face/signing";

/** Notes that somebody here is about to sign; it stands until {@link tellSigned}. */
export async function noteSigning({ store }: Parts, person: Fingerprint): Promise<void> {
  await store.commit({ puts: [{ key: keyOf(person), value: true }] });
}

/** Has the hey pod of somebody tell what is new; a failure leaves it for the next time. */
export async function tellSigned(
  { supervisor, store }: Parts,
  person: Fingerprint,
  log: Log,
): Promise<void> {
  const pod = { person, pod: HEY };
  const hey = supervisor.residents.byRef(pod);
  if (hey?.manifest.offers.some((offer) => offer.interface === FACE) !== true) return;
  try {
    await supervisor.faces.call(pod, FACE, "signed", []);
    await store.commit({ deletes: [keyOf(person)] });
  } catch (cause) {
    log.error("signatures not told yet", cause, { person });
  }
}

/** Does what was left over. Rejects as the store does. */
export async function tellAllSigned(home: Parts, log: Log): Promise<void> {
  const rows: Entry<true>[] = await home.store.list<true>({ prefix: ["signing"], limit: 1_000 });
  for (const { key } of rows) await tellSigned(home, key[1] as Fingerprint, log);
}

function keyOf(person: Fingerprint): Key {
  return ["signing", person];
}

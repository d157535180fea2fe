/**
 * Homes with many pods. Their rows are written as an installation writes them, without the questions
 * to a person, because a thousand installations take longer than all that is measured here.
 *
 * @module
 */

import { openDenoKv } from "../../../runtime/adapters/deno_kv.ts";
import { fileBlobs } from "../../../runtime/adapters/blobs.ts";
import { inspectComponent } from "../../../runtime/adapters/jco/inspect.ts";
import { openPgp } from "../../../runtime/adapters/openpgp.ts";
import { systemClock } from "../../../runtime/adapters/system_clock.ts";
import type { BlobId } from "../../../runtime/model/words.ts";
import {
  type Fingerprint,
  parsePodName,
  parseServerUrl,
  type PodRef,
  type ServerUrl,
} from "../../../runtime/model/words.ts";
import type { Store } from "../../../runtime/ports/store.ts";
import { DEFAULT_BUDGET } from "../../../runtime/model/budget.ts";
import { planResidentRows, type ResidentPod } from "../../../runtime/supervisor/resident.ts";
import { indexKey, joinChanges, OWNER_KEY, serialKey } from "../../../runtime/supervisor/rows.ts";
import { makePerson, makePod, type TestPerson } from "../../helpers/village.ts";

const EMPTY = { name: "periphery", version: "", about: "", offers: [], needs: [] };

/** What a home is to have. */
export interface Wishes {
  readonly home: string;
  /** Where its server will be. */
  readonly url: string;
  /** Its pods, `pod-0` and so on, have these in turn. */
  readonly components: readonly Uint8Array[];
  readonly pods: number;
}

/** Makes a claimed home with pods. Nothing has run there yet. Returns whose it is. */
export async function seedHome(wishes: Wishes): Promise<Fingerprint> {
  const { home, url, components, pods } = wishes;
  Deno.mkdirSync(home, { recursive: true, mode: 0o700 });
  const blobs = fileBlobs(`${home}/blobs`);
  const ids = await Promise.all(components.map((component) => blobs.put(component)));
  const manifests = components.map(inspectComponent);
  const store = await openDenoKv(`${home}/state.kv`);
  try {
    const pgp = openPgp(systemClock);
    const owner = await makePerson(pgp, "owner");
    const endpoint = parseServerUrl(url);
    await store.commit({ puts: [{ key: OWNER_KEY, value: { person: owner.fingerprint } }] });
    await keep(store, { ...await bare(owner, "periphery", endpoint), manifest: EMPTY } as never);
    for (let at = 0; at < pods; at++) {
      const component = ids[at % ids.length]!;
      const manifest = manifests[at % ids.length]!;
      await keep(store, { ...await bare(owner, `pod-${at}`, endpoint), component, manifest });
    }
    return owner.fingerprint;
  } finally {
    await store.close();
  }
}

/** A pod of such a home. */
export function podOf(person: Fingerprint, at: number): PodRef {
  return { person, pod: parsePodName(`pod-${at}`) };
}

type Bare = Omit<ResidentPod, "component" | "manifest">;

async function bare(owner: TestPerson, pod: string, endpoint: ServerUrl): Promise<Bare> {
  const pgp = openPgp(systemClock);
  const { behalf, introduction, secretKey } = await makePod(pgp, systemClock, owner, {
    pod,
    endpoint,
  });
  return {
    ref: { person: behalf.person, pod: behalf.pod },
    podKey: behalf.podKey,
    secretKey,
    introduction,
    serial: behalf.serial,
    generation: 0,
    endpoint,
    installedMs: behalf.issuedMs,
    expiresMs: behalf.expiresMs,
    budget: DEFAULT_BUDGET,
    limits: {},
  };
}

async function keep(store: Store, pod: ResidentPod): Promise<void> {
  const blobs: BlobId[] = pod.component === undefined ? [] : [pod.component];
  await store.commit(joinChanges([
    planResidentRows(pod),
    {
      puts: [
        { key: indexKey(pod.ref), value: { state: "installed", blobs } },
        { key: serialKey(pod.ref), value: pod.serial },
      ],
    },
  ]));
}

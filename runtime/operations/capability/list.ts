/**
 * `capability.list`: what a person's pods offer to others and need of them.
 *
 * @module
 */

import type { Offer } from "../../model/pod.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf } from "../wishes.ts";
import { isShown } from "./shown.ts";

interface Entry {
  readonly offer: Offer;
  readonly offeredBy: string[];
  readonly neededBy: string[];
  readonly supersedes: Set<string>;
}

/**
 * One record a capability, in order of interface: `{interface, capability, supersedes, functions:
 * {name: hash}, offeredBy: [pod …], neededBy: [pod …]}`.
 */
export function listCapabilities({ supervisor }: Pick<Home, "supervisor">): Operation {
  return (_args, session) => {
    const person = actorOf(session);
    const entries = new Map<string, Entry>();
    for (const { ref, manifest } of supervisor.residents.all()) {
      if (ref.person !== person) continue;
      for (const offer of manifest.offers) entryOf(entries, offer)?.offeredBy.push(ref.pod);
      for (const need of manifest.needs) entryOf(entries, need)?.neededBy.push(ref.pod);
    }
    const keys = [...entries.keys()].sort();
    for (const { offer, offeredBy, neededBy, supersedes } of keys.map((key) => entries.get(key)!)) {
      session.item({
        interface: offer.interface,
        capability: offer.capability,
        supersedes: [...supersedes],
        functions: Object.fromEntries(
          Object.entries(offer.functions).map(([name, { id }]) => [name, id]),
        ),
        offeredBy: offeredBy.sort(),
        neededBy: neededBy.sort(),
      });
    }
    return Promise.resolve(0);
  };
}

function entryOf(entries: Map<string, Entry>, offer: Offer): Entry | undefined {
  if (!isShown(offer.interface)) return undefined;
  const key = `${offer.interface} ${offer.capability}`;
  const entry = entries.get(key) ??
    { offer, offeredBy: [], neededBy: [], supersedes: new Set<string>() };
  for (const older of offer.supersedes ?? []) entry.supersedes.add(older);
  entries.set(key, entry);
  return entry;
}

/**
 * People whose keys both villains and their victims know.
 *
 * @module
 */

import { MemoryClock } from "../../runtime/adapters/memory/clock.ts";
import { openKeysmith, openPgp } from "../../runtime/adapters/openpgp.ts";
import type { Bytes } from "../../runtime/model/bytes.ts";
import type { Fingerprint } from "../../runtime/model/words.ts";

/** A day. */
export const DAY_MS = 86_400_000;

/** The time on {@link clock}. */
export const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);

/** A person with a key, unlocked. */
export interface Key {
  readonly fingerprint: Fingerprint;
  readonly certificate: Bytes;
  readonly secretKey: Bytes;
}

/** It stands still. */
export const clock = new MemoryClock(NOW_MS);

/** OpenPGP as a server does it. */
export const pgp = openPgp(clock);

/** OpenPGP as a person does it. */
export const smith = openKeysmith(clock);

/** A key that is ten days old. */
export function person(userId: string): Promise<Key> {
  const then = new MemoryClock(NOW_MS - 10 * DAY_MS);
  return openPgp(then).makePersonKey({ userId, passphrase: "" });
}

/** People. */
export const [alice, bob, carol, eve] = await Promise.all(
  ["Alice", "Bob", "Carol", "Eve"].map(person),
) as [Key, Key, Key, Key];

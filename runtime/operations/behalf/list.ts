/**
 * `behalf.list`: what lets the pods of a person act, and until when.
 *
 * @module
 */

import { type Behalf, parseBehalf } from "../../identity/behalf.ts";
import { BEHALF_WARNING_MS, DAY_MS } from "../../model/limits.ts";
import type { JsonRecord } from "../../model/control.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { actorOf } from "../wishes.ts";

/**
 * One record a pod of the person, also of those that live elsewhere as far as the book knows them:
 * `{pod, serial, issuedMs, expiresMs, daysLeft, endpoint, capabilities: [interface …], state, here}`,
 * in order of their names. `state` is `in force`, `ends soon`, `expired` or `revoked`, then with
 * `reason` and without `expiresMs`, for it stays so.
 */
export function listBehalfs(
  home: Pick<Home, "supervisor" | "directory" | "clock" | "server">,
): Operation {
  return async (_args, session) => {
    const person = actorOf(session);
    for (const { behalf, here } of await behalfsOf(home, person)) {
      session.item({ ...recordOf(behalf, home.clock.nowMs()), here });
    }
    return 0;
  };
}

/** The newest behalf of every pod of a person, in order of their names; whether it lives here. */
export async function behalfsOf(
  { supervisor, directory }: Pick<Home, "supervisor" | "directory">,
  person: Fingerprint,
): Promise<readonly { readonly behalf: Behalf; readonly here: boolean }[]> {
  const found = new Map<string, { behalf: Behalf; here: boolean }>();
  for await (const { behalf } of directory.book.list(person)) {
    found.set(behalf.pod, { behalf, here: false });
  }
  for (const { ref, introduction } of supervisor.residents.all()) {
    if (ref.person !== person) continue;
    found.set(ref.pod, { behalf: parseBehalf(introduction.document), here: true });
  }
  return [...found.values()].sort((a, b) => a.behalf.pod < b.behalf.pod ? -1 : 1);
}

/** A behalf at a glance as a record. */
export function recordOf(behalf: Behalf, nowMs: number): JsonRecord {
  const { pod, serial, issuedMs, expiresMs, endpoint, capabilities, revoked } = behalf;
  return {
    pod,
    state: stateOf(behalf, nowMs),
    serial,
    issuedMs,
    ...(revoked === undefined ? leftOf(expiresMs, nowMs) : {}),
    endpoint,
    capabilities: capabilities.map((offer) => offer.interface),
    ...(revoked === undefined ? {} : { reason: revoked }),
  };
}

function leftOf(expiresMs: number, nowMs: number): JsonRecord {
  return { expiresMs, daysLeft: Math.max(Math.floor((expiresMs - nowMs) / DAY_MS), 0) };
}

function stateOf({ revoked, expiresMs }: Behalf, nowMs: number): string {
  if (revoked !== undefined) return "revoked";
  if (expiresMs <= nowMs) return "expired";
  return expiresMs - nowMs < BEHALF_WARNING_MS ? "ends soon" : "in force";
}

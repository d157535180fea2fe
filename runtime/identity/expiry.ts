/**
 * What is about to end with a key, and what to type before it does.
 *
 * @module
 */

import { BEHALF_WARNING_MS } from "../model/limits.ts";
import type { CertificateInfo, KeyPart, KeyUse } from "../ports/pgp.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Something a person should know. */
export interface Warning {
  readonly what: string;
  /** What to type. */
  readonly hint: string;
}

/** What parts are for, as people say it. */
const USES: readonly (readonly [KeyUse, string])[] = [
  ["sign", "signs"],
  ["encrypt", "is written to"],
  ["authenticate", "logs in"],
];

/**
 * What is to be said of a key: that it is revoked or has expired, or that it or the last part of it
 * for some use expires within 30 days. A part that another one outlives is no reason to worry.
 *
 * @param parts what `Pgp.parts` says of it
 * @param hint what renews it
 */
export function warnOfKey(
  { userIds, fingerprint, revoked }: Pick<CertificateInfo, "userIds" | "fingerprint" | "revoked">,
  parts: readonly KeyPart[],
  nowMs: number,
  hint: string,
): Warning[] {
  const name = `the key of ${userIds[0] ?? fingerprint}`;
  if (revoked) {
    const what = `${name} is revoked, and nobody who knows believes its pods`;
    return [{ what, hint: "peri key init makes a new one" }];
  }
  const [primary] = parts;
  const whole = sayEnd(name, primary?.expiresMs, nowMs, hint);
  if (whole !== undefined) return [whole];
  return USES.flatMap(([use, does]) => {
    const fitting = parts.filter((part) => part.uses.includes(use) && !part.revoked);
    if (fitting.length === 0) return [];
    const last = Math.max(...fitting.map(({ expiresMs }) => expiresMs ?? Infinity));
    // Without a part that signs the key is of no use here; what else has ended was meant to.
    if (use !== "sign" && last <= nowMs) return [];
    const said = sayEnd(`the part that ${does} in ${name}`, last, nowMs, hint);
    return said === undefined ? [] : [said];
  });
}

/** How long is left, as people say it: `12 days`. */
export function formatDays(leftMs: number): string {
  const days = Math.floor(leftMs / DAY_MS);
  return days > 1 ? `${days} days` : days === 1 ? "1 day" : "less than a day";
}

function sayEnd(
  what: string,
  expiresMs: number | undefined,
  nowMs: number,
  hint: string,
): Warning | undefined {
  const leftMs = (expiresMs ?? Infinity) - nowMs;
  if (leftMs <= 0) return { what: `${what} has expired`, hint };
  if (leftMs >= BEHALF_WARNING_MS) return undefined;
  return { what: `${what} expires in ${formatDays(leftMs)}`, hint };
}

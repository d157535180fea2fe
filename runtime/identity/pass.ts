/**
 * Signing a token with the person's own key, wherever its secret is.
 *
 * @module
 */

import type { SshFingerprint } from "../model/ssh/key.ts";
import type { Fingerprint } from "../model/words.ts";
import { certificateOf, type KeyTools, showPerson } from "./person.ts";
import { openSigning } from "./sign.ts";
import { formatToken, planToken, tokenText } from "./token.ts";

/**
 * A fresh token of this person, for one server (PROTOCOL.md, "Coming in by SSH").
 *
 * @param id `TOKEN_ID_BYTES` random bytes
 * @throws {PeriError} `denied` when the passphrase is wrong, `not-found` when the secret is not on
 * this computer.
 */
export async function signToken(
  tools: KeyTools,
  person: Fingerprint,
  server: SshFingerprint,
  id: Uint8Array,
): Promise<string> {
  const claims = planToken(person, server, tools.clock.nowMs(), id);
  const key = await showPerson(tools, person);
  const certificate = await certificateOf(tools, person);
  const what = `come in at the server ${server}`;
  const sign = await openSigning(tools, key, { what, certificate });
  return formatToken(claims, await sign(tokenText(claims)));
}

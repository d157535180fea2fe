/**
 * OpenPGP alone, message by message, on as many threads as `peri` uses: each message is sealed,
 * opened and verified, and nothing else is done with it.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { openPgp } from "../../../runtime/adapters/openpgp.ts";
import { systemClock } from "../../../runtime/adapters/system_clock.ts";

/** One thread's part. */
export interface CryptoTask {
  readonly count: number;
  readonly bytes: number;
}

const MAX_BYTES = 1024 * 1024;

self.onmessage = async ({ data: { count, bytes } }: MessageEvent<CryptoTask>) => {
  const pgp = openPgp(systemClock);
  const [sender, recipient] = await Promise.all([pgp.makePodKey("a"), pgp.makePodKey("b")]);
  const content = crypto.getRandomValues(new Uint8Array(bytes));
  const carry = async () => {
    const sealed = await pgp.seal(sender.secretKey, recipient.certificate, content);
    const opened = await pgp.open(recipient.secretKey, sealed, MAX_BYTES);
    await opened.verify(sender.certificate, Date.now());
  };
  for (let warm = 0; warm < 20; warm++) await carry();
  const startMs = performance.now();
  for (let at = 0; at < count; at++) await carry();
  self.postMessage(performance.now() - startMs);
};

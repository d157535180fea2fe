/**
 * A person's computer whose keys stay between commands, in memory.
 *
 * @module
 */

import assert from "node:assert/strict";
import { promptPassphrase } from "../../cli/passphrase.ts";
import { MemoryKeyring } from "../../runtime/adapters/memory/keyring.ts";
import { openKeysmith, openPgp } from "../../runtime/adapters/openpgp.ts";
import type { KeyTools } from "../../runtime/mod.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { parseFingerprint } from "../../runtime/model/words.ts";
import { type Outcome, type, type World } from "./memory.ts";

/** When it is. */
export const NOW_MS = Date.UTC(2026, 10, 23, 7, 24, 0);
/** A day. */
export const DAY_MS = 86_400_000;
/** OpenPGP at that time. */
export const pgp = openPgp({ nowMs: () => NOW_MS, sleep: () => Promise.resolve() });

/** A computer whose keys stay between commands. A passphrase file holds its own name. */
export class Computer {
  readonly keyring = new MemoryKeyring();
  /** Its clock. */
  nowMs = NOW_MS;
  gpg: KeyTools["gpg"] = {
    certificate: () => Promise.reject(new PeriError("not-found", { op: "gpg", subject: "none" })),
    hasSecret: () => Promise.resolve(false),
    sign: () => Promise.reject(new Error("not here")),
    renew: () => Promise.reject(new Error("not here")),
    certify: () => Promise.reject(new Error("not here")),
    uncertify: () => Promise.reject(new Error("not here")),
  };

  /** The world in which its keys are. */
  world(world: World = {}): World {
    const clock = { nowMs: () => this.nowMs, sleep: () => Promise.resolve() };
    return {
      ...world,
      keys: (source, context) => ({
        pgp: openPgp(clock),
        smith: openKeysmith(clock),
        clock,
        keyring: this.keyring,
        gpg: this.gpg,
        passphrase: source.file === undefined && !source.agent ? promptPassphrase(context) : {
          ask: () => Promise.resolve(source.file ?? "from the agent"),
          reject: () => Promise.resolve(false),
        },
      }),
    };
  }

  types(argv: readonly string[], world: World = {}): Promise<Outcome> {
    return type(["key", ...argv], this.world(world));
  }

  async record(argv: readonly string[], world: World = {}): Promise<Record<string, unknown>> {
    const { stdout, stderr, code } = await this.types([...argv, "--json"], world);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  async unlocks(fingerprint: unknown, passphrase: string): Promise<boolean> {
    const armor = await this.keyring.secretKey(parseFingerprint(String(fingerprint)));
    return await pgp.unlock(await pgp.dearmor(armor), passphrase).then(() => true, () => false);
  }
}

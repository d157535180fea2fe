/**
 * Keys in memory, for tests.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { KeyEntry, Keyring, StoredKey } from "../../ports/keyring.ts";

/** A keyring of one process. */
export class MemoryKeyring implements Keyring {
  readonly #keys = new Map<Fingerprint, StoredKey>();
  #default: Fingerprint | undefined;

  list(): Promise<KeyEntry[]> {
    const sorted = [...this.#keys.values()].sort((a, b) => a.fingerprint < b.fingerprint ? -1 : 1);
    return Promise.resolve(sorted.map((key) => ({
      fingerprint: key.fingerprint,
      custody: key.secretKey !== undefined ? "here" : key.inGpg ? "gpg" : "absent",
    })));
  }

  certificate(person: Fingerprint): Promise<string> {
    return this.#text(person, "certificate");
  }

  secretKey(person: Fingerprint): Promise<string> {
    return this.#text(person, "secretKey");
  }

  revocation(person: Fingerprint): Promise<string> {
    return this.#text(person, "revocation");
  }

  async put(key: StoredKey): Promise<void> {
    const op = "keep a key";
    const addsSecret = key.secretKey !== undefined || key.inGpg === true;
    if (key.secretKey !== undefined && key.inGpg) {
      throw new PeriError("invalid", { op, subject: `${key.fingerprint} is here or in gpg` });
    }
    const known = (await this.list()).find((entry) => entry.fingerprint === key.fingerprint);
    if (known !== undefined && (known.custody !== "absent" || !addsSecret)) {
      const hint = "peri key import --replace takes in one whose expiry was extended";
      throw new PeriError("exists", { op, subject: `${key.fingerprint} is kept already`, hint });
    }
    this.#keys.set(key.fingerprint, { ...this.#keys.get(key.fingerprint), ...key });
  }

  async replace({ fingerprint, certificate, secretKey }: StoredKey): Promise<void> {
    await this.certificate(fingerprint);
    const kept = this.#keys.get(fingerprint)!;
    const isHere = kept.secretKey !== undefined;
    if (isHere !== (secretKey !== undefined)) {
      const subject = `the secret key of ${fingerprint} is ${isHere ? "" : "not "}here`;
      throw new PeriError("invalid", { op: "replace a key", subject });
    }
    this.#keys.set(fingerprint, { ...kept, certificate, ...(isHere ? { secretKey } : {}) });
  }

  defaultKey(): Promise<Fingerprint | undefined> {
    return Promise.resolve(this.#default);
  }

  async setDefault(person: Fingerprint): Promise<void> {
    await this.certificate(person);
    this.#default = person;
  }

  #text(person: Fingerprint, part: "certificate" | "secretKey" | "revocation"): Promise<string> {
    const text = this.#keys.get(person)?.[part];
    if (text !== undefined) return Promise.resolve(text);
    const subject = `no ${part} of ${person}`;
    return Promise.reject(new PeriError("not-found", { op: "read a key", subject }));
  }
}

/**
 * A person's keys as files: `<FINGERPRINT>.cert.asc` and, beside it, `.key.asc` (the locked secret),
 * `.revoke.asc` and `.gpg` (an empty mark: the secret stays in GnuPG); `default` names one of them.
 * A key is there once its certificate is, which is written last.
 *
 * @module
 */

import { join } from "node:path";
import { encodeUtf8 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { MAX_CERTIFICATE_BYTES } from "../model/limits.ts";
import { type Fingerprint, isFingerprint, parseFingerprint } from "../model/words.ts";
import type { Custody, KeyEntry, Keyring, StoredKey } from "../ports/keyring.ts";
import { isFull } from "./failures.ts";

const READ = "read a key";
const KEEP = "keep a key";
const CERTIFICATE = ".cert.asc";
const SECRET = ".key.asc";
const REVOCATION = ".revoke.asc";
const IN_GPG = ".gpg";
const DEFAULT = "default";
/** Armor of the largest key. */
const MAX_FILE_BYTES = 2 * MAX_CERTIFICATE_BYTES;
/** What is being written, and its age from which on nobody writes it any more. */
const PASSING = /\.tmp$/;
const PASSING_MS = 10 * 60 * 1000;
/** Permission bits of everyone but the owner. */
const OTHERS = 0o077;

/** What of the file system a keyring uses. */
export type Disk = Pick<
  typeof Deno,
  "mkdir" | "open" | "readDir" | "readTextFile" | "remove" | "rename" | "stat"
>;

/** Keys in a folder, which is made for the owner alone with the first key. */
export function fileKeyring(folder: string, disk: Disk = Deno): Keyring {
  return new FileKeyring(folder, disk);
}

class FileKeyring implements Keyring {
  readonly #folder: string;
  readonly #disk: Disk;

  constructor(folder: string, disk: Disk) {
    this.#folder = folder;
    this.#disk = disk;
  }

  async list(): Promise<KeyEntry[]> {
    const names = await this.#names();
    const people = [...names].flatMap((name) => {
      const person = name.slice(0, -CERTIFICATE.length);
      return name.endsWith(CERTIFICATE) && isFingerprint(person) ? [parseFingerprint(person)] : [];
    });
    return people.sort().map((fingerprint) => ({
      fingerprint,
      custody: custodyOf(fingerprint, names),
    }));
  }

  certificate(person: Fingerprint): Promise<string> {
    return this.#read(person + CERTIFICATE, `no key ${person} here`);
  }

  async secretKey(person: Fingerprint): Promise<string> {
    await this.#refuseOthers(join(this.#folder, person + SECRET), 600);
    return await this.#read(person + SECRET, `the secret key of ${person} is not here`);
  }

  async revocation(person: Fingerprint): Promise<string> {
    await this.#refuseOthers(join(this.#folder, person + REVOCATION), 600);
    return await this.#read(person + REVOCATION, `no revocation certificate of ${person} here`);
  }

  async put(key: StoredKey): Promise<void> {
    const { fingerprint, certificate, secretKey, revocation, inGpg } = key;
    if (secretKey !== undefined && inGpg) {
      throw new PeriError("invalid", { op: KEEP, subject: `${fingerprint} is here or in gpg` });
    }
    const known = (await this.list()).find((entry) => entry.fingerprint === fingerprint);
    const addsSecret = secretKey !== undefined || inGpg === true;
    if (known !== undefined && (known.custody !== "absent" || !addsSecret)) {
      const hint = "peri key import --replace takes in one whose expiry was extended";
      throw new PeriError("exists", { op: KEEP, subject: `${fingerprint} is kept already`, hint });
    }
    await this.#makeFolder();
    // The certificate makes the key visible, so it comes last.
    if (revocation !== undefined) await this.#write(fingerprint + REVOCATION, revocation, 0o600);
    if (secretKey !== undefined) await this.#write(fingerprint + SECRET, secretKey, 0o600);
    if (inGpg) await this.#write(fingerprint + IN_GPG, "", 0o600);
    await this.#write(fingerprint + CERTIFICATE, certificate, 0o644);
  }

  async replace({ fingerprint, certificate, secretKey }: StoredKey): Promise<void> {
    await this.certificate(fingerprint);
    const isHere = custodyOf(fingerprint, await this.#names()) === "here";
    if (isHere !== (secretKey !== undefined)) {
      const subject = `the secret key of ${fingerprint} is ${isHere ? "" : "not "}here`;
      throw new PeriError("invalid", { op: "replace a key", subject });
    }
    await this.#refuseOthers(this.#folder, 700);
    if (secretKey !== undefined) await this.#write(fingerprint + SECRET, secretKey, 0o600);
    await this.#write(fingerprint + CERTIFICATE, certificate, 0o644);
  }

  async defaultKey(): Promise<Fingerprint | undefined> {
    const text = await this.#read(DEFAULT, "").catch((error: unknown) => {
      if (error instanceof PeriError && error.kind === "not-found") return undefined;
      throw error;
    });
    return text === undefined ? undefined : parseFingerprint(text.trim());
  }

  async setDefault(person: Fingerprint): Promise<void> {
    await this.certificate(person);
    await this.#write(DEFAULT, `${person}\n`, 0o644);
  }

  async #names(): Promise<Set<string>> {
    const names = new Set<string>();
    try {
      for await (const entry of this.#disk.readDir(this.#folder)) names.add(entry.name);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw fileError(READ, this.#folder, cause);
    }
    return names;
  }

  async #read(name: string, missing: string): Promise<string> {
    const path = join(this.#folder, name);
    try {
      const { size } = await this.#disk.stat(path);
      if (size <= MAX_FILE_BYTES) return await this.#disk.readTextFile(path);
      const subject = `${path} has ${size} bytes, ${MAX_FILE_BYTES} allowed`;
      throw new PeriError("too-large", { op: READ, subject });
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) {
        const hint = "peri key list shows the keys that are here; peri key init makes one";
        throw new PeriError("not-found", { op: READ, subject: missing, hint, cause });
      }
      throw cause instanceof PeriError ? cause : fileError(READ, path, cause);
    }
  }

  async #makeFolder(): Promise<void> {
    try {
      await this.#disk.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw fileError(KEEP, this.#folder, cause);
    }
    await this.#refuseOthers(this.#folder, 700);
  }

  async #write(name: string, text: string, mode: number): Promise<void> {
    const path = join(this.#folder, name);
    // In a container every process has the number of the one that died before.
    const passing = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
    try {
      await this.#writeSynced(passing, encodeUtf8(text), mode);
      await this.#disk.rename(passing, path);
      await this.#syncFolder();
      await this.#sweep().catch(() => undefined);
    } catch (cause) {
      await this.#disk.remove(passing).catch(() => undefined);
      throw fileError(KEEP, path, cause);
    }
  }

  /** @throws {PeriError} `denied` when anyone but the owner may use what is there. */
  async #refuseOthers(path: string, wanted: 600 | 700): Promise<void> {
    const info = await this.#disk.stat(path).catch(() => undefined);
    // Without permission bits, as on Windows, there is nothing to hold against them.
    const mode = info?.mode ?? 0;
    if ((mode & OTHERS) === 0) return;
    throw new PeriError("denied", {
      op: READ,
      subject: `others may use ${path} (mode ${(mode & 0o777).toString(8)})`,
      hint: `chmod ${wanted} ${path}`,
    });
  }

  async #writeSynced(path: string, bytes: Uint8Array, mode: number): Promise<void> {
    using file = await this.#disk.open(path, { write: true, createNew: true, mode });
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
  }

  async #syncFolder(): Promise<void> {
    using folder = await this.#disk.open(this.#folder, { read: true });
    await folder.sync();
  }

  /** What died half way may hold a key under a passphrase that is to be forgotten. */
  async #sweep(): Promise<void> {
    for (const name of await this.#names()) {
      const path = join(this.#folder, name);
      if (!PASSING.test(name)) continue;
      const mtime = (await this.#disk.stat(path).catch(() => undefined))?.mtime;
      const isOld = mtime instanceof Date && Date.now() - mtime.getTime() > PASSING_MS;
      if (isOld) await this.#disk.remove(path).catch(() => undefined);
    }
  }
}

function custodyOf(person: Fingerprint, names: ReadonlySet<string>): Custody {
  if (names.has(person + SECRET)) return "here";
  return names.has(person + IN_GPG) ? "gpg" : "absent";
}

function fileError(op: string, path: string, cause: unknown): PeriError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isDenied = cause instanceof Deno.errors.PermissionDenied ||
    cause instanceof Deno.errors.NotCapable || /Read-only|os error 30/.test(reason);
  const subject = `${path}: ${reason}`;
  if (isFull(cause)) {
    const hint = "make room on the disk of the home, or set PERI_HOME to a folder on another one";
    return new PeriError("over-quota", { op, subject, hint, cause });
  }
  return new PeriError(isDenied ? "denied" : "internal", { op, subject, cause });
}

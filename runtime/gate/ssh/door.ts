/**
 * Who may come in by SSH: the people of this server, by the part of their OpenPGP key that
 * authenticates, or by a token that they have signed for this server.
 *
 * @module
 */

import { sshKeysOf } from "../../identity/ssh.ts";
import { parseToken, TakenTokens, tokenText } from "../../identity/token.ts";
import { encodeUtf8, equalBytes, sha256 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { SshFingerprint } from "../../model/ssh/key.ts";
import type { Fingerprint } from "../../model/words.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { KeyPart, Pgp } from "../../ports/pgp.ts";
import { CLAIMANT, type Entrant, type Guest } from "./channel.ts";

/** Says who somebody is. Whoever is refused learns nothing of why, and of nobody. */
export interface Door {
  /**
   * The one person of this server whose key it is now.
   *
   * @param key as SSH carries it; that the other end holds its secret has been made sure
   */
  byKey(key: Uint8Array): Promise<Fingerprint | undefined>;
  /**
   * The person of this server who has signed a token for it, which is good for no second time; or
   * whoever says the code of a server that belongs to nobody.
   */
  byToken(text: string): Promise<Entrant | undefined>;
  /**
   * Whether somebody who has come in still may: nobody who was sent away, or whose key is revoked, nor
   * by an SSH key that is theirs no more.
   */
  isIn(guest: Pick<Guest, "person" | "key">): Promise<boolean>;
}

/** Somebody who lives on this server. */
export interface Inhabitant {
  readonly person: Fingerprint;
  /** Their certificate, as new as it is known here. */
  readonly certificate: Uint8Array;
}

/** What the door works with. */
export interface DoorParts {
  /** Who lives here at this moment, and is not known to be revoked. */
  people(): Promise<readonly Inhabitant[]>;
  /** Whose server it is. */
  owner(): Fingerprint | undefined;
  readonly pgp: Pick<Pgp, "parts" | "verify">;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  /** Of this server. */
  readonly hostKey: SshFingerprint;
  /** By which it may be claimed, as long as it belongs to nobody. */
  claimCode?(): string | undefined;
}

/** Opens the door. */
export function openDoor(parts: DoorParts): Door {
  const reader = new PartsReader(parts.pgp);
  const taken = new TakenTokens(parts.clock.nowMs());
  return {
    byKey: (key) => findByKey(key, parts, reader),
    async byToken(text) {
      const code = parts.claimCode?.();
      if (code !== undefined && isSame(text.trim(), code)) return CLAIMANT;
      return await findByToken(text, parts, taken);
    },
    async isIn({ person, key }) {
      if (person === CLAIMANT) return parts.claimCode?.() !== undefined;
      const found = (await parts.people()).find((one) => one.person === person);
      if (found === undefined || key === undefined) return found !== undefined;
      return await reader.holds(found, key, parts.clock.nowMs());
    },
  };
}

/** Takes the same time wherever they differ. */
function isSame(said: string, code: string): boolean {
  return equalBytes(sha256(encodeUtf8(said)), sha256(encodeUtf8(code)));
}

/**
 * Anybody may take a stranger's public key into their own certificate, for SSH keys sign nothing
 * back. So a key that two guests call theirs lets neither in: it would be a way to have somebody act
 * for another without knowing. The owner always comes in: no guest can keep them out, and what
 * owners do to guests they can do without.
 */
async function findByKey(
  key: Uint8Array,
  { people, owner, clock, log }: DoorParts,
  reader: PartsReader,
): Promise<Fingerprint | undefined> {
  const found: Fingerprint[] = [];
  const all = await people();
  reader.keep(all);
  for (const one of all) {
    if (await reader.holds(one, key, clock.nowMs())) found.push(one.person);
  }
  if (found.length > 1) {
    log.warn("several people call an SSH key theirs", { people: found.join(" ") });
  }
  return found.length === 1 ? found[0] : found.find((person) => person === owner());
}

async function findByToken(
  text: string,
  { people, pgp, clock, hostKey }: DoorParts,
  taken: TakenTokens,
): Promise<Fingerprint | undefined> {
  try {
    const nowMs = clock.nowMs();
    const token = parseToken(text, hostKey, nowMs);
    const signer = (await people()).find(({ person }) => person === token.person);
    if (signer === undefined) return undefined;
    await pgp.verify(signer.certificate, tokenText(token), token.signature, nowMs);
    return taken.take(token, nowMs) ? token.person : undefined;
  } catch (thrown) {
    // Whatever is wrong with what a stranger says is not our failure.
    if (thrown instanceof PeriError && thrown.kind !== "internal") return undefined;
    throw thrown;
  }
}

/** Reads certificates once: everyone who knocks would have them all checked again. */
class PartsReader {
  readonly #known = new Map<
    Fingerprint,
    { readonly certificate: Uint8Array; readonly parts: readonly KeyPart[] }
  >();

  constructor(private readonly pgp: Pick<Pgp, "parts">) {}

  /** Whether an SSH key is one of somebody at a time. */
  async holds(one: Inhabitant, key: Uint8Array, nowMs: number): Promise<boolean> {
    return sshKeysOf(await this.#read(one), nowMs).some((own) => equalBytes(own.key, key));
  }

  /** Forgets those who have left. */
  keep(people: readonly Inhabitant[]): void {
    if (this.#known.size <= people.length) return;
    const here = new Set(people.map(({ person }) => person));
    for (const person of this.#known.keys()) if (!here.has(person)) this.#known.delete(person);
  }

  async #read({ person, certificate }: Inhabitant): Promise<readonly KeyPart[]> {
    const known = this.#known.get(person);
    if (known !== undefined && equalBytes(known.certificate, certificate)) return known.parts;
    const parts = await this.pgp.parts(certificate);
    this.#known.set(person, { certificate, parts });
    return parts;
  }
}

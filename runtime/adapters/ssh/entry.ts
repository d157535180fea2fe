/**
 * How a client says who comes: by a key or by a token. One client, until they are in.
 *
 * @module
 */

import { formatBase64 } from "../../model/bytes.ts";
import { MAX_SSH_ATTEMPTS, MAX_SSH_OFFERS } from "../../model/ssh/limits.ts";
import { MAX_SSH_KEY_BYTES } from "../../model/ssh/key.ts";
import type { Entrant } from "../../gate/ssh/channel.ts";
import type { SshGate } from "../../gate/ssh/gate.ts";
import { type AuthContext, library } from "./library.ts";

/** What may be tried. */
const METHODS = ["publickey", "keyboard-interactive", "password"];
/** A token that is refused is refused after this time, whatever it was that was wrong with it. */
const REFUSAL_MS = 250;
/** Types of keys that SSH signs with, and those of RSA with SHA-2 alone (RFC 8332). */
const KEY_TYPES =
  /^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa(?= sha(?:256|512)$))(?: |$)/;

/** Somebody at the door. */
export class Entry {
  #attempts = 0;
  #offers = 0;

  /** @param tooOften ends the connection of somebody who tries again and again */
  constructor(
    private readonly gate: Pick<SshGate, "byKey" | "byToken">,
    private readonly tooOften: () => void,
  ) {}

  /**
   * Answers one try. Resolves to the person who is in from now on; undefined when nobody is yet.
   * Rejects never.
   */
  async answer(context: AuthContext): Promise<Entrant | undefined> {
    if (context.method === "publickey" && context.signature === undefined) {
      return this.#offer(context);
    }
    // Counted when it begins: several may be sent without waiting for what becomes of the first.
    const attempt = context.method === "none" ? 0 : ++this.#attempts;
    let person: Entrant | undefined;
    try {
      if (attempt <= MAX_SSH_ATTEMPTS) person = await this.#find(context);
    } catch {
      // A failure of ours keeps people out, and says nothing to them.
    }
    if (person !== undefined) return person;
    // The first question is always which ways there are.
    if (attempt >= MAX_SSH_ATTEMPTS) this.tooOften();
    else context.reject(METHODS);
    return undefined;
  }

  /**
   * "Would you take this key?" is answered with yes for every key that could be one: a no would tell
   * everybody who has somebody's public key whether they live here.
   */
  #offer(context: AuthContext): undefined {
    if (++this.#offers > MAX_SSH_OFFERS) this.tooOften();
    else if (isKey(context)) context.accept();
    else context.reject(METHODS);
  }

  async #find(context: AuthContext): Promise<Entrant | undefined> {
    if (context.method === "publickey") {
      const { key } = context;
      return await hasSigned(context) ? await this.gate.byKey(key!.data) : undefined;
    }
    const startedMs = performance.now();
    const token = await tokenOf(context);
    if (token === undefined) return undefined;
    const person = await this.gate.byToken(token).catch(() => undefined);
    if (person === undefined) await passed(startedMs + REFUSAL_MS);
    return person;
  }
}

function isKey({ key, hashAlgo }: AuthContext): boolean {
  if (key === undefined || key.data.length > MAX_SSH_KEY_BYTES) return false;
  return KEY_TYPES.test(hashAlgo === undefined ? key.algo : `${key.algo} ${hashAlgo}`);
}

/** Whether they hold the secret of the key. As much work for a key that nobody here has. */
async function hasSigned(context: AuthContext): Promise<boolean> {
  const { key, blob, signature, hashAlgo } = context;
  if (!isKey(context) || key === undefined || blob === undefined) return false;
  const { utils } = await library();
  const parsed = utils.parseKey(`${key.algo} ${formatBase64(key.data)}`);
  if (parsed instanceof Error || parsed.type !== key.algo) return false;
  return parsed.verify(blob, signature!, hashAlgo) === true;
}

function tokenOf(context: AuthContext): Promise<string | undefined> {
  if (context.method === "password") {
    const { password } = context;
    return Promise.resolve(typeof password === "string" ? password : undefined);
  }
  if (context.method !== "keyboard-interactive") return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const prompts = [{ prompt: "Token: ", echo: false }];
    const instructions = "A token is the last line of: peri ssh --token THIS-HOST";
    context.prompt!(prompts, "peri", instructions, (answers) => {
      resolve(answers instanceof Error ? undefined : answers[0] ?? "");
    });
  });
}

function passed(untilMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, untilMs - performance.now())));
}

/**
 * Signatures of keys that people give each other. The periphery keeps and checks them; this passes
 * them on, as far as the rules allow.
 *
 * @module
 */

import { type Pod, Refusal, type Run } from "../sdk/mod.ts";
import { type Gate, notTaken } from "./gate.ts";
import { Signatures } from "./generated.ts";

/** Most bytes of one signature with its keys; what is larger fits no message. */
const MAX_CERTIFICATION_BYTES = 32 * 1024;
/** Most signatures given to one who asks. */
const MAX_GIVEN = 1_000;

/** A signature as the periphery gives it. */
export interface Certification {
  /** Fingerprints. */
  readonly issuer: string;
  readonly subject: string;
  /** The keyring with it. */
  readonly bytes: Uint8Array;
}

/** One that the pod's person has made, without its bytes. */
export interface Signed {
  /** Names it to the periphery. */
  readonly place: string;
  readonly subject: string;
  /** Another one when it is made anew or taken back. */
  readonly version: string;
}

interface SignedPage {
  readonly certifications: readonly {
    readonly place: string;
    readonly subject: string;
    readonly created: number;
    readonly revoked: boolean;
  }[];
  readonly next?: string;
}

interface Page {
  readonly certifications: readonly {
    readonly issuer: string;
    readonly subject: string;
    readonly certification: string;
  }[];
  readonly next?: string;
}

/** Gives and takes signatures. */
export class SharedSignatures extends Signatures {
  /** @param reached hears of those who have asked for signatures, or given some */
  constructor(
    pod: Pod,
    private readonly gate: Gate,
    private readonly reached: (person: string) => Promise<void>,
  ) {
    super(pod);
  }

  /** Those that the person has made. @throws {Refusal} `denied`. */
  override async *certifications(): AsyncIterable<Uint8Array> {
    await this.#check("tell of signatures");
    const owner = await this.run.owner();
    let given = 0;
    for await (const { issuer, bytes } of heldBy(this.run)) {
      if (issuer !== owner) continue;
      if (++given > MAX_GIVEN) return;
      yield bytes;
    }
  }

  /** Has one checked and kept. @throws {Refusal} `denied`, `too-large`, what is wrong with it. */
  override async certified(certification: Uint8Array): Promise<void> {
    const op = "take a signature";
    await this.#check(op);
    if (certification.length > MAX_CERTIFICATION_BYTES) {
      const subject = `it has more than ${MAX_CERTIFICATION_BYTES} bytes`;
      throw new Refusal("too-large", { op, subject });
    }
    await takeCertification(this.run, certification);
  }

  async #check(op: string): Promise<void> {
    const { rule } = await this.gate.ask(op);
    if (!rule.signatures) throw notTaken(op);
    await this.reached(this.caller.person);
  }
}

/** What the periphery holds: what its person has signed, and what was signed over them. */
export async function* heldBy(run: Run): AsyncGenerator<Certification> {
  let after: string | undefined;
  do {
    const page = await run.request("certifications", { after }) as Page;
    for (const { issuer, subject, certification } of page.certifications) {
      const bytes = Uint8Array.fromBase64(certification);
      if (bytes.length <= MAX_CERTIFICATION_BYTES) yield { issuer, subject, bytes };
    }
    after = page.next;
  } while (after !== undefined);
}

/** What the pod's person has signed. */
export async function* signedBy(run: Run): AsyncGenerator<Signed> {
  let after: string | undefined;
  do {
    const page = await run.request("certifications", { own: true, after }) as SignedPage;
    for (const { place, subject, created, revoked } of page.certifications) {
      yield { place, subject, version: `${created}${revoked ? " taken back" : ""}` };
    }
    after = page.next;
  } while (after !== undefined);
}

/** One of these; undefined when it is gone, or too large for a message. */
export async function readCertification(run: Run, place: string): Promise<Uint8Array | undefined> {
  const { certification } = await run.request("certifications", { at: place }) as {
    readonly certification: string | null;
  };
  if (certification === null) return undefined;
  const bytes = Uint8Array.fromBase64(certification);
  return bytes.length <= MAX_CERTIFICATION_BYTES ? bytes : undefined;
}

/** Has the periphery check and keep one; how many signatures in it were new. */
export async function takeCertification(run: Run, bytes: Uint8Array): Promise<number> {
  const { taken } = await run.request("certifications", { take: bytes.toBase64() }) as {
    readonly taken: number;
  };
  return taken;
}

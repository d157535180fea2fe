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
  constructor(pod: Pod, private readonly gate: Gate) {
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

/** Has the periphery check and keep one; how many signatures in it were new. */
export async function takeCertification(run: Run, bytes: Uint8Array): Promise<number> {
  const { taken } = await run.request("certifications", { take: bytes.toBase64() }) as {
    readonly taken: number;
  };
  return taken;
}

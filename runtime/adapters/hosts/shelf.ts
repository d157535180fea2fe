/**
 * What a pod host already has of programs, so that nothing is sent twice. The QuickJS runtime, by
 * far the largest module, is the same in all pods made with it.
 *
 * @module
 */

import { encodeUtf8, formatHex, sha256 } from "../../model/bytes.ts";
import type { PodProgram } from "../../model/pod.ts";
import type { BlobId } from "../../model/words.ts";
import { fetchProgram, type ProgramSource } from "../../ports/sandbox.ts";
import type { ToHost } from "../host/protocol.ts";

/** A program as hashes of its parts. */
export interface Parts {
  readonly script: string;
  /** By the name the script asks for. */
  readonly modules: Readonly<Record<string, string>>;
}

/** Programs without an instance that a host keeps, so that starting them again is quick. */
const MAX_IDLE = 32;

const known = new WeakMap<PodProgram, Parts>();

/** The hashes of a program's parts; computed once per program object. */
export function hashParts(program: PodProgram): Parts {
  const found = known.get(program);
  if (found !== undefined) return found;
  const hash = (bytes: Uint8Array) => formatHex(sha256(bytes));
  const modules = [...program.modules].map(([name, bytes]) => [name, hash(bytes)] as const);
  const parts = {
    script: hash(encodeUtf8(program.script)),
    modules: Object.fromEntries(modules),
  };
  known.set(program, parts);
  return parts;
}

/** A program that a host has, and how many instances of it run there. */
interface Kept {
  readonly parts: Parts;
  uses: number;
}

/** What one host has. */
export class Shelf {
  /** Programs by component; those without use first, in the order in which that ended. */
  readonly #programs = new Map<BlobId, Kept>();
  readonly #sent = new Set<string>();
  readonly #say: (message: ToHost) => void;

  /** @param say sends to the host, in order */
  constructor(say: (message: ToHost) => void) {
    this.#say = say;
  }

  /**
   * Takes a program into use and sends what the host lacks of it. One that the host has is not
   * fetched: megabytes would be read, only to find that.
   *
   * @throws as {@link fetchProgram}
   */
  async take(program: PodProgram | ProgramSource): Promise<Parts> {
    const { component } = program;
    if (!this.#programs.has(component)) {
      const fetched = await fetchProgram(program);
      // Another start may have come first.
      if (!this.#programs.has(component)) {
        this.#programs.set(component, { parts: this.#send(fetched), uses: 0 });
      }
    }
    const kept = this.#programs.get(component)!;
    kept.uses++;
    return kept.parts;
  }

  /** Ends one use of a program. The host may be told to forget one that rested longest. */
  release(component: BlobId): void {
    const kept = this.#programs.get(component);
    if (kept === undefined || --kept.uses > 0) return;
    this.#programs.delete(component);
    this.#programs.set(component, kept);
    const idle = [...this.#programs].filter(([, { uses }]) => uses === 0);
    if (idle.length <= MAX_IDLE) return;
    const [oldest, { parts }] = idle[0]!;
    this.#programs.delete(oldest);
    this.#forget(parts);
  }

  #send(program: PodProgram): Parts {
    const parts = hashParts(program);
    if (this.#lacks(parts.script)) {
      this.#say({ kind: "script", hash: parts.script, text: program.script });
    }
    for (const [name, bytes] of program.modules) {
      const hash = parts.modules[name]!;
      if (this.#lacks(hash)) this.#say({ kind: "module", hash, bytes });
    }
    return parts;
  }

  #lacks(hash: string): boolean {
    const isNew = !this.#sent.has(hash);
    this.#sent.add(hash);
    return isNew;
  }

  #forget(parts: Parts): void {
    const needed = new Set([...this.#programs.values()].flatMap(({ parts }) => hashesOf(parts)));
    const hashes = hashesOf(parts).filter((hash) => !needed.has(hash));
    hashes.forEach((hash) => this.#sent.delete(hash));
    this.#say({ kind: "forget", hashes });
  }
}

function hashesOf(parts: Parts): string[] {
  return [parts.script, ...Object.values(parts.modules)];
}

/**
 * What a pod host already has of programs, so that nothing is sent twice. The QuickJS runtime, by
 * far the largest module, is the same in all pods made with it.
 *
 * @module
 */

import { encodeUtf8, formatHex, sha256 } from "../../model/bytes.ts";
import type { PodProgram } from "../../model/pod.ts";
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

/** What one host has. */
export class Shelf {
  /** Uses of each program by its component; those without use first, in the order they ended. */
  readonly #programs = new Map<string, { parts: Parts; uses: number }>();
  readonly #sent = new Set<string>();

  /** Takes a program into use. Returns what the host lacks. */
  take(program: PodProgram): ToHost[] {
    const parts = hashParts(program);
    const entry = this.#programs.get(program.component) ?? { parts, uses: 0 };
    entry.uses++;
    this.#programs.set(program.component, entry);
    const lacking: ToHost[] = [];
    if (this.#lacks(parts.script)) {
      lacking.push({ kind: "script", hash: parts.script, text: program.script });
    }
    for (const [name, bytes] of program.modules) {
      const hash = parts.modules[name]!;
      if (this.#lacks(hash)) lacking.push({ kind: "module", hash, bytes });
    }
    return lacking;
  }

  /** Ends one use of a program. Returns what the host should forget. */
  release(program: PodProgram): ToHost[] {
    const entry = this.#programs.get(program.component);
    if (entry === undefined || --entry.uses > 0) return [];
    this.#programs.delete(program.component);
    this.#programs.set(program.component, entry);
    const idle = [...this.#programs].filter(([, { uses }]) => uses === 0);
    if (idle.length <= MAX_IDLE) return [];
    this.#programs.delete(idle[0]![0]);
    return this.#forget(idle[0]![1].parts);
  }

  #lacks(hash: string): boolean {
    const isNew = !this.#sent.has(hash);
    this.#sent.add(hash);
    return isNew;
  }

  #forget(parts: Parts): ToHost[] {
    const needed = new Set([...this.#programs.values()].flatMap(({ parts }) => hashesOf(parts)));
    const hashes = hashesOf(parts).filter((hash) => !needed.has(hash));
    hashes.forEach((hash) => this.#sent.delete(hash));
    return [{ kind: "forget", hashes }];
  }
}

function hashesOf(parts: Parts): string[] {
  return [parts.script, ...Object.values(parts.modules)];
}

/**
 * Rewrites the code of one function: epoch checks at its start and in every loop, `memory.grow`
 * replaced by a call. A function that calls nothing gets none at its start: without a loop it ends
 * by itself, and only calls can make a circle.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../model/bytes.ts";
import { encodeU32, type Reader, refuseComponent } from "./binary.ts";
import { IMMEDIATE, prefixedImmediate } from "./opcodes.ts";

/** What is put into the code. */
export interface Guards {
  /** Instructions that trap when the pod's time is up. */
  readonly check: Bytes;
  /** Memories the module may name. The epoch comes after them and stays out of reach. */
  readonly memories: number;
  /** The function that grows memory 0; those of the others follow. */
  readonly growFunction: number;
}

/** `call`, `call_indirect`, `return_call`, `return_call_indirect`, `call_ref`, `return_call_ref`. */
const [FIRST_CALL, LAST_CALL] = [0x10, 0x15];
const NOTHING = new Uint8Array();

/** Most local declarations of one function. V8 takes 50,000 locals. */
const MAX_LOCALS = 50_000;

/**
 * The rewritten body as parts to be joined.
 *
 * @param reader over exactly one function body: locals and instructions
 * @throws {PeriError} `invalid` for instructions that are not run here.
 */
export function rewriteBody(reader: Reader, guards: Guards): Uint8Array[] {
  let from = reader.at;
  const parts: Uint8Array[] = [];
  const insert = (until: number, bytes: Uint8Array) => {
    parts.push(reader.bytes.subarray(from, until), bytes);
    from = reader.at;
  };
  skipLocals(reader);
  insert(reader.at, guards.check);
  const entry = parts.length - 1;
  let isLeaf = true;
  while (reader.at < reader.end) {
    const start = reader.at;
    const opcode = reader.byte();
    const kind = IMMEDIATE[opcode]!;
    if (opcode >= FIRST_CALL && opcode <= LAST_CALL) isLeaf = false;
    if (kind === "grow") insert(start, callGrow(reader, guards));
    else skipImmediate(reader, kind, opcode, guards.memories);
    if (kind === "loop") insert(reader.at, guards.check);
  }
  parts.push(reader.bytes.subarray(from, reader.end));
  if (isLeaf) parts[entry] = NOTHING;
  return parts;
}

function skipLocals(reader: Reader): void {
  const groups = reader.u32();
  if (groups > MAX_LOCALS) throw refuseComponent("a function in it has too many locals");
  for (let left = groups; left > 0; left--) {
    reader.u32();
    reader.skip(1);
  }
}

function callGrow(reader: Reader, guards: Guards): Bytes {
  const memory = readMemory(reader, guards.memories);
  return concatBytes([new Uint8Array([0x10]), encodeU32(guards.growFunction + memory)]);
}

function skipImmediate(reader: Reader, kind: string, opcode: number, memories: number): void {
  switch (kind) {
    case "none":
      return;
    case "one":
    case "block":
    case "loop":
      return reader.skipInteger();
    case "two":
      reader.skipInteger();
      return reader.skipInteger();
    case "many":
      return skipList(reader, 1);
    case "types":
      return skipList(reader, 0);
    case "f32":
      return reader.skip(4);
    case "f64":
      return reader.skip(8);
    case "memory":
      return void readMemory(reader, memories);
    case "address":
      return skipAddress(reader, memories);
    case "prefix":
      return skipPrefixed(reader, opcode, memories);
    default:
      throw refuseComponent(`it uses instruction 0x${opcode.toString(16)}, which is not run here`);
  }
}

function skipList(reader: Reader, more: number): void {
  for (let left = reader.u32() + more; left > 0; left--) reader.skipInteger();
}

function skipPrefixed(reader: Reader, prefix: number, memories: number): void {
  const code = reader.u32();
  for (const kind of prefixedImmediate(prefix, code)) {
    if (kind === "lane") reader.skip(1);
    else if (kind === "v128") reader.skip(16);
    else if (kind === "no") throw refuseComponent("it uses vector instructions not run here");
    else skipImmediate(reader, kind, prefix, memories);
  }
}

/** `memarg`: alignment, in bit 6 whether a memory index follows, offset. */
function skipAddress(reader: Reader, memories: number): void {
  const flags = reader.u32();
  if ((flags & 0x40) !== 0) readMemory(reader, memories);
  reader.skipInteger();
}

/** A memory index. The epoch's is refused, so no guest can lower its own flag. */
function readMemory(reader: Reader, memories: number): number {
  const memory = reader.u32();
  if (memory >= memories) throw refuseComponent("it uses a memory it does not have");
  return memory;
}

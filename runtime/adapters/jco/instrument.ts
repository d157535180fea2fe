/**
 * Makes a core module safe to run: an endless loop can be stopped from another thread, and the
 * host decides how much memory there is.
 *
 * - Every loop header, and the entry of every function that calls others, reads a flag in an imported
 *   shared memory ("epoch") and traps when it is set.
 * - Memories the module defines become imports, so that the host makes them, with its own maximum.
 *   They keep their index: imports come first and nothing else of the module moves.
 * - `memory.grow` goes through a function that traps when it is refused, so that a pod over its
 *   budget ends and the host knows why.
 * - Tables get a maximum. Instructions outside the list in `opcodes.ts` are refused.
 *
 * (WebAssembly core specification 3.0, chapter 5.)
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../model/bytes.ts";
import {
  encodeName,
  encodeSection,
  encodeU32,
  Reader,
  readSections,
  refuseComponent,
  type Section,
} from "./binary.ts";
import { rewriteBody } from "./body.ts";
import { EPOCH, formatMemoryImport, GUARD } from "./guard.ts";
import { readShape, type Shape } from "./shape.ts";

const SECTION = { type: 1, import: 2, function: 3, table: 4, memory: 5, code: 10 } as const;
const KIND_MEMORY = 2;
const SHARED_LIMITED = 3;

/** Most entries a table may be grown to; larger ones must be declared so. */
const TABLE_MAXIMUM = 100_000;
/** Most entries a table may have from the start. */
const TABLE_MINIMUM = 1_000_000;

/**
 * The module with its guards. Custom sections are dropped.
 *
 * @throws {PeriError} `invalid` for a module that is malformed or uses what peri does not run.
 */
export function instrument(module: Uint8Array): Bytes {
  const sections = readSections(module).filter((section) => section.id !== 0);
  const shape = readShape(module, sections);
  if (shape.importModules.has(GUARD)) throw refuseComponent(`a module in it imports ${GUARD}`);
  const parts = [module.subarray(0, 8), ...orderedParts(module, sections, shape)];
  return concatBytes(parts);
}

function orderedParts(module: Uint8Array, sections: readonly Section[], shape: Shape) {
  const parts: Uint8Array[] = [];
  let imported = false;
  for (const section of sections) {
    if (!imported && section.id > SECTION.import) {
      parts.push(importSection(module, undefined, shape));
      imported = true;
    }
    if (section.id === SECTION.import) imported = true;
    parts.push(rewriteSection(module, section, shape));
  }
  return parts;
}

function rewriteSection(module: Uint8Array, section: Section, shape: Shape): Uint8Array {
  switch (section.id) {
    case SECTION.type:
      return extendList(module, section, shape.types, [GROW_TYPE]);
    case SECTION.import:
      return importSection(module, section, shape);
    case SECTION.function:
      return extendList(
        module,
        section,
        shape.functions,
        shape.memories.map(() => encodeU32(shape.types)),
      );
    case SECTION.table:
      return tableSection(module, section);
    case SECTION.memory:
      return new Uint8Array();
    case SECTION.code:
      return codeSection(module, section, shape);
    default:
      return module.subarray(section.start, section.end);
  }
}

/** `(func (param i32) (result i32))` */
const GROW_TYPE = new Uint8Array([0x60, 1, 0x7f, 1, 0x7f]);

/** A section that is a list, with more items at its end. */
function extendList(
  module: Uint8Array,
  section: Section,
  count: number,
  more: readonly Uint8Array[],
): Bytes {
  const reader = new Reader(module, section.body, section.end);
  reader.u32();
  const items = module.subarray(reader.at, section.end);
  return encodeSection(section.id, [encodeU32(count + more.length), items, ...more]);
}

function importSection(module: Uint8Array, section: Section | undefined, shape: Shape): Bytes {
  const added = shape.memories.slice(shape.importedMemories).map(({ least, most }, index) =>
    concatBytes([
      encodeName(GUARD),
      encodeName(formatMemoryImport(index, { least, most })),
      new Uint8Array([KIND_MEMORY, 1]),
      encodeU32(least),
      encodeU32(most),
    ])
  );
  const shared = new Uint8Array([KIND_MEMORY, SHARED_LIMITED, 1, 1]);
  added.push(concatBytes([encodeName(GUARD), encodeName(EPOCH), shared]));
  if (section !== undefined) return extendList(module, section, shape.imports, added);
  return encodeSection(SECTION.import, [encodeU32(added.length), ...added]);
}

function tableSection(module: Uint8Array, section: Section): Bytes {
  const reader = new Reader(module, section.body, section.end);
  const count = reader.u32();
  const tables: Uint8Array[] = [];
  for (let left = count; left > 0; left--) {
    const type = reader.byte();
    const flags = reader.byte();
    if (type < 0x6f || type > 0x70 || flags > 1) throw refuseComponent("a table of unknown type");
    const least = reader.u32();
    const most = Math.min(flags === 1 ? reader.u32() : Infinity, Math.max(least, TABLE_MAXIMUM));
    if (least > TABLE_MINIMUM) throw refuseComponent("a table in it is too large");
    tables.push(new Uint8Array([type, 1]), encodeU32(least), encodeU32(most));
  }
  return encodeSection(section.id, [encodeU32(count), ...tables]);
}

function codeSection(module: Uint8Array, section: Section, shape: Shape): Bytes {
  const reader = new Reader(module, section.body, section.end);
  const count = reader.u32();
  if (count !== shape.functions) throw refuseComponent("functions in it have no code");
  const guards = {
    check: epochCheck(shape.memories.length),
    memories: shape.memories.length,
    growFunction: shape.importedFunctions + shape.functions,
  };
  const parts: Uint8Array[] = [encodeU32(count + shape.memories.length)];
  for (let left = count; left > 0; left--) {
    const size = reader.u32();
    const start = reader.at;
    reader.skip(size);
    const body = rewriteBody(new Reader(module, start, reader.at), guards);
    const rewritten = body.reduce((sum, part) => sum + part.length, 0);
    parts.push(encodeU32(rewritten), ...body);
  }
  shape.memories.forEach((_, memory) => {
    const body = growBody(memory, shape.memories.length);
    parts.push(encodeU32(body.length), body);
  });
  return encodeSection(section.id, parts);
}

/** `i32.const 0; i32.atomic.load epoch; if unreachable end`. Atomic, so that it is never hoisted. */
function epochCheck(epoch: number): Bytes {
  return concatBytes([
    new Uint8Array([0x41, 0, 0xfe, 0x10, 0x42]),
    encodeU32(epoch),
    new Uint8Array([0, 0x04, 0x40, 0x00, 0x0b]),
  ]);
}

/**
 * `(func (param i32) (result i32) (local i32) …)`: grows a memory; when that is refused it writes 1
 * at address 4 of the epoch and traps.
 */
function growBody(memory: number, epoch: number): Bytes {
  return concatBytes([
    new Uint8Array([1, 1, 0x7f, 0x20, 0, 0x40]),
    encodeU32(memory),
    new Uint8Array([0x22, 1, 0x41, 0x7f, 0x46, 0x04, 0x40, 0x41, 4, 0x41, 1, 0x36, 0x42]),
    encodeU32(epoch),
    new Uint8Array([0, 0x00, 0x0b, 0x20, 1, 0x0b]),
  ]);
}

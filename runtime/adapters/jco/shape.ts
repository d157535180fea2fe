/**
 * What a core module declares before its code: how many types, imports, functions and memories.
 *
 * @module
 */

import { Reader, refuseComponent, type Section } from "./binary.ts";

/** A memory's limits in pages of 64 KiB. */
export interface MemoryLimits {
  readonly least: number;
  readonly most: number;
}

/** The counts that instrumenting needs. */
export interface Shape {
  readonly types: number;
  readonly imports: number;
  readonly importModules: ReadonlySet<string>;
  readonly importedFunctions: number;
  readonly importedMemories: number;
  /** Functions the module defines. */
  readonly functions: number;
  /** Imported memories first, then defined ones: their place is their index. */
  readonly memories: readonly MemoryLimits[];
}

/** Most memories of one module. jco's own adapters between components use two. */
const MAX_MEMORIES = 4;
const MAX_PAGES = 65_536;

/** Names end up in the script that joins the modules, so only harmless ones are taken. */
const NAME = /^[\w $.:/@#|<>()[\]=>*+-]*$/;

const SECTION = { type: 1, import: 2, function: 3, memory: 5, export: 7 } as const;

interface Imports {
  readonly count: number;
  readonly modules: ReadonlySet<string>;
  readonly functions: number;
  readonly memories: readonly MemoryLimits[];
}

/** @throws {PeriError} `invalid` for what is malformed or not run here. */
export function readShape(module: Uint8Array, sections: readonly Section[]): Shape {
  const reader = (id: number) => {
    const found = sections.filter((section) => section.id === id);
    if (found.length > 1) throw refuseComponent("a module in it has a section twice");
    return found[0] && new Reader(module, found[0].body, found[0].end);
  };
  const imports = readImports(reader(SECTION.import));
  const exported = reader(SECTION.export);
  if (exported !== undefined) checkExports(exported);
  const memories = [...imports.memories, ...readMemories(reader(SECTION.memory))];
  if (memories.length > MAX_MEMORIES) throw refuseComponent("a module in it has many memories");
  return {
    types: countTypes(reader(SECTION.type)),
    imports: imports.count,
    importModules: imports.modules,
    importedFunctions: imports.functions,
    importedMemories: imports.memories.length,
    functions: reader(SECTION.function)?.u32() ?? 0,
    memories,
  };
}

/** Plain function types only: a recursive group would count as several. */
function countTypes(reader: Reader | undefined): number {
  const count = reader?.u32() ?? 0;
  for (let left = count; left > 0; left--) {
    if (reader!.byte() !== 0x60) throw refuseComponent("a module in it uses types not run here");
    for (let side = 0; side < 2; side++) skipValueTypes(reader!);
  }
  return count;
}

function skipValueTypes(reader: Reader): void {
  for (let left = reader.u32(); left > 0; left--) {
    const type = reader.byte();
    const plain = (type >= 0x7b && type <= 0x7f) || type === 0x70 || type === 0x6f;
    if (!plain) throw refuseComponent("a module in it uses types not run here");
  }
}

function readImports(reader: Reader | undefined): Imports {
  const count = reader?.u32() ?? 0;
  const modules = new Set<string>();
  const memories: MemoryLimits[] = [];
  let functions = 0;
  for (let left = count; left > 0; left--) {
    modules.add(readName(reader!));
    readName(reader!);
    const kind = reader!.byte();
    if (kind === 0) functions++;
    if (kind === 2) memories.push(readLimits(reader!));
    else skipImport(reader!, kind);
  }
  return { count, modules, functions, memories };
}

function skipImport(reader: Reader, kind: number): void {
  if (kind === 0) return void reader.u32();
  if (kind === 3) return reader.skip(2);
  if (kind !== 1) throw refuseComponent("a module in it imports something of an unknown kind");
  reader.skip(1);
  if (reader.byte() > 1) throw refuseComponent("a table of unknown type");
  reader.at--;
  if (reader.byte() === 1) reader.u32();
  reader.u32();
}

function readMemories(reader: Reader | undefined): MemoryLimits[] {
  const count = reader?.u32() ?? 0;
  if (count > MAX_MEMORIES) throw refuseComponent("a module in it has many memories");
  return Array.from({ length: count }, () => readLimits(reader!));
}

/** 32-bit memories that are not shared. */
function readLimits(reader: Reader): MemoryLimits {
  const flags = reader.byte();
  if (flags > 1) throw refuseComponent("a module in it has a shared or 64-bit memory");
  const least = reader.u32();
  const most = flags === 1 ? reader.u32() : MAX_PAGES;
  if (least > most || most > MAX_PAGES) throw refuseComponent("a memory in it has no size");
  return { least, most };
}

function checkExports(reader: Reader): void {
  for (let left = reader.u32(); left > 0; left--) {
    readName(reader);
    reader.skip(1);
    reader.u32();
  }
}

function readName(reader: Reader): string {
  const name = reader.name();
  if (!NAME.test(name)) throw refuseComponent("a name in it has characters not taken here");
  return name;
}

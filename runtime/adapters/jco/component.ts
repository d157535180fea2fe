/**
 * What a component binary shows without being run: what it imports and exports, and its own
 * description. Reads the outermost level only; jco validates the rest.
 *
 * @module
 */

import { MAX_COMPONENT_BYTES } from "../../model/limits.ts";
import { PeriError } from "../../model/errors.ts";
import { Reader, readSections, refuseComponent, type Section } from "./binary.ts";

/** The outside of a component. Names are WIT names with version: `peri:pod/host@0.1.0`. */
export interface ComponentOutside {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** Content of the custom section `peri:pod`, absent when there is none. */
  readonly manifest?: Uint8Array;
}

/** The custom section that holds the manifest (PROTOCOL.md, "Manifest"). */
export const MANIFEST_SECTION = "peri:pod";

/** Most imports and exports together that are read. */
const MAX_NAMES = 1_000;

const MAGIC = 0x0061736d;
const CORE_MODULE = 0x01000000;
const COMPONENT = 0x0d000100;
const SECTION = { custom: 0, imports: 10, exports: 11 } as const;

/**
 * Reads the outside of a component (component model, `design/mvp/Binary.md`).
 *
 * @throws {PeriError} `too-large` over `MAX_COMPONENT_BYTES`, `invalid` for anything else.
 */
export function readComponent(bytes: Uint8Array): ComponentOutside {
  checkHead(bytes);
  const imports: string[] = [];
  const exports: string[] = [];
  let manifest: Uint8Array | undefined;
  for (const section of readSections(bytes)) {
    if (section.id === SECTION.imports) imports.push(...readNames(bytes, section, skipType));
    if (section.id === SECTION.exports) exports.push(...readNames(bytes, section, skipExport));
    if (imports.length + exports.length > MAX_NAMES) throw refuseComponent("it has too many names");
    const found = section.id === SECTION.custom ? readCustom(bytes, section) : undefined;
    if (found === undefined) continue;
    if (manifest !== undefined) throw refuseComponent("it describes itself twice");
    manifest = found;
  }
  return manifest === undefined ? { imports, exports } : { imports, exports, manifest };
}

function checkHead(bytes: Uint8Array): void {
  if (bytes.length > MAX_COMPONENT_BYTES) {
    const subject = `${bytes.length} bytes, ${MAX_COMPONENT_BYTES} allowed`;
    throw new PeriError("too-large", { op: "read component", subject });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== MAGIC) {
    throw refuseComponent("this is not WebAssembly");
  }
  const layer = view.getUint32(4);
  if (layer === CORE_MODULE) throw refuseComponent("this is a core module, not a component");
  if (layer !== COMPONENT) throw refuseComponent("its version of the format is not known here");
}

function readCustom(bytes: Uint8Array, section: Section): Uint8Array | undefined {
  const reader = new Reader(bytes, section.body, section.end);
  const isManifest = reader.name() === MANIFEST_SECTION;
  return isManifest ? bytes.subarray(reader.at, section.end) : undefined;
}

function readNames(
  bytes: Uint8Array,
  section: Section,
  skipRest: (reader: Reader) => void,
): string[] {
  const reader = new Reader(bytes, section.body, section.end);
  const names: string[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    if (reader.byte() > 1) throw refuseComponent("a name in it is written in an unknown way");
    names.push(reader.name());
    skipRest(reader);
  }
  return names;
}

/** `externdesc`: what kind of thing an import or export is. */
function skipType(reader: Reader): void {
  const kind = reader.byte();
  if (kind === 0) reader.skip(1);
  const bounded = kind === 2 || kind === 3;
  const bound = bounded ? reader.byte() : 0;
  if (kind > 5) throw refuseComponent("it imports or exports something of an unknown kind");
  if (kind !== 3 || bound === 0) reader.skipInteger();
}

/** `sortidx` and the optional `externdesc` after the name of an export. */
function skipExport(reader: Reader): void {
  if (reader.byte() === 0) reader.skip(1);
  reader.skipInteger();
  if (reader.byte() !== 0) skipType(reader);
}

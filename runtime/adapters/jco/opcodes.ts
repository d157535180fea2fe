/**
 * What follows each instruction in the binary format (WebAssembly core specification, 5.4): the
 * allow-list of instructions that pods may use. Threads, exceptions and garbage collection are
 * not in it: they would let a guest block a thread or use memory outside its budget.
 *
 * @module
 */

/** Kinds of what follows an instruction. `no`: the instruction is not run here. */
export type Immediate =
  | "no"
  | "none"
  | "one"
  | "two"
  | "many"
  | "types"
  | "block"
  | "loop"
  | "f32"
  | "f64"
  | "memory"
  | "address"
  | "grow"
  | "prefix";

/** What follows each one-byte instruction. */
export const IMMEDIATE: readonly Immediate[] = makeTable();

function makeTable(): Immediate[] {
  const table = Array<Immediate>(256).fill("no");
  const set = (kind: Immediate, first: number, last = first) => table.fill(kind, first, last + 1);
  set("none", 0x00, 0x01); // unreachable, nop
  set("block", 0x02);
  set("loop", 0x03);
  set("block", 0x04); // if
  set("none", 0x05); // else
  set("none", 0x0b); // end
  set("one", 0x0c, 0x0d); // br, br_if
  set("many", 0x0e); // br_table
  set("none", 0x0f); // return
  set("one", 0x10); // call
  set("two", 0x11); // call_indirect
  set("one", 0x12); // return_call
  set("two", 0x13); // return_call_indirect
  set("none", 0x1a, 0x1b); // drop, select
  set("types", 0x1c); // select with types
  set("one", 0x20, 0x26); // local, global, table access
  set("address", 0x28, 0x3e); // loads and stores
  set("memory", 0x3f); // memory.size
  set("grow", 0x40);
  set("one", 0x41, 0x42); // i32.const, i64.const
  set("f32", 0x43);
  set("f64", 0x44);
  set("none", 0x45, 0xc4); // numbers
  set("one", 0xd0); // ref.null
  set("none", 0xd1); // ref.is_null
  set("one", 0xd2); // ref.func
  set("prefix", 0xfc, 0xfd); // bulk memory and saturating casts; vectors
  return table;
}

type Prefixed = Immediate | "lane" | "v128";

const BULK: readonly (readonly Prefixed[])[] = [
  [],
  [],
  [],
  [],
  [],
  [],
  [],
  [], // saturating casts
  ["one", "memory"], // memory.init
  ["one"], // data.drop
  ["memory", "memory"], // memory.copy
  ["memory"], // memory.fill
  ["two"], // table.init
  ["one"], // elem.drop
  ["two"], // table.copy
  ["one"], // table.grow
  ["one"], // table.size
  ["one"], // table.fill
];

/** Last of the relaxed vector instructions. */
const LAST_VECTOR = 0x113;

/** What follows an instruction of the 0xfc and 0xfd groups, in order. */
export function prefixedImmediate(prefix: number, code: number): readonly Prefixed[] {
  if (prefix === 0xfc) return BULK[code] ?? ["no"];
  if (code <= 11 || code === 92 || code === 93) return ["address"];
  if (code === 12 || code === 13) return ["v128"];
  if (code >= 21 && code <= 34) return ["lane"];
  if (code >= 84 && code <= 91) return ["address", "lane"];
  return code <= LAST_VECTOR ? [] : ["no"];
}

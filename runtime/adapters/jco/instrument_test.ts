import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { EPOCH, GUARD, parseMemoryImport } from "./guard.ts";
import { instrument } from "./instrument.ts";
import { assemble } from "./wat.ts";

/** The exports of a guarded module, its epoch and its memories. */
async function load(text: string, maximum = 100, imports: WebAssembly.Imports = {}) {
  const module = new WebAssembly.Module(instrument(await assemble(text)));
  const epoch = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const memories: WebAssembly.Memory[] = [];
  const guards: WebAssembly.ModuleImports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (from !== GUARD) continue;
    const limits = parseMemoryImport(name);
    if (limits) memories.push(new WebAssembly.Memory({ initial: limits.least, maximum }));
    guards[name] = name === EPOCH ? epoch : memories.at(-1)!;
  }
  const { exports } = new WebAssembly.Instance(module, { ...imports, [GUARD]: guards });
  return {
    call: exports as Record<string, (...args: number[]) => number>,
    flags: new Int32Array(epoch.buffer),
    memories,
  };
}

async function refuses(text: string, reason: RegExp): Promise<void> {
  const module = await assemble(text);
  assert.throws(() => instrument(module), (thrown) => {
    assert(thrown instanceof PeriError && thrown.kind === "invalid", String(thrown));
    assert.match(thrown.message, reason);
    return true;
  });
}

Deno.test("a loop stops in the middle when the flag is raised", async () => {
  let flags: Int32Array = new Int32Array(2);
  const imports = { host: { tick: (count: number) => (flags[0] = count > 1000 ? 1 : 0) } };
  const loaded = await load(
    `(module (import "host" "tick" (func $tick (param i32)))
      (func (export "spin") (local i32)
        (loop (call $tick (local.tee 0 (i32.add (local.get 0) (i32.const 1)))) (br 0))))`,
    1,
    imports,
  );
  flags = loaded.flags;
  assert.throws(() => loaded.call.spin!(), /unreachable/);
});

Deno.test("no function starts while the flag is raised, not even by a tail call", async () => {
  const { call, flags } = await load(`(module
    (func $again (export "again") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
      (return_call $again (i32.sub (local.get 0) (i32.const 1)))))`);
  assert.equal(call.again!(5), 7);
  flags[0] = 1;
  assert.throws(() => call.again!(5), /unreachable/);
});

Deno.test("what calls nothing and has no loop is left as it is", async () => {
  const leaf = `(module (func (export "more") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 1))))`;
  const { call, flags } = await load(leaf);
  flags[0] = 1;
  assert.equal(call.more!(6), 7);
});

Deno.test("the host decides how far a memory grows and hears of a refusal", async () => {
  const { call, flags, memories } = await load(
    `(module (memory (export "memory") 1)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "size") (result i32) (memory.size)))`,
    3,
  );
  assert.equal(call.grow!(2), 1);
  assert.equal(call.size!(), 3);
  assert.equal(memories[0]!.buffer.byteLength, 3 * 65_536);
  assert.equal(flags[1], 0);
  assert.throws(() => call.grow!(1), /unreachable/);
  assert.equal(flags[1], 1);
});

Deno.test("data, tables, globals, exports and imports keep their places", async () => {
  const { call } = await load(
    `(module
      (import "host" "one" (func $one (result i32)))
      (memory (export "memory") 1)
      (table 2 funcref) (elem (i32.const 0) $one $two)
      (global $g (mut i32) (i32.const 40))
      (func $two (result i32) (i32.const 2))
      (func (export "at") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
      (func (export "global") (result i32) (global.get $g))
      (func (export "byte") (param i32) (result i32) (i32.load8_u offset=1 (local.get 0)))
      (func (export "copy") (memory.copy (i32.const 8) (i32.const 0) (i32.const 4)))
      (func (export "pick") (param i32) (result i32)
        (block (block (br_table 0 1 (local.get 0))) (return (i32.const 10))) (i32.const 20))
      (func (export "wide") (result i32)
        (i32x4.extract_lane 2 (v128.const i32x4 1 2 3 4)))
      (data (i32.const 0) "abcd"))`,
    10,
    { host: { one: () => 1 } },
  );
  assert.equal(call.at!(0), 1);
  assert.equal(call.at!(1), 2);
  assert.equal(call.global!(), 40);
  assert.equal(call.byte!(0), "b".charCodeAt(0));
  call.copy!();
  assert.equal(call.byte!(8), "b".charCodeAt(0));
  assert.deepEqual([call.pick!(0), call.pick!(5)], [10, 20]);
  assert.equal(call.wide!(), 3);
});

Deno.test("two memories keep their indices and grow apart", async () => {
  const { call, memories } = await load(
    `(module (memory 1) (memory 2)
      (func (export "grow") (result i32) (memory.grow 1 (i32.const 1)))
      (func (export "put") (i32.store 1 (i32.const 0) (i32.const 9)))
      (func (export "get") (param i32) (result i32) (i32.load 0 (local.get 0))))`,
    3,
  );
  assert.equal(call.grow!(), 2);
  assert.deepEqual(memories.map(({ buffer }) => buffer.byteLength / 65_536), [1, 3]);
  call.put!();
  assert.equal(call.get!(0), 0);
});

Deno.test("a module without imports, memory or code stays one", async () => {
  for (const text of ["(module)", "(module (memory 1))", "(module (global i32 (i32.const 1)))"]) {
    await load(text);
  }
});

Deno.test("instructions that block a thread or use memory of the host are refused", async () => {
  await refuses(
    `(module (memory 1) (func (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))))`,
    /0xfe/,
  );
  await refuses(`(module (tag) (func (throw 0)))`, /0x8/);
  await refuses(`(module (type $s (struct)) (func (drop (struct.new $s))))`, /types/);
  await refuses(`(module (func (drop (ref.i31 (i32.const 1)))))`, /0xfb/);
  await refuses(`(module (memory 1 1 shared))`, /shared/);
  await refuses(`(module (memory i64 1))`, /64-bit/);
  await refuses(`(module (table 2000000 funcref))`, /table/);
  await refuses(`(module (memory 1) (memory 1) (memory 1) (memory 1) (memory 1))`, /memories/);
});

Deno.test("a module cannot name the epoch", async () => {
  await refuses(`(module (import "${GUARD}" "${EPOCH}" (memory 1)))`, /peri:guard/);
  // Valid only behind the import that is added: the index is that of the epoch.
  const module = await assemble(
    `(module (memory 1) (memory 1) (func (i32.store 1 (i32.const 0) (i32.const 0))))`,
  );
  const count = module.indexOf(5, 8) + 2;
  const one = module.slice();
  assert.equal(one[count], 2);
  one.set([1, 0, 1, 0], count);
  one[count - 1] = 5;
  assert.throws(() => instrument(one), /a memory it does not have/);
});

Deno.test("names that would break out of the script are refused", async () => {
  for (const name of ["a']; alert(); //", "a\\\\", "a\\n", "`${1}`", 'x\\"']) {
    await refuses(`(module (func (export "${name}")))`, /characters/);
    await refuses(`(module (import "x" "${name}" (func)))`, /characters/);
    await refuses(`(module (import "${name}" "x" (func)))`, /characters/);
  }
});

Deno.test("a module cut off or with any byte changed is instrumented or refused, nothing else", async () => {
  const whole = await assemble(
    `(module (import "a" "b" (func)) (memory 1 2) (table 1 funcref)
      (func (export "f") (result i32) (loop (br_if 0 (i32.const 0))) (memory.grow (i32.const 1))))`,
  );
  const attempt = (bytes: Uint8Array) => {
    try {
      WebAssembly.validate(instrument(bytes));
    } catch (thrown) {
      assert(thrown instanceof PeriError && thrown.kind === "invalid", String(thrown));
    }
  };
  for (let at = 8; at < whole.length; at++) {
    attempt(whole.subarray(0, at));
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) attempt(whole.with(at, value));
  }
});

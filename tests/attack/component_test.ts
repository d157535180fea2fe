/**
 * Components that no compiler writes: each test first tells the hole it tries.
 *
 * @module
 */

import assert from "node:assert/strict";
import { openCompiler } from "../../runtime/adapters/compiler.ts";
import { openHosts } from "../../runtime/adapters/hosts.ts";
import { assemble, componentOf } from "../../runtime/adapters/jco/wat.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { PodEnd, PodOutput, PodProgram } from "../../runtime/model/pod.ts";
import type { PodInstance } from "../../runtime/ports/sandbox.ts";
import { patienceMs } from "../pods/build.ts";

const MIB = 1024 * 1024;
const BUDGET = { memoryBytes: 64 * MIB, sliceMs: 200 };
const WIT = await Deno.readTextFile(new URL("../../wit/actor.wit", import.meta.url));

/** A pod by hand: what its three functions do. `$log` and `$commit` are `peri:pod/host`. */
interface Parts {
  /** Gets `(param i32 i32)`; the answer 0 ends the task, 1 asks to be called back. */
  readonly dispatch: string;
  /** Gets `(param i32 i32 i32)`. */
  readonly callback?: string;
  /** Gets `(param i32 i32 i32 i32)`. */
  readonly realloc?: string;
  readonly more?: string;
  readonly pages?: number;
}

const RETURN = "(call $return (i32.const 0) (i32.const 0) (i32.const 0))";
const BUMP = `
  (global.set $top (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
  (global.get $top)
  (global.set $top (i32.add (global.get $top) (local.get 3)))`;

function podText({ dispatch, callback, realloc, more, pages }: Parts): string {
  return `(module
    (import "peri:pod/host@0.1.0" "log" (func $log (param i32 i32 i32 i32)))
    (import "peri:pod/host@0.1.0" "commit"
      (func $commit (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "[export]peri:pod/guest@0.1.0" "[task-return]dispatch"
      (func $return (param i32 i32 i32)))
    (memory (export "memory") ${pages ?? 100})
    (global $top (mut i32) (i32.const 1024))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) ${realloc ?? BUMP})
    (func (export "[async-lift]peri:pod/guest@0.1.0#dispatch") (param i32 i32) (result i32)
      ${dispatch})
    (func (export "[callback][async-lift]peri:pod/guest@0.1.0#dispatch")
      (param i32 i32 i32) (result i32) ${callback ?? "(i32.const 0)"})
    (data (i32.const 0) "info")
    ${more ?? ""})`;
}

const programs = new Map<Parts, Promise<PodProgram>>();

/** A pod's program; compiled once per process. */
function programOf(parts: Parts): Promise<PodProgram> {
  const program = programs.get(parts) ?? componentOf(podText(parts), WIT, "pod").then(compile);
  programs.set(parts, program);
  return program;
}

async function compile(component: Uint8Array): Promise<PodProgram> {
  const cacheDir = await Deno.makeTempDir({ prefix: "peri-attack-" });
  try {
    return await openCompiler({ cacheDir }).compile(component);
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
}

const GOOD: Parts = {
  dispatch: `(call $log (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 4))
    ${RETURN} (i32.const 0)`,
};

const poke = (pod: PodInstance) => pod.dispatch([{ kind: "cancel", invocation: 1 }]);

/** Lets a bad pod run beside a good one. The good one must answer within half a second. */
async function attack(bad: Parts): Promise<{ end: PodEnd; said: PodOutput[] }> {
  const sandbox = openHosts({ count: 1 });
  try {
    const good = await programOf(GOOD);
    const heard: (() => void)[] = [];
    const neighbour = await sandbox.start(good, BUDGET, () => heard.splice(0).forEach((h) => h()));
    const answer = () => {
      const answered = new Promise<void>((resolve) => heard.push(resolve));
      poke(neighbour);
      return answered;
    };
    await answer();
    const said: PodOutput[] = [];
    const program = await programOf(bad);
    const pod = await sandbox.start(program, BUDGET, (output) => said.push(output));
    poke(pod);
    const before = performance.now();
    await answer();
    const waited = performance.now() - before;
    const end = await pod.ended;
    await answer();
    assert(waited < patienceMs(), `the neighbour waited ${waited} ms`);
    return { end, said };
  } finally {
    await sandbox.close();
  }
}

Deno.test("attack: half a million records that all name one text of 30 MiB", async () => {
  // The guest needs 56 MiB; a host that copies what it is shown would need 30 TiB.
  const { end, said } = await attack({
    pages: 900,
    dispatch: `(local i32)
      (local.set 0 (i32.const 33554432))
      (loop
        (i32.store offset=4 (local.get 0) (i32.const 31457280))
        (i32.store offset=12 (local.get 0) (i32.const 31457280))
        (local.set 0 (i32.add (local.get 0) (i32.const 28)))
        (br_if 0 (i32.lt_u (local.get 0) (i32.const 50000000))))
      (call $commit (i32.const 1) (i32.const 33554432) (i32.const 500000)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      ${RETURN} (i32.const 0)`,
  });
  assert.equal(end, "trap");
  assert.match(JSON.stringify(said.at(-1)), /it said more than/);
});

Deno.test("attack: the host calls the guest to make room, and it never comes back", async () => {
  // Room is made outside of dispatch; whoever only watches dispatch hangs here for ever.
  const { end } = await attack({
    ...GOOD,
    realloc: "(loop (br 0)) (unreachable)",
  });
  assert.equal(end, "time");
});

Deno.test("attack: a task that asks to be called back for ever", async () => {
  // Each call is short, so no single one is over the limit.
  const { end } = await attack({ dispatch: "(i32.const 1)", callback: "(i32.const 1)" });
  assert.equal(end, "time");
});

Deno.test("attack: a task that says it is done and goes on computing", async () => {
  const { end } = await attack({
    dispatch: `${RETURN} (i32.const 1)`,
    callback: "(loop (br 0)) (unreachable)",
  });
  assert.equal(end, "time");
});

Deno.test("attack: a recursion that never returns", async () => {
  const { end } = await attack({
    dispatch: "(call $deep (i32.const 0))",
    more:
      "(func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))",
  });
  assert.equal(end, "trap");
});

Deno.test("attack: an answer that points outside of memory", async () => {
  const { end } = await attack({
    dispatch: `(call $log (i32.const 0) (i32.const 4) (i32.const -16) (i32.const 64))
      ${RETURN} (i32.const 0)`,
  });
  assert.equal(end, "trap");
});

Deno.test("attack: a text that is not UTF-8", async () => {
  const { said } = await attack({
    dispatch: `(i32.store (i32.const 16) (i32.const 0xc0ff))
      (call $log (i32.const 0) (i32.const 4) (i32.const 16) (i32.const 4)) (unreachable)`,
  });
  const log = said.find((output) => output.kind === "log");
  assert(log?.kind === "log" && log.line.isWellFormed());
});

Deno.test("attack: all memory asked for in one piece", async () => {
  const { end } = await attack({
    dispatch: "(drop (memory.grow (i32.const 60000))) (i32.const 0)",
  });
  assert.equal(end, "memory");
});

Deno.test("attack: a pod whose memory is over its budget from the start", async () => {
  const sandbox = openHosts({ count: 1 });
  try {
    const program = await programOf({ ...GOOD, pages: 2_000 });
    await assert.rejects(
      sandbox.start(program, BUDGET, () => {}),
      (thrown) => thrown instanceof PeriError && thrown.kind === "damaged",
    );
  } finally {
    await sandbox.close();
  }
});

Deno.test("attack: names that break out of the script jco writes", async () => {
  // jco 1.35 puts names of core modules between quotes as they are: this name is JavaScript.
  const name = "a']; globalThis.owned = true; //";
  const component = await assemble(`(component
    (core module $m (func (export "${name}")))
    (core module $n (import "x" "${name}" (func)))
    (core instance $i (instantiate $m))
    (core instance $j (instantiate $n (with "x" (instance $i))))
    (import "peri:pod/host@0.1.0" (instance $host))
    (export "peri:pod/guest@0.1.0" (instance $host)))`);
  await assert.rejects(compile(component), /characters/);
});

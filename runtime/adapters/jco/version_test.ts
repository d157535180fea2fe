import assert from "node:assert/strict";
import { concatBytes, encodeUtf8, formatHex, sha256 } from "../../model/bytes.ts";
import { patchScript } from "./patches.ts";
import { transpile } from "./transpile.ts";
import { COMPILER_VERSION } from "./version.ts";
import { componentOf } from "./wat.ts";

const WIT = await Deno.readTextFile(new URL("../../../wit/actor.wit", import.meta.url));

/** A small pod that uses all of the host, with a memory and a loop. */
const POD = `(module
  (import "peri:pod/host@0.1.0" "log" (func (param i32 i32 i32 i32)))
  (import "peri:pod/host@0.1.0" "commit"
    (func (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "[export]peri:pod/guest@0.1.0" "[task-return]dispatch" (func (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (memory.grow (i32.const 1)))
  (func (export "[async-lift]peri:pod/guest@0.1.0#dispatch") (param i32 i32) (result i32)
    (loop (br_if 0 (i32.const 0))) (i32.const 0))
  (func (export "[callback][async-lift]peri:pod/guest@0.1.0#dispatch") (param i32 i32 i32)
    (result i32) (i32.const 0)))`;

/** What {@link POD} compiles to, by version. A new version gets a new line. */
const OUTPUTS: Record<string, string> = {
  "jco-0.15.0-peri-3": "f5974b76e2633a59953ca335305faacc926e9b190c7399f5879884f723902dd1",
  "jco-0.15.0-peri-4": "a5c10f1ad950dc8b98611d800ca5d7f2c7ccf8504b67afa14f2807b982fe0a93",
};

Deno.test("a component compiles to the same bytes as long as the version is the same", async () => {
  const { script, modules } = await transpile(await componentOf(POD, WIT, "pod"));
  const hash = formatHex(sha256(concatBytes([encodeUtf8(script), ...modules.values()])));
  const hint = "the compiler's output has changed: raise COMPILER_VERSION, then note the new hash";
  assert.equal(hash, OUTPUTS[COMPILER_VERSION], hint);
});

Deno.test("jco's script has every place that is patched", async () => {
  const { script } = await transpile(await componentOf(POD, WIT, "pod"));
  for (
    const text of [
      "promising: { value: (run) => run }",
      "_metered(new TextDecoder())",
      "_metered(new TextDecoder('utf-16'))",
      "_guard.charge(len * (elemSize32 + 16))",
      "throw new Error('too many handles')",
      "tasks.findIndex((task) => task.id === taskID)",
      "const _deferImport = (types) => {",
    ]
  ) assert.equal(script.split(text).length, 2, text);
  assert(!script.includes("JCO_DEBUG"));
  assert(script.includes("_deferImport(() => ({"));
  assert(!script.includes("_lowerImportBackwardsCompat.bind(\n"));
  assert.throws(() => patchScript(script), /has changed/);
});

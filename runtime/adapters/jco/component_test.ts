import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { MAX_COMPONENT_BYTES } from "../../model/limits.ts";
import { concatBytes, encodeUtf8 } from "../../model/bytes.ts";
import { encodeName, encodeSection } from "./binary.ts";
import { readComponent } from "./component.ts";
import { checkWorld } from "./world.ts";
import { assemble } from "./wat.ts";

const HEAD = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]);

function refusal(run: () => unknown): PeriError {
  try {
    run();
  } catch (thrown) {
    assert(thrown instanceof PeriError);
    return thrown;
  }
  throw new Error("it was taken");
}

const custom = (name: string, content: string) =>
  encodeSection(0, [encodeName(name), encodeUtf8(content)]);

Deno.test("what is no component is refused with a reason and a hint", async () => {
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(), /not WebAssembly/],
    [encodeUtf8("#!/bin/sh\nexit 0\n"), /not WebAssembly/],
    [await assemble("(module)"), /core module/],
    [new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 2, 0]), /version of the format/],
  ];
  for (const [bytes, reason] of cases) {
    const error = refusal(() => readComponent(bytes));
    assert.equal(error.kind, "invalid");
    assert.match(error.message, reason);
    assert.match(error.hint ?? "", /peri pod build/);
  }
});

Deno.test("a component over the bound is refused before it is read", () => {
  const error = refusal(() => readComponent(new Uint8Array(MAX_COMPONENT_BYTES + 1)));
  assert.equal(error.kind, "too-large");
});

Deno.test("imports, exports and manifest are read from the outermost level", async () => {
  const bytes = await assemble(`(component
    (import "wasi:io/poll@0.2.0" (instance $poll (export "f" (func))))
    (import "plain" (func))
    (export "peri:pod/guest@0.1.0" (instance $poll)))`);
  const outside = readComponent(concatBytes([bytes, custom("peri:pod", "{}")]));
  assert.deepEqual(outside.imports, ["wasi:io/poll@0.2.0", "plain"]);
  assert.deepEqual(outside.exports, ["peri:pod/guest@0.1.0"]);
  assert.deepEqual(outside.manifest, encodeUtf8("{}"));
});

Deno.test("two manifests are refused: readers could disagree which one counts", () => {
  const bytes = concatBytes([HEAD, custom("peri:pod", "{}"), custom("peri:pod", "{}")]);
  assert.match(refusal(() => readComponent(bytes)).message, /twice/);
});

Deno.test("a component cut off anywhere is refused or has lost its end, and never throws otherwise", async () => {
  const whole = concatBytes([
    await assemble(`(component (import "a" (func)) (export "b" (func 0)))`),
    custom("peri:pod", "{}"),
  ]);
  for (let size = 0; size < whole.length; size++) {
    try {
      assert.equal(readComponent(whole.subarray(0, size)).manifest, undefined);
    } catch (thrown) {
      assert(thrown instanceof PeriError && thrown.kind === "invalid", String(thrown));
    }
  }
});

Deno.test("sizes that lie are refused", () => {
  for (const tail of [[0, 0xff, 0xff, 0xff, 0xff, 0x0f], [10, 1, 0xff], [10, 2, 1, 0], [0, 0x80]]) {
    const bytes = concatBytes([HEAD, new Uint8Array(tail)]);
    assert.equal(refusal(() => readComponent(bytes)).kind, "invalid");
  }
});

Deno.test("an import outside the world is named", () => {
  const error = refusal(() =>
    checkWorld({ imports: ["wasi:http/types@0.2.0"], exports: ["peri:pod/guest@0.1.0"] })
  );
  assert.equal(error.kind, "missing-implementation");
  assert.match(error.message, /wasi:http\/types@0\.2\.0/);
});

Deno.test("other versions of the world are a missing implementation, no world is no pod", () => {
  const kind = (imports: string[], exports: string[]) =>
    refusal(() => checkWorld({ imports, exports })).kind;
  assert.equal(kind([], ["peri:pod/guest@0.2.0"]), "missing-implementation");
  assert.equal(kind(["peri:pod/host@0.9.0"], []), "missing-implementation");
  assert.equal(kind(["wasi:io/poll@0.3.0"], []), "missing-implementation");
  assert.equal(kind([], ["run"]), "invalid");
});

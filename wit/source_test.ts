import assert from "node:assert/strict";
import { joinSources, packageOf } from "./source.ts";
import { resolveWorld } from "./tree.ts";
import { WitError } from "./types.ts";

Deno.test("a package is found behind comments, and only in front of everything else", () => {
  assert.equal(packageOf("// one\n/* two\n*/ package a:b@1.0.0 ;\ninterface c {}"), "a:b@1.0.0");
  assert.equal(packageOf("interface c {}\npackage a:b;"), undefined);
  assert.equal(packageOf("package a:b { interface c {} }"), undefined);
});

Deno.test("files of one package are one package, files of others are nested", async () => {
  const main =
    "package a:b@1.0.0;\ninterface c { use d.{t}; f: func(x: t); }\nworld pod { export c; import e:f/g; }";
  const text = joinSources(main, [
    "/// Types.\npackage a:b@1.0.0;\ninterface d { type t = u8; }",
    "interface unused {}",
    "package e:f;\ninterface g { h: func(); }",
  ]);
  const { imports, exports } = await resolveWorld(text, "pod");
  assert.deepEqual(exports.at(-1)?.functions.get("f"), { params: [["x", "u8"]], result: null });
  assert.ok(imports.some(({ name }) => name === "e:f/g"));
});

Deno.test("files without a main package, or with one package twice, are refused", () => {
  assert.throws(() => joinSources("interface c {}", []), WitError);
  const twice = () => joinSources("package a:b;", ["package c:d;", "package c:d;"]);
  assert.throws(twice, /package c:d stands in two files/);
});

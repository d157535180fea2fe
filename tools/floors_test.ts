import assert from "node:assert/strict";
import { checkDocs } from "./docs.ts";
import { checkFloors } from "./floors.ts";
import { checkDocument } from "./floors/document.ts";
import { type Fact, type Finding, formatFinding, type Source } from "./facts/fact.ts";

function source(path: string, facts: readonly Fact[] = [], text = "/** A file. */\n"): Source {
  return {
    path,
    text,
    seen: facts.map((fact, index) => ({ ...fact, file: path, line: index + 1 })),
  };
}

const importing = (specifier: string, ...names: string[]): Fact => ({
  fact: "import",
  specifier,
  names,
});

function importOf(path: string, specifier: string, ...names: string[]): Finding[] {
  return checkFloors([source(path, [importing(specifier, ...names)])]);
}

const ALLOWED: readonly (readonly [string, string])[] = [
  ["main.ts", "./runtime/adapters/kv.ts"],
  ["main.ts", "./cli/run.ts"],
  ["cli/commands/pod/install.ts", "../../../runtime/mod.ts"],
  ["cli/commands/pod/install.ts", "../../../runtime/model/errors.ts"],
  ["cli/commands/pod/install.ts", "../../output.ts"],
  ["runtime/mod.ts", "./boxes/outbox.ts"],
  ["runtime/server/serve.ts", "../adapters/kv.ts"],
  ["runtime/adapters/kv.ts", "../ports/store.ts"],
  ["runtime/boxes/seal.ts", "../identity/behalf.ts"],
  ["runtime/boxes/seal.ts", "./route.ts"],
  ["runtime/supervisor/turn.ts", "../../wit/values.ts"],
  ["runtime/boxes/seal_test.ts", "../adapters/memory/store.ts"],
  ["tests/world.ts", "../runtime/adapters/kv.ts"],
  ["tools/demo.ts", "../runtime/mod.ts"],
  ["pods/sdk/mod.ts", "../../wit/values.ts"],
  ["pods/build/build.ts", "../sdk/mod.ts"],
];

Deno.test("imports that go down are allowed", () => {
  for (const [path, specifier] of ALLOWED) {
    assert.deepEqual(importOf(path, specifier), [], `${path} imports ${specifier}`);
  }
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ["runtime/model/words.ts", "../ports/clock.ts", /floor 0 is below floor 1/],
  ["runtime/boxes/seal.ts", "../gate/federation.ts", /do not know each other/],
  [
    "runtime/boxes/seal.ts",
    "../adapters/kv.ts",
    /seen by main\.ts, runtime\/server\/, runtime\/testing\/, tests only/,
  ],
  [
    "runtime/mod.ts",
    "./adapters/kv.ts",
    /seen by main\.ts, runtime\/server\/, runtime\/testing\/, tests only/,
  ],
  ["runtime/mod.ts", "../tools/demo.ts", /nothing in the house knows tools/],
  ["runtime/mod.ts", "../pods/sdk/mod.ts", /nothing in the house knows pods/],
  [
    "cli/output.ts",
    "../runtime/boxes/outbox.ts",
    /sees runtime\/mod\.ts and runtime\/model\/ only/,
  ],
  ["cli/output.ts", "../wit/values.ts", /only/],
  ["pods/hey/pod.ts", "../../runtime/model/words.ts", /and wit\/ only/],
  ["pods/build/build.ts", "../../runtime/model/words.ts", /only/],
  ["runtime/testing/mod.ts", "../../pods/build/build.ts", /sees .* only/],
  ["runtime/periphery.ts", "./testing/mod.ts", /seen by tests only/],
  ["wit/values.ts", "../runtime/model/errors.ts", /do not know each other/],
  ["runtime/elsewhere/x.ts", "../model/errors.ts", /outside the house/],
  ["runtime/model/words.ts", "../../secret/x.ts", /outside the house/],
  ["runtime/model/words.ts", "npm:cborg@1", /by address/],
  ["runtime/model/words.ts", "cborg", /belongs to runtime\/model\/cbor\.ts/],
  ["runtime/model/words_test.ts", "cborg", /belongs to/],
  ["runtime/model/words.ts", "lodash", /has no owner/],
  ["runtime/model/words.ts", "node:fs", /reaches outside/],
  ["cli/run.ts", "node:child_process", /reaches outside/],
  ["runtime/boxes/seal.ts", "", /computed/],
];

Deno.test("imports that go up, sideways or around are refused, with the reason and what to do", () => {
  for (const [path, specifier, text] of REFUSED) {
    const findings = importOf(path, specifier);
    assert.equal(findings.length, 1, `${path} imports ${specifier}`);
    assert.match(findings[0]!.text, text);
    assert.notEqual(findings[0]!.advice, "");
    assert.equal(findings[0]!.level, "error");
  }
});

Deno.test("of node:crypto only what computes is free", () => {
  assert.deepEqual(importOf("runtime/model/bytes.ts", "node:crypto", "createHash"), []);
  const [finding] = importOf("runtime/model/bytes.ts", "node:crypto", "createHash", "randomBytes");
  assert.match(finding!.text, /\{randomBytes\}/);
  assert.equal(importOf("runtime/model/bytes.ts", "node:crypto").length, 1, "import * sees all");
});

Deno.test("a library is free for its owner and for the owner's test", () => {
  assert.deepEqual(importOf("runtime/model/cbor.ts", "cborg"), []);
  assert.deepEqual(importOf("runtime/model/cbor_test.ts", "cborg"), []);
  assert.deepEqual(importOf("tests/golden.ts", "cborg"), []);
});

Deno.test("a circle is shown once, as the shortest way around", () => {
  const findings = checkFloors([
    source("runtime/boxes/a.ts", [importing("./b.ts"), importing("./c.ts")]),
    source("runtime/boxes/b.ts", [importing("./c.ts")]),
    source("runtime/boxes/c.ts", [importing("./a.ts"), importing("./d.ts")]),
    source("runtime/boxes/d.ts"),
  ]);
  assert.equal(findings.length, 1);
  assert.match(
    findings[0]!.text,
    /runtime\/boxes\/a\.ts -> runtime\/boxes\/c\.ts -> runtime\/boxes\/a\.ts/,
  );
});

Deno.test("clock, chance, disk and network are for those who may reach them", () => {
  const fact: Fact = { fact: "global", name: "Date.now" };
  for (const path of ["runtime/boxes/seal.ts", "cli/run.ts", "pods/sdk/mod.ts", "wit/a.ts"]) {
    assert.match(checkFloors([source(path, [fact])])[0]!.text, /uses Date\.now/, path);
  }
  for (
    const path of ["main.ts", "runtime/adapters/clock.ts", "tools/demo.ts", "cli/run_test.ts"]
  ) {
    assert.deepEqual(checkFloors([source(path, [fact])]), [], path);
  }
});

Deno.test("deno is never started by its name, not even by tests", () => {
  const fact: Fact = { fact: "program", name: "deno" };
  assert.match(checkFloors([source("tests/a_test.ts", [fact])])[0]!.advice, /execPath/);
});

Deno.test("a test says which programs of the system it needs", () => {
  const gpg: Fact = { fact: "program", name: "gpg" };
  const [finding] = checkFloors([source("tests/a_test.ts", [gpg])]);
  assert.match(finding!.advice, /needs: gpg/);
  const said = "// needs: ssh gpg\n";
  assert.deepEqual(checkFloors([source("tests/a_test.ts", [gpg], said)]), []);
  assert.deepEqual(checkFloors([source("tests/a_test.ts", [{ ...gpg, name: "bash" }])]), []);
  assert.deepEqual(checkFloors([source("runtime/adapters/gpg.ts", [gpg])]), []);
});

Deno.test("long files are refused, longish ones are warned about", () => {
  const levels = (path: string, lines: number) =>
    checkFloors([source(path, [], "/** A. */\n".repeat(lines))]).map(({ level }) => level);
  assert.deepEqual(levels("runtime/boxes/seal.ts", 250), []);
  assert.deepEqual(levels("runtime/boxes/seal.ts", 251), ["warning"]);
  assert.deepEqual(levels("runtime/boxes/seal.ts", 401), ["error"]);
  assert.deepEqual(levels("runtime/boxes/seal_test.ts", 401), []);
});

Deno.test("names say something and are snake_case", () => {
  for (const path of ["cli/utils.ts", "cli/index.ts", "cli/camelCase.ts", "cli/two-words.ts"]) {
    assert.equal(checkFloors([source(path)]).length, 1, path);
  }
  for (const path of ["cli/commands/service/install.ts", "cli/two_words_test.ts", "wit/a.d.ts"]) {
    assert.deepEqual(checkFloors([source(path)]), [], path);
  }
});

Deno.test("a silenced check is named and explained", () => {
  const refused = (line: string) =>
    checkFloors([source("wit/a.ts", [], `/** A. */\n${line}\n`)]).length === 1;
  const ignore = "// deno-lint-" + "ignore";
  assert.equal(refused(`${ignore} no-explicit-any`), true);
  assert.equal(refused(ignore), true);
  assert.equal(refused(`${ignore}-file`), true);
  assert.equal(refused(`${ignore}-file -- because`), true);
  assert.equal(refused("// @ts-" + "ignore because"), true);
  assert.equal(refused(`  ${ignore} no-control-regex -- names may not hold them`), false);
  assert.equal(refused(`${ignore}-file no-console require-await -- a tool`), false);
});

Deno.test("the table in the document is the table in the code", () => {
  const text = Deno.readTextFileSync(new URL("../docs/ARCHITECTURE.md", import.meta.url));
  assert.deepEqual(checkDocument("docs/ARCHITECTURE.md", text), []);
  const [moved] = checkDocument("a.md", text.replace(/^\| 5 /m, "| 6 "));
  assert.match(moved!.text, /has runtime\/operations\/ on floor 6/);
  const [gone] = checkDocument("a.md", text.replace(/^\| 2 .*\n/m, ""));
  assert.match(gone!.text, /lacks runtime\/identity\//);
  const [extra] = checkDocument("a.md", `${text}\n| 3 | \`runtime/attic/\` | old things |\n`);
  assert.match(extra!.text, /no floor is checked for runtime\/attic\//);
});

Deno.test("a file without a beginning and an export without a sentence are refused", () => {
  const bare = source(
    "cli/a.ts",
    [{ fact: "undocumented", name: "run" }],
    "export const run = 1;\n",
  );
  assert.deepEqual(checkDocs(bare).map(({ text }) => text), [
    "does not say what it is",
    "exported run has no doc comment",
  ]);
  assert.deepEqual(checkDocs({ ...bare, path: "cli/a_test.ts" }), []);
  const member: Fact = { fact: "undocumented", name: "Clock.nowMs", member: "interface" };
  assert.equal(
    checkDocs(source("runtime/ports/clock.ts", [member])).length,
    1,
    "a port is a contract",
  );
  assert.deepEqual(checkDocs(source("runtime/model/a.ts", [member])), []);
  assert.deepEqual(checkDocs(source("cli/a.ts", [], "#!/usr/bin/env deno\n/** A. */\n")), []);
});

Deno.test("a finding names file, line, what is wrong and what to do", () => {
  const [finding] = importOf("runtime/boxes/seal.ts", "../adapters/kv.ts");
  assert.match(
    formatFinding(finding!),
    /^runtime\/boxes\/seal\.ts:1: error: runtime\/boxes\/ must not import .*\n {4}Take it as/,
  );
});

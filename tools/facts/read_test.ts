import assert from "node:assert/strict";
import type { Fact, Seen, Source } from "./fact.ts";
import { readSources } from "./read.ts";

/** Writes a tree, reads its facts. */
async function readTree(files: Record<string, string>): Promise<Source[]> {
  const root = Deno.makeTempDirSync();
  try {
    for (const [path, text] of Object.entries(files)) {
      Deno.mkdirSync(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${root}/${path}`, text);
    }
    return await readSources(root);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

async function seenIn(text: string): Promise<readonly Seen[]> {
  return (await readTree({ "a.ts": text }))[0]!.seen;
}

function only<Name extends Fact["fact"]>(seen: readonly Seen[], name: Name) {
  return seen.filter((fact): fact is Extract<Seen, { fact: Name }> => fact.fact === name);
}

Deno.test("every form of import is seen, with its line", async () => {
  const seen = await seenIn([
    'import { a, type B } from "./named.ts";',
    'import type { C } from "./type.ts";',
    'import * as d from "./all.ts";',
    'import "./effect.ts";',
    'export * from "./again.ts";',
    'export type { E } from "./again_type.ts";',
    'const f = await import("./dynamic.ts");',
    "const g = await import(`./${a}.ts`);",
    'type H = import("./in_type.ts").H;',
    'type I = typeof import("./of_type.ts");',
    '// import "./comment.ts";',
    'const text = `import "./text.ts"`;',
  ].join("\n"));
  assert.deepEqual(only(seen, "import").map(({ specifier, line }) => `${line} ${specifier}`), [
    "1 ./named.ts",
    "2 ./type.ts",
    "3 ./all.ts",
    "4 ./effect.ts",
    "5 ./again.ts",
    "6 ./again_type.ts",
    "7 ./dynamic.ts",
    "8 ",
    "9 ./in_type.ts",
    "10 ./of_type.ts",
  ]);
});

Deno.test("what reaches outside is seen, also by other ways than its name", async () => {
  const seen = await seenIn([
    "Date.now();",
    "globalThis.Math.random();",
    "new Date();",
    "new Date(5);",
    "setTimeout(() => {}, 1);",
    "globalThis.setInterval(() => {}, 1);",
    "const { now } = Date;",
    "Deno.readTextFileSync('x');",
    "const d = globalThis.Deno;",
    "crypto.getRandomValues(new Uint8Array(1));",
    "crypto.subtle;",
    "let x: Deno.Conn;",
    "Math.max(1, 2);",
    'globalThis["Deno"].pid;',
  ].join("\n"));
  assert.deepEqual(only(seen, "global").map(({ name, line }) => `${line} ${name}`), [
    "1 Date.now",
    "2 Math.random",
    "3 new Date()",
    "5 setTimeout",
    "6 setInterval",
    "7 Date",
    "8 Deno.readTextFileSync",
    "9 Deno",
    "10 crypto.getRandomValues",
    "14 Deno.pid",
  ]);
});

Deno.test("exports without a doc comment are seen, those with one are not", async () => {
  const seen = await seenIn([
    "/** File. */",
    "",
    "/** Has one: ä 𝄞 €. */",
    "export const a = 1;",
    "export const b = 1;",
    "// A plain comment is none.",
    "export function c(): void {}",
    "/** Interface. */",
    "export interface D {",
    "  field: string;",
    "  method(): void;",
    "}",
    "/** Implements: its methods are documented there. */",
    "export class E implements D { field = ''; method() {} }",
    "/** Class. */",
    "export class F { open() {} #own() {} private hidden() {} }",
    "function g() {}",
    "export type H = 1;",
    "/** Overloads: the first one says it. */",
    "export function i(a: string): void;",
    "export function i(a: number): void;",
    "export function i(_a: unknown): void {}",
  ].join("\n"));
  assert.deepEqual(only(seen, "undocumented").map(({ name }) => name), [
    "b",
    "c",
    "D.method",
    "F.open",
    "H",
  ]);
});

Deno.test("programs started by name and lengths of functions are seen", async () => {
  const seen = await seenIn('function f() {\n  new Deno.Command("deno");\n}\n');
  assert.deepEqual(only(seen, "program").map(({ name }) => name), ["deno"]);
  assert.deepEqual(only(seen, "function").map(({ name, lines }) => [name, lines]), [["f", 3]]);
});

Deno.test("files are read sorted, what is built or foreign is left out", async () => {
  const sources = await readTree({
    "b/c.ts": "",
    "a.ts": "",
    "dist/x.ts": "",
    "node_modules/y.ts": "",
    "notes.md": "",
  });
  assert.deepEqual(sources.map(({ path }) => path), ["a.ts", "b/c.ts"]);
});

Deno.test("a file that cannot be parsed is named", async () => {
  await assert.rejects(readTree({ "broken.ts": "import {" }), /broken\.ts/);
});

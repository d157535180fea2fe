import assert from "node:assert/strict";
import { join } from "node:path";
import { withPod } from "../try.ts";
import { readPod } from "./pod.ts";
import { SourceError } from "./refusals.ts";

const HEAD =
  `import { Capability, Commands, Pod, type Result, TypedError, type u8 } from "@peri/sdk";\n`;

/** What is refused in a module, as `line:column: what — instead`. */
async function refusedIn(source: string, more: Record<string, string> = {}): Promise<string[]> {
  let refused: string[] = [];
  await withPod({ ...more, "pod.ts": source }, (folder) => {
    assert.throws(
      () => readPod({ folder, entry: join(folder, "pod.ts"), package: "pod:tiny" }),
      (thrown) => {
        assert.ok(thrown instanceof SourceError, String(thrown));
        refused = thrown.refused.map(({ line, column, what, instead }) =>
          `${line}:${column}: ${what} — ${instead}`
        );
        return true;
      },
    );
  });
  return refused;
}

/** What is refused in the methods of a pod. */
async function refusedBy(body: string, before = ""): Promise<string[]> {
  return await refusedIn(`${HEAD}${before}\nexport default class Tiny extends Pod {\n${body}\n}`);
}

Deno.test("every type that cannot travel is refused at its place with what to write", async () => {
  const refused: Record<string, string> = {
    "any": "write the type that it has",
    "unknown": "write the type that it has, or string for a JSON text",
    "object": "write an interface with its fields",
    "never": "leave it away",
    "symbol": 'write a union of texts, as in "one" | "two"',
    "bigint": "write u64 or s64, which @peri/sdk exports: how large it can be",
    "void": "leave it away: nothing is no value",
    "() => void": "functions stay at home: give a value, or offer a method",
    "Map<string, u8>": "write [K, V][], or an interface when the keys are known",
    "Record<string, u8>": "write [K, V][], or an interface when the keys are known",
    "Date": "write number: milliseconds since 1970 UTC",
    "RegExp": "write string",
    "Error": "write string, or throw a class that extends TypedError",
    "Partial<{ x: u8 }>": "write out the fields as an interface",
    "Pick<{ x: u8 }, 'x'>": "write out the fields as an interface",
    "Promise<u8>": "a promise can only be the result of a function",
    "AsyncIterable<u8>": "many answers can only be the result of a function",
    "Int32Array": "write Uint8Array, or number[]",
    "{ x: u8 } & { y: u8 }": "write one interface with all fields, which may extend others",
    "keyof Date": 'write out the union, as in "one" | "two"',
    "typeof Pod": "write the type that it has",
    "`x${string}`": "write string",
    "this": "write an interface with the fields that travel",
    "u8 extends 1 ? string : u8": "write the type that comes out",
    "{ [key: string]: u8 }": "write [string, T][] for any keys",
    "{ f(): void }": "write a field, or offer a method",
    "{}": "give it a field",
    "[]": "leave it away",
    "[u8, ...u8[]]": "write T | undefined, or an array",
    "1 | 2": 'write u8, or texts: "one" | "two"',
    "true": "write boolean",
    "string | number": 'write an object for each case: { tag: "one"; val: T } | { tag: "two" }',
    "{ x: u8 } | { y: u8 }":
      'write an object for each case: { tag: "one"; val: T } | { tag: "two" }',
    '{ tag: "a"; x: u8 } | { tag: "b" }': 'write { tag: "a"; val: { … } }',
    '{ tag: "a" } | { tag: "a" }': "rename one",
    '"a" | "b" | "a"': "take one out",
    '"inReply"': 'write "in-reply"',
    '"Größe"': 'write "gr-e"',
    "Set<string>": 'write T[], or a set of texts: Set<"one" | "two">',
    "u8[]": "write Uint8Array",
    "null": "leave it away",
    "Nowhere": "import it, or declare it as an interface",
    "Color": 'write type Color = "one" | "two"',
    "Box<u8>": "write the type without parameters, once for each",
    "Shape": "write an interface with the fields that travel",
    "Twice": "put it into one interface",
    "Pod": "write an interface with the fields that travel",
    'import("./x.ts").Y': "import the type at the top of the module",
  };
  const before = "enum Color { A } interface Box<T> { x: T } class Shape {} " +
    "interface Twice { x: u8 } interface Twice { y: u8 }";
  const types = Object.keys(refused);
  const methods = types.map((type, at) => `async f${at}(p: ${type}): Promise<void> {}`);
  const lines = await refusedBy(methods.join("\n"), before);
  for (const [at, type] of types.entries()) {
    const place = `${at + 4}:`;
    const found = lines.filter((line) => line.startsWith(place));
    assert.equal(found.length, 1, `${type}: ${found.join("; ") || "was taken"}`);
    assert.ok(found[0]!.endsWith(`— ${refused[type]}`), `${type}: ${found[0]}`);
    assert.equal(Number(found[0]!.split(":")[1]) >= `async f${at}(p: `.length, true, found[0]);
  }
  assert.equal(lines.length, types.length);
});

Deno.test("a type that contains itself is refused, however it does", async () => {
  const lines = await refusedBy(
    `async a(p: Tree): Promise<void> {}
async b(p: Even): Promise<void> {}
async c(p: Loop): Promise<void> {}`,
    "interface Tree { children: Tree[] } interface Even { odd?: Odd } interface Odd { even: Even } " +
      "interface Loop extends Loop { x: u8 }",
  );
  assert.deepEqual(lines.map((line) => line.replace(/^[^ ]+ /, "")), [
    "Tree contains itself — give parts an id, and refer to them by it",
    "Even contains itself — give parts an id, and refer to them by it",
    "Loop extends itself — take one of the two out",
  ]);
});

Deno.test("methods that are no functions of an interface are refused", async () => {
  const refused: Record<string, string> = {
    "async f() {}":
      "f does not say what it gives — write its result, as in async find(): Promise<string>",
    "async f(x): Promise<void> {}": "the parameter x has no type — write its type, as in x: string",
    "async f({ x }: { x: u8 }): Promise<void> {}":
      "a parameter that is taken apart has no name — name it here, and take it apart in the first line",
    "async f<T>(x: T): Promise<void> {}": "f is generic — write its types without parameters",
    "f(x: u8): void; f(x: string): void; f(x: unknown): void {}":
      "f has several forms — write one, with optional parameters",
    "f = async (): Promise<void> => {};":
      "f is a field that holds a function — write it as a method, or make it private",
    "async 'in-reply'(): Promise<void> {}":
      "'in-reply' is no plain name — write a name as in findAll, or make it private",
    "async [Symbol.iterator](): Promise<void> {}":
      "[Symbol.iterator] is no plain name — write a name as in findAll, or make it private",
    "async größe(): Promise<void> {}":
      'the name "größe" has no form in WIT that comes back the same — write letters a-z and digits, as in findAll',
    "async find_all(): Promise<void> {}":
      'the name "find_all" has no form in WIT that comes back the same — write letters a-z and digits, as in findAll',
    "async then(): Promise<void> {}":
      "every object has then — choose another name, or write then_ and it is then in WIT",
    "async table(): Promise<void> {}":
      "the SDK's class has table already — choose another name, or write table_ and it is table in WIT",
    "*f(): Iterable<u8> {}":
      "f gives its values at once — write async *, and AsyncIterable<T> as its result",
    "async f(): AsyncIterable<void> {}": "many nothings say nothing — write AsyncIterable<T>",
    "/** @throws {Nowhere} never */\nasync f(): Promise<void> {}":
      "Nowhere is no class that is imported or declared here — import it, or write the reason without braces",
    "/** @throws {Bad} never */\nasync f(): Promise<void> {}":
      "the class Bad is not exported — write export class Bad",
    "/** @complete x words */\nasync f(x: string): Promise<void> {}":
      "the class has no method words — name a method that returns a list of words; not one with #",
  };
  for (const [method, expected] of Object.entries(refused)) {
    const lines = await refusedBy(method, "class Bad extends TypedError<{ x: u8 }> {}");
    const said = [...new Set(lines.map((line) => line.replace(/^[^ ]+ /, "")))];
    assert.ok(said.includes(expected), `${method}\n${said.join("\n")}`);
  }
});

Deno.test("a field of a part that may be changed is refused: it would be forgotten", async () => {
  const part = "class Mail extends Capability { unread = 0; readonly seen = new Map(); #n = 1; " +
    "private go = () => 1; async read(): Promise<void> {} }";
  const pod = "export default class Tiny extends Pod { readonly mail = new Mail(this); }";
  assert.deepEqual(await refusedIn(`${HEAD}${part}\n${pod}`), [
    "2:33: unread is forgotten with its run: it is a field of a part — keep it in a field of the " +
    "pod or in a table, or make it readonly or #private: then it lasts as long as its run",
  ]);
});

Deno.test("a module without the right class is refused", async () => {
  const refused: Record<string, string> = {
    "export {};":
      "1:1: the module has no default export — write export default class … extends Pod { … }",
    "export default 1;":
      "1:1: the default export is no class — write export default class … extends Pod { … }",
    "export default class Tiny {}":
      '1:22: the class that is exported does not extend Pod — write: import { Pod } from "@peri/sdk", and extends Pod',
    "class Pod {}\nexport default class Tiny extends Pod {}":
      '2:22: the class that is exported does not extend Pod — write: import { Pod } from "@peri/sdk", and extends Pod',
    "class A extends B {}\nclass B extends A {}\nexport default A;":
      '1:7: the class that is exported does not extend Pod — write: import { Pod } from "@peri/sdk", and extends Pod',
  };
  for (const [source, expected] of Object.entries(refused)) {
    assert.deepEqual(await refusedIn(source), [expected]);
  }
  const nameless = "export default class extends Pod { async go(): Promise<void> {} }";
  const [line] = await refusedIn(HEAD + nameless);
  assert.match(line!, /^2:1: the class has no name/);
});

Deno.test("what is no TypeScript is refused where it stops being it, in every file", async () => {
  const lines = await refusedIn(
    `${HEAD}import { x } from "./other.ts";\nexport default class Tiny extends Pod { f( { }`,
    { "other.ts": "export const x = ;" },
  );
  assert.ok(lines.some((line) => line.startsWith("1:18: Expression expected.")), lines.join("\n"));
  assert.ok(lines.some((line) => line.startsWith("3:")), lines.join("\n"));
});

Deno.test("everything that is wrong is said at once, twenty of it in words", async () => {
  const methods = Array.from({ length: 50 }, (_, at) => `async f${at}(p: any): Promise<void> {}`);
  await withPod({
    "pod.ts": `${HEAD}export default class Tiny extends Pod {\n${methods.join("\n")}\n}`,
  }, (folder) => {
    assert.throws(
      () => readPod({ folder, entry: join(folder, "pod.ts"), package: "pod:tiny" }),
      ({ message }: Error) => {
        assert.equal(message.match(/^pod\.ts:\d+:\d+: any cannot travel$/gm)?.length, 20);
        assert.ok(message.endsWith("\n… and 30 more"));
        return true;
      },
    );
  });
});

Deno.test("an interface of ten thousand types is refused, and soon", async () => {
  const types = Array.from({ length: 10_000 }, (_, at) => `interface T${at} { x${at}: u8 }`);
  const fields = types.map((_, at) => `f${at}: T${at};`);
  const inOne = await refusedBy(
    `async f(p: { ${fields.join(" ")} }): Promise<void> {}`,
    types.join(" "),
  );
  assert.match(inOne.join("\n"), /the interface has more than 1000 types/);
  const params = Array.from({ length: 90 }, (_, at) => `p${at}: T${at}`).join(", ");
  const methods = Array.from(
    { length: 12 },
    (_, at) =>
      `async f${at}(${
        params.replace(/T(\d+)/g, (_, n) => `T${Number(n) + at * 90}`)
      }): Promise<void> {}`,
  );
  const inMany = await refusedBy(methods.join("\n"), types.join(" "));
  assert.match(inMany.join("\n"), /the interface has more than 1000 types/);
});

Deno.test("types that grow when they are written out, or go too deep, are refused", async () => {
  const doubling =
    Array.from({ length: 30 }, (_, at) => `interface T${at} { a: T${at + 1}; b: T${at + 1} }`).join(
      " ",
    ) + "interface T30 { x: u8 }";
  const long = await refusedBy("async f(p: T0): Promise<void> {}", doubling);
  assert.match(long.join("\n"), /more than 5000 parts/);
  const deep = Array.from({ length: 40 }, (_, at) => `interface T${at} { a: T${at + 1} }`).join(
    " ",
  );
  const lines = await refusedBy(
    "async f(p: T0): Promise<void> {}",
    `${deep} interface T40 { x: u8 }`,
  );
  assert.match(lines.join("\n"), /nested deeper than 32/);
});

Deno.test("code nested thousands deep does not end the build otherwise than with words", async () => {
  const source = `${HEAD}export default class Tiny extends Pod { async f(p: ${
    "[".repeat(20_000)
  }u8${"]".repeat(20_000)}): Promise<void> {} }`;
  await withPod({ "pod.ts": source }, (folder) => {
    assert.throws(
      () => readPod({ folder, entry: join(folder, "pod.ts"), package: "pod:tiny" }),
      /nested (too deeply|deeper)/,
    );
  });
});

Deno.test("the SDK must be this build's, and named in deno.json", async () => {
  const source = `${HEAD}export default class Tiny extends Pod {}`;
  const read = (folder: string) =>
    readPod({ folder, entry: join(folder, "pod.ts"), package: "pod:tiny" });
  await withPod({ "pod.ts": source, "deno.json": "{}" }, (folder) => {
    assert.throws(() => read(folder), /no deno\.json names: write \{ "imports"/);
  });
  const other = `{ "imports": { "@peri/sdk": "./sdk.ts" } } // comment`;
  await withPod({ "pod.ts": source, "deno.json": other }, (folder) => {
    assert.throws(
      () => read(folder),
      /takes @peri\/sdk from \.\/sdk\.ts, and this build is that of/,
    );
  });
  await withPod({ "deno.json": "{" }, (folder) => {
    assert.throws(() => read(folder), /deno\.json is no JSON/);
  });
  await withPod({}, (folder) => assert.throws(() => read(folder), /pod\.ts is missing/));
});

Deno.test("a field that would keep its value and cannot is refused with two ways out", async () => {
  const or = ", or make it readonly or #private: then it lasts as long as its run";
  const refused: Record<string, string> = {
    "seen = this.table<u8>('seen');":
      "1: seen keeps its value, and its type is not written — write seen: its type, as in string[]",
    "protected list = [];":
      "11: list keeps its value, and its type is not written — write list: its type, as in string[]",
    "private when: Date = new Date(0);":
      "15: Date cannot travel — write number: milliseconds since 1970 UTC",
    "known = new Map<string, u8>();":
      "1: known keeps its value, and its type is not written — write known: its type, as in string[]",
    "size = 1n;":
      "1: size keeps its value, and its type is not written — write size: its type, as in string[]",
    "nothing;": "1: nothing has no type — write nothing: string",
    "'a b' = 1;": "1: 'a b' is no plain name — write a name as in lastSeen",
    "accessor on = true;": "1: on is an accessor — write a plain field",
  };
  const found = await refusedBy(Object.keys(refused).join("\n"));
  const lines = Object.values(refused).map((line, at) => `${at + 4}:${line}${or}`);
  assert.deepEqual(found, lines);
});

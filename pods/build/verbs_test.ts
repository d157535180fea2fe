import assert from "node:assert/strict";
import { join } from "node:path";
import type { VerbShape } from "../sdk/shape.ts";
import { readPod } from "./read/pod.ts";
import { withPod } from "./try.ts";
import { type PlannedVerbs, planVerbs } from "./verbs.ts";

const HEAD = `import { Capability, Commands, Pod, Shown, type u32, type u8 } from "@peri/sdk";
interface Sighting {
  /** Where it was. Exactly. */
  place: string;
  count: u32;
  at: { x: number };
  wet?: boolean;
  note?: string;
}
`;

async function plan(source: string): Promise<PlannedVerbs> {
  let planned: PlannedVerbs | undefined;
  await withPod({ "pod.ts": HEAD + source }, (folder) => {
    planned = planVerbs(readPod({ folder, entry: join(folder, "pod.ts"), package: "pod:tiny" }));
  });
  return planned!;
}

/** The verbs of a pod's methods, by name. */
async function verbsOf(methods: string): Promise<Record<string, VerbShape>> {
  const { verbs, refused } = await plan(`export default class Tiny extends Pod { ${methods} }`);
  assert.deepEqual(refused, []);
  return Object.fromEntries(verbs.map((verb) => [verb.name, verb]));
}

Deno.test("what is required is a word, what is optional a flag, what is yes or no a switch", async () => {
  const verbs = await verbsOf(
    `
    async report(sighting: Sighting): Promise<void> {}
    async list(near?: string, mood?: "calm" | "angry", all = false as boolean): Promise<void> {}`
      .replace("all = false as boolean", "all: boolean = false") + `
    async say(to: string, loud: boolean, text: string): Promise<void> {}
    async tell(to: string[], text: string): Promise<void> {}
    async sum(base: u32, ...all: u32[]): Promise<u32> { return 0; }
    async all(all: string[]): Promise<void> {}
    async some(all?: string[]): Promise<void> {}
    async send(photo: Uint8Array, at: [u8, u8]): Promise<void> {}
    async move(to?: { x: number; y?: number }): Promise<void> {}
    async find(by?: { near?: string; limit?: u32 }): Promise<void> {}
    async none(): Promise<void> {}`,
  );
  const usages = Object.fromEntries(Object.values(verbs).map(({ name, usage }) => [name, usage]));
  assert.deepEqual(usages, {
    report: "<place> <count> --at <json> [--wet] [--note <text>]",
    list: "[--near <text>] [--mood calm|angry] [--all]",
    say: "<to> <loud> <text…>",
    tell: "<text…> --to <text>",
    sum: "<base> [all…]",
    all: "[all…]",
    some: "[--all <text>]",
    send: "<photo> --at <json>",
    move: "[--to <json>]",
    find: "[--near <text>] [--limit <number>]",
    none: "",
  });
  assert.deepEqual(verbs.report!.params.map(({ path }) => path), [
    ["0", "place"],
    ["0", "count"],
    ["0", "at"],
    ["0", "wet"],
    ["0", "note"],
  ]);
  assert.deepEqual(verbs.sum!.rest, true);
  assert.deepEqual([verbs.all!.rest, verbs.none!.params], [undefined, []]);
});

Deno.test("words say what their doc comments say, and who completes them", async () => {
  const { verbs } = await plan(`export default class Tiny extends Pod {
    /** Tells of a sighting. More of it.
     *
     * And more.
     * @param who is told. At once.
     * @complete who people
     * @verbatim */
    async tell(who: string, sighting: Sighting): Promise<void> {}
    /** @hidden */
    async quiet(): Promise<void> {}
    protected people(): string[] { return []; }
  }`);
  assert.equal(verbs.length, 1);
  const [{ about, params, verbatim, remote } = assert.fail()] = verbs;
  assert.deepEqual([about, verbatim, remote], ["Tells of a sighting.", true, true]);
  assert.deepEqual(params.slice(0, 2).map(({ name, about, complete }) => [name, about, complete]), [
    ["who", "is told.", "people"],
    ["place", "Where it was.", undefined],
  ]);
});

Deno.test("a command takes the place of a function, and a further capability steps aside", async () => {
  const { verbs, refused } = await plan(`
    class Mail extends Capability { async send(): Promise<void> {} async read(): Promise<void> {} }
    class Verbs extends Commands {
      async go(): Promise<Shown<string>> { return new Shown("", () => []); }
      async send(text: string): Promise<void> {}
    }
    class Hidden extends Capability { async hide(): Promise<void> {} }
    export default class Tiny extends Pod {
      readonly mailBox = new Mail(this);
      readonly verbs = new Verbs(this);
      /** @hidden */
      readonly hidden = new Hidden(this);
      async go(): Promise<void> {}
      async stay(): Promise<void> {}
    }`);
  assert.deepEqual(refused, []);
  assert.deepEqual(
    verbs.map(({ name, field, remote, result }) => [name, field, remote, result]),
    [
      ["stay", "", true, null],
      ["go", "verbs", false, "string"],
      ["send", "verbs", false, null],
      ["mail-box-send", "mailBox", true, null],
      ["read", "mailBox", true, null],
    ],
  );
});

Deno.test("names that the command line has already are refused where they stand", async () => {
  const wrong: Record<string, string> = {
    "async f(of?: string): Promise<void> {}": "f has the flag --of, which every verb has",
    "async f(json?: boolean): Promise<void> {}": "f has the flag --json, which every verb has",
    "async f(o: { help?: string }): Promise<void> {}":
      "f has the flag --help, which every verb has",
    "async help(): Promise<void> {}": "two verbs are called help, or the SDK keeps that word",
  };
  for (const [method, what] of Object.entries(wrong)) {
    const { refused } = await plan(`export default class Tiny extends Pod {\n${method}\n}`);
    const line = HEAD.split("\n").length + 1;
    assert.deepEqual(refused.map((one) => [one.what, one.line, one.column]), [[what, line, 7]]);
  }
});

Deno.test("fields of two records that have one name have their parameter's before it", async () => {
  const { f } = await verbsOf("async f(from: { x: u8 }, to: { x: u8; y: u8 }): Promise<void> {}");
  assert.equal(f!.usage, "<from-x> <to-x> <y>");
});

Deno.test("optional words stand before further ones, and a last text may be one word", async () => {
  const { group, show, say } = await verbsOf(`
    async group(name: string, change?: "add" | "remove", ...who: string[]): Promise<void> {}
    /** @word n */
    async show(n: string): Promise<void> {}
    /** @verbatim */
    async say(who: string, text: string, loud?: boolean): Promise<void> {}`);
  assert.equal(group!.usage, "<name> [add|remove] [who…]");
  assert.deepEqual(group!.params.map(({ kind, optional }) => [kind, optional]), [
    ["positional", false],
    ["positional", true],
    ["rest", true],
  ]);
  assert.deepEqual([show!.usage, show!.params[0]!.kind], ["<n>", "positional"]);
  assert.equal(say!.usage, "[--loud] <who> <text…>", "its flags must stand first");
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { describeInterface } from "../../../wit/describe.ts";
import { Capability } from "../../sdk/mod.ts";
import { readPod } from "../read/pod.ts";
import { CAPABILITY_MEMBERS } from "../read/names.ts";
import { withPod } from "../try.ts";
import { readWorld } from "../world.ts";
import { generateClient } from "./generate.ts";
import { pascalOf } from "./names.ts";

const HEAD = { source: "a test", sdk: "@peri/sdk" };

async function generate(wit: string): Promise<string> {
  const { exports } = await readWorld(wit);
  return generateClient(exports, HEAD);
}

/** Reads generated classes as if a pod implemented all of them. */
async function readBack(wit: string): Promise<void> {
  const { exports } = await readWorld(wit);
  const classes = exports.map(({ name }) => pascalOf(name.replace(/^.*\//, "")));
  const text = generateClient(exports, HEAD);
  const pod = `import { Pod } from "@peri/sdk"; import * as all from "./all.ts";
${classes.map((name) => `class Mine${name} extends all.${name} {}`).join("\n")}
export default class Zoo extends Pod {
${classes.map((name) => `  readonly mine${name} = new Mine${name}(this);`).join("\n")}
}`;
  await withPod({ "all.ts": text, "pod.ts": pod }, (folder) => {
    const { offers } = readPod({ folder, entry: join(folder, "pod.ts"), package: "pod:zoo" });
    assert.equal(offers.length, exports.length);
    for (const [at, one] of exports.entries()) {
      const { part } = offers[at]!;
      const found = describeInterface(part);
      assert.deepEqual(found.functions, describeInterface(one).functions, text);
      assert.equal(part.claims, found.capability);
    }
  });
}

const EVERYTHING = `package a:b;
/// All of it. */ export const evil = 1; /*
interface every {
  record set { array: list<string>, in-reply-to: option<string>, photo: list<u8> }
  record no-such-place { place: string }
  variant shape { circle(f64), at(tuple<f64, f32>), none }
  enum suit { hearts, black-spades }
  flags days { mon, tue }
  type sets = list<set>;
  variant lost { no-such-place(no-such-place),
    /// It was there.
    gone, too-many(u64) }
  /// Finds.
  /// @param in where
  /// @throws gone when it is
  find: func(in: string, new: option<u8>, default: option<list<char>>) -> result<sets, lost>;
  all: func(days: days, suit: suit) -> stream<shape>;
  run: func() -> result<_, string>;
  to-string: func(a: option<string>, b: u8) -> result;
  again: func(a: set) -> result<_, lost>;
  other: func() -> result<u8, shape>;
  place: func(a: no-such-place);
}
interface twice {
  record set { other: u8 }
  use every.{suit};
  find: func(a: set, suit: suit);
}
world pod { export every; export twice; }`;

Deno.test("generated classes are read back as the same interfaces", async () => {
  await readBack(EVERYTHING);
  const golden = new URL("../../../tests/golden/capability/birds/base.wit", import.meta.url);
  await readBack(await Deno.readTextFile(golden));
});

Deno.test("generated TypeScript says what the WIT says", async () => {
  const text = await generate(EVERYTHING);
  for (
    const line of [
      "export interface EverySet { array: Array<string>; inReplyTo?: string | undefined; photo: Uint8Array }",
      'export type Shape = { tag: "circle"; val: number } | { tag: "at"; val: [number, f32] } | { tag: "none" };',
      'export type Suit = "hearts" | "black-spades";',
      "export interface EveryNoSuchPlace { place: string }",
      "export class NoSuchPlace extends TypedError<EveryNoSuchPlace> {}",
      "/** It was there. */\nexport class Gone extends TypedError {}",
      "/** Thrown. */\nexport class TooMany extends TypedError<u64> {}",
      "  static readonly errors = { At, Circle, Gone, NoSuchPlace, None, TooMany };",
      "  abstract find(in_: string, new_?: u8, default_?: Array<char>): Promise<Sets>;",
      "   * @param in_ where",
      "   * @throws {Gone} when it is",
      "   * @throws {TooMany}",
      "  abstract all(days: Days, suit: Suit): AsyncIterable<Shape>;",
      "  abstract run_(): Promise<Result<void, string>>;",
      "  abstract toString_(a: string | undefined, b: u8): Promise<Result<void, void>>;",
      "  abstract again(a: EverySet): Promise<void>;",
      "/** All of it. *\\/ export const evil = 1; /* */",
      "export interface TwiceSet { other: u8 }",
      "  abstract find(a: TwiceSet, suit: Suit): Promise<void>;",
    ]
  ) assert.ok(text.includes(line), `${line}\nis not in\n${text}`);
});

Deno.test("generated TypeScript is sound", async () => {
  await withPod({ "all.ts": await generate(EVERYTHING) }, async (folder) => {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "-q", "all.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  });
});

Deno.test("what TypeScript cannot say and get back is named", async () => {
  const wrong: Record<string, RegExp> = {
    "f: func(a: option<option<u8>>);": /^Error: f of a:b\/c: an option of an option/,
    "record r { sha-256: u8 } f: func(r: r);": /^Error: r of a:b\/c: the field sha-256/,
    "f: func(sha-256: u8);": /^Error: f of a:b\/c: the parameter sha-256/,
    "sha-256: func();": /^Error: the function sha-256 of a:b\/c/,
  };
  for (const [items, message] of Object.entries(wrong)) {
    await assert.rejects(
      generate(`package a:b; interface c { ${items} } world pod { export c; }`),
      message,
    );
  }
});

Deno.test("the members of Capability are known by name", () => {
  const names: string[] = ["pod"];
  for (
    let type = Capability.prototype;
    type !== Object.prototype;
    type = Object.getPrototypeOf(type)
  ) {
    names.push(...Object.getOwnPropertyNames(type).filter((name) => name !== "constructor"));
  }
  assert.deepEqual(names.sort(), [...CAPABILITY_MEMBERS].sort());
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { formatWorld } from "../../../wit/format.ts";
import { resolveWorld } from "../../../wit/tree.ts";
import type { PodModel } from "../model.ts";
import { withPod } from "../try.ts";
import { readPod } from "./pod.ts";

async function read(files: Readonly<Record<string, string>>): Promise<PodModel> {
  let model: PodModel | undefined;
  await withPod(files, (folder) => {
    model = readPod({ folder, entry: join(folder, "pod.ts"), package: "pod:zoo" });
  });
  return model!;
}

/** The WIT of what a pod offers; it must be WIT. */
async function witOf(files: Readonly<Record<string, string>>): Promise<string> {
  const { offers } = await read(files);
  const exports = offers.map(({ part }) => part);
  const text = formatWorld({ packageName: "pod:zoo", world: "pod", exports, imports: [] });
  await resolveWorld(text, "pod");
  return text;
}

const EVERYTHING = `
import type {
  char, f32, Result, s16, s32, s64, s8, u16, u32, u64, u8,
} from "@peri/sdk";
import { Pod } from "@peri/sdk";
import * as kinds from "./kinds.ts";
import type { Keeper as Person } from "./kinds.ts";

/** Numbers of every size. */
type Numbers = [u8, u16, u32, u64, s8, s16, s32, s64, f32, number];

/** One of them. */
interface Animal extends kinds.Named, Place {
  /** As far as anybody knows. */
  isFed?: boolean;
  photo: Uint8Array;
  keeper: Person | null;
}
type Place = { readonly house: string; row: u8 };
type Base = "calm" | "angry";
type Mood = Base | "hungry-for-grass";
type Days = Set<Base | "mon">;
/** What happened. */
type Event =
  /** To whom. */
  | { tag: "fed"; val: Animal }
  | { tag: "left-alone" }
  | Slept;
/** For long. */
interface Slept { tag: "slept"; val?: u32 }
type Reply = Promise<readonly Animal[]>;
type Maybe = string | undefined;

/** All about animals. */
export default class Animals extends Pod {
  readonly kept = this.table<string>("kept");
  #secret = 1;
  readonly later = 2;

  /** Every type.
   *
   * In two parts.
   * @param numbers of every size
   * @param mood - how it is */
  async take(numbers: Numbers, mood: Mood, days: Days, event: Event, letter: char): Reply {
    return [];
  }
  /** Many, perhaps. */
  async *list(near?: Maybe, limit: u32 = 10): AsyncGenerator<Animal, void> {}
  now(): Result<Array<boolean>, { why: string }> { return { ok: [] }; }
  async go(in_: ReadonlySet<"a">, ...who: string[]): Promise<void> {}
  async animal(of: { x: number; at: { y: number } }): Promise<Result<void, void>> { return { ok: undefined }; }

  static make(): void {}
  private one(x: Map<string, string>): void {}
  protected two(x: unknown): void {}
  #three(x: any): void {}
  _four(x: any) {}
  get five() { return 5; }
}
`;

const KINDS = `import type { u32 } from "@peri/sdk";
export interface Named { name: string }
/** Who feeds it. */
export interface Keeper extends Named { age: u32 | undefined }`;

Deno.test("every type that travels is read with its names and documentation", async () => {
  assert.equal(
    await witOf({ "pod.ts": EVERYTHING, "kinds.ts": KINDS }),
    `package pod:zoo;

/// All about animals.
interface animals {
  /// Numbers of every size.
  type numbers = tuple<u8, u16, u32, u64, s8, s16, s32, s64, f32, f64>;

  enum mood {
    calm,
    angry,
    hungry-for-grass,
  }

  flags days {
    calm,
    angry,
    mon,
  }

  /// Who feeds it.
  record keeper {
    name: string,
    age: option<u32>,
  }

  /// One of them.
  record animal-type {
    name: string,
    house: string,
    row: u8,
    /// As far as anybody knows.
    is-fed: option<bool>,
    photo: list<u8>,
    keeper: option<keeper>,
  }

  /// What happened.
  variant event {
    fed(animal-type),
    left-alone,
    /// For long.
    slept(option<u32>),
  }

  type maybe = option<string>;

  record now-result-err {
    why: string,
  }

  flags go-in {
    a,
  }

  record animal-of-at {
    y: f64,
  }

  record animal-of {
    x: f64,
    at: animal-of-at,
  }

  /// Every type.
  ///
  /// In two parts.
  /// @param numbers of every size
  /// @param mood how it is
  take: func(numbers: numbers, mood: mood, days: days, event: event, letter: char) -> list<animal-type>;

  /// Many, perhaps.
  %list: func(near: maybe, limit: option<u32>) -> stream<animal-type>;

  now: func() -> result<list<bool>, now-result-err>;

  go: func(in: go-in, who: list<string>);

  animal: func(of: animal-of) -> result;
}

world pod {
  export animals;
}
`,
  );
});

Deno.test("errors that methods declare are the error side of their results", async () => {
  const files = {
    "pod.ts": `import { Pod, Refusal } from "@peri/sdk";
import { Gone as Lost, type NoSuchPlace } from "./errors.ts";
export { Lost };
export default class Zoo extends Pod {
  /** Finds.
   * @throws {NoSuchPlace} when nobody knows it
   * @throws {Lost}
   * @throws {Refusal} else */
  async find(): Promise<string> { return ""; }
  /** @throws {NoSuchPlace} too */
  async look(): Promise<void> {}
}`,
    "errors.ts": `import { TypedError } from "@peri/sdk";
class Base extends TypedError<{ place: string }> {}
/** Not there. */
export class NoSuchPlace extends Base {}
export class Gone extends TypedError {}`,
  };
  const text = await witOf(files);
  assert.match(
    text,
    /variant find-error \{\n {4}gone,\n {4}\/\/\/ Not there\.\n {4}no-such-place\(no-such-place\),\n/,
  );
  assert.match(
    text,
    /variant look-error \{\n {4}\/\/\/ Not there\.\n {4}no-such-place\(no-such-place\),\n {2}\}/,
  );
  assert.match(text, /@throws no-such-place when nobody knows it/);
  assert.match(text, /find: func\(\) -> result<string, find-error>;/);
  assert.match(text, /look: func\(\) -> result<_, look-error>;/);
  const { errors } = await read(files);
  assert.deepEqual(errors.map(({ className, exported }) => [className, exported]), [
    ["NoSuchPlace", "NoSuchPlace"],
    ["Gone", "Gone"],
  ]);
});

Deno.test("fields that are capabilities are offered, and those that are commands are verbs", async () => {
  const { offers, commands } = await read({
    "pod.ts": `import { Capability, Commands, Pod } from "@peri/sdk";
import { Mail } from "./mail.ts";
class Verbs extends Commands {
  async say(text: string): Promise<void> {}
}
class Hidden extends Mail {}
export default class Zoo extends Pod {
  readonly mail = new Mail(this);
  readonly verbs: Verbs = make(this);
  /** @hidden */
  readonly own = new (class extends Capability {})(this);
  readonly #hidden = new Hidden(this);
  protected readonly other = new Hidden(this);
}
declare function make(pod: Pod): Verbs;`,
    "mail.ts": `import { Capability } from "@peri/sdk";
/** Letters. */
export class Mail extends Capability {
  async leave(text: string): Promise<void> {}
  protected async read(): Promise<void> {}
}`,
  });
  assert.deepEqual(
    offers.map(({ field, part }) => [field, part.name, [...part.functions.keys()]]),
    [
      ["mail", "pod:zoo/mail", ["leave"]],
    ],
  );
  assert.deepEqual(commands.map(({ field, part }) => [field, part.map(({ name }) => name)]), [
    ["verbs", ["say"]],
  ]);
});

Deno.test("clients that are called are needed, and those that are extended or types are not", async () => {
  const client = (name: string) => `
export abstract class ${name} extends Capability {
  static readonly shape: InterfaceShape =
    { "interface": "pod:other/${name.toLowerCase()}", "capability": "${
    "0".repeat(64)
  }", "functions": [] };
  abstract go(to: string): Promise<void>;
}`;
  const { offers, needs } = await read({
    "clients.ts": `import { Capability, type InterfaceShape } from "@peri/sdk";` +
      ["Called", "Extended", "Typed", "Unused"].map(client).join("\n"),
    "part.ts":
      `import { peer, type Pod } from "@peri/sdk"; import { Called as It } from "./clients.ts";
export const call = (pod: Pod) => peer(pod, It, { of: "alice" }).go("there");`,
    "pod.ts": `import { Pod, type Remote } from "@peri/sdk"; import { call } from "./part.ts";
import { Extended, Typed, Unused } from "./clients.ts";
class Mine extends Extended { async go(to: string): Promise<void> {} }
export default class Zoo extends Pod {
  readonly mine = new Mine(this);
  protected f(typed: Remote<Typed>) { return call(this); }
}`,
  });
  assert.deepEqual(needs.map(({ name }) => name), ["pod:other/called"]);
  assert.deepEqual(offers.map(({ part }) => [part.name, part.claims]), [
    ["pod:other/extended", "0".repeat(64)],
  ]);
});

Deno.test("a file that changes between two builds is read again", async () => {
  await withPod({}, async (folder) => {
    for (const name of ["one", "two"]) {
      const source = `import { Pod } from "@peri/sdk"; import type { X } from "./x.ts";
export default class Zoo extends Pod { async go(x: X): Promise<void> {} }`;
      await Deno.writeTextFile(join(folder, "pod.ts"), source);
      await Deno.writeTextFile(join(folder, "x.ts"), `export interface X { ${name}: string }`);
      const model = readPod({ folder, entry: join(folder, "pod.ts"), package: "pod:zoo" });
      const [[, type]] = model.offers[0]!.part.functions.get("go")!.params as never as [
        [0, unknown],
      ];
      assert.deepEqual(type, { record: [[name, "string"]] });
    }
  });
});

const KEEPING = `
import { Commands, Pod, type u32 } from "@peri/sdk";
interface Settings { isQuiet: boolean; tags?: string[] }
class Words extends Commands {}
abstract class Base extends Pod {
  protected since: u32 = 0;
  count: string = "hidden by the one of the class";
}
export default class Keeper extends Base {
  override count = 0;
  protected settings: Settings = { isQuiet: false };
  private title = "a title";
  last?: string;
  mood: "calm" | "angry" = "calm";
  isOn = true;
  list = [] as u32[];
  least = -1;
  words = new Words(this);
  readonly passing = new Map<string, string>();
  #secret = new Map<string, string>();
  static made = new Map<string, string>();
  private doIt = () => 1;
  declare later: Map<string, string>;
}
`;

Deno.test("fields that may be changed keep their values, by name and type", async () => {
  const { fields } = await read({ "pod.ts": KEEPING });
  assert.deepEqual(fields, [
    { name: "count", type: "f64" },
    {
      name: "settings",
      type: { record: [["is-quiet", "bool"], ["tags", { option: { list: "string" } }]] },
    },
    { name: "title", type: "string" },
    { name: "last", type: { option: "string" } },
    { name: "mood", type: { enum: ["calm", "angry"] } },
    { name: "isOn", type: "bool" },
    { name: "list", type: { list: "u32" } },
    { name: "least", type: "f64" },
    { name: "since", type: "u32" },
  ]);
});

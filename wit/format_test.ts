import assert from "node:assert/strict";
import { readDocs } from "./docs.ts";
import { formatWorld } from "./format.ts";
import { resolveWorld, type WitWorld } from "./tree.ts";

const documented = (source: string, world: WitWorld) => {
  const docs = readDocs(source);
  const both = (side: WitWorld["exports"]) =>
    side.map((one) => ({ ...one, docs: docs.get(one.name) ?? new Map<string, string>() }));
  return { exports: both(world.exports), imports: both(world.imports) };
};

const EVERY = `package a:b;

/// About the whole.
/// In two lines.
interface c {
  /// A cat.
  record cat {
    /// What it is called.
    name: string,
    lives: option<u8>,
  }

  /// As a cat, and yet none.
  record dog {
    name: string,
    lives: option<u8>,
  }

  type pets = list<cat>;

  variant pet {
    cat(cat),
    /// Loud.
    dog(dog),
    none,
  }

  flags days {
    monday,
    tuesday,
  }

  enum %enum {
    %type,
    %u8,
  }

  /// Gives it away.
  ///
  /// @param pet which one
  give: func(pet: pet, to: tuple<string, days>) -> result<_, %enum>;

  all: func() -> stream<dog>;

  both: func(a: pets, %list: list<u8>) -> result<cat>;

  %record: func();
}

world pod {
  import d:e/f;
  export c;
  export d:e/f;
}

package d:e {
  /// Elsewhere.
  interface f {
    g: func(h: bool) -> result;
  }
}
`;

Deno.test("a WIT text is written as it was read, with its documentation", async () => {
  const world = documented(EVERY, await resolveWorld(EVERY, "pod"));
  assert.equal(formatWorld({ packageName: "a:b", world: "pod", ...world }), EVERY);
});

Deno.test("documentation is found whatever stands between it", () => {
  const docs = readDocs(`
    /// Of the package.
    package a:b@1.0.0;
    /** Of the
     *  interface. */
    interface c { // nothing
      use d.{e, f as g};
      /// Lost, no item follows.
      // plain
      resource r { /// made
        constructor(x: u8); }
      @since(version = 1.0.0)
      /// Calls.
      call: async func(x: tuple<u8, u8>, y: list<u8>) -> u8;
      enum e { /// One.
        one, two, /// Three.
        three }
    }
    /// Not of c.
    world pod { export c; }`);
  assert.deepEqual([...docs.keys()], ["a:b/c"]);
  assert.deepEqual([...docs.get("a:b/c")!].filter(([key]) => !key.startsWith("r")), [
    ["", "Of the\n interface."],
    ["call", "Calls."],
    ["e.one", "One."],
    ["e.three", "Three."],
  ]);
});

Deno.test("any kept word can be the name of everything", async () => {
  const words = ("use type func record resource own borrow flags variant enum bool string option " +
    "result list tuple future stream error-context char u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 " +
    "static interface world import export package constructor include as from with async map")
    .split(" ");
  const functions = new Map(
    words.map((word) => [word, { params: [[word, "u8"]], result: null } as const]),
  );
  const one = { name: "a:b/interface", types: new Map(), functions, docs: new Map() };
  const text = formatWorld({ packageName: "a:b", world: "pod", exports: [one], imports: [] });
  const { exports } = await resolveWorld(text, "pod");
  assert.deepEqual([...exports[0]!.functions.keys()], words);
});

Deno.test("documentation cannot leave its comment", async () => {
  const docs = new Map([["f", "a\u202eb\u0007\n*/ }\r} d\u0085e"]]);
  const functions = new Map([["f", { params: [], result: null }]]);
  const one = { name: "a:b/c", types: new Map(), functions, docs };
  const text = formatWorld({ packageName: "a:b", world: "pod", exports: [one], imports: [] });
  assert.ok(text.includes("  /// ab\n  /// */ }} de\n  f: func();"));
  assert.equal((await resolveWorld(text, "pod")).exports.length, 1);
});

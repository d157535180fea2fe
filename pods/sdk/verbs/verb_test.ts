import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { FakePeriphery } from "../testing/fake.ts";
import { Commands, Pod, type Shown, shown, TypedError } from "../mod.ts";
import type { PodShape, Type } from "../shape.ts";
import { sketchFunction, sketchOffer, sketchParam, sketchVerb } from "../testing/sketch.ts";

const OWNER = "A".repeat(40);
const ABOUT = { name: "capybara", version: "0.1.0", about: "Capybaras." };

class NoSuchPlace extends TypedError<{ place: string }> {}

class Notes extends Commands {
  names(): Shown<readonly { name: string }[]> {
    return shown([{ name: "a" }, { name: "b\x1b[2J" }], (all) => all.map(({ name }) => name));
  }

  protected known(words: string[]): string[] {
    return ["ann", `${words.length}`];
  }
}

class Capybara extends Pod {
  readonly notes = new Notes(this);

  report(sighting: { place: string; count: number; noteText?: string }): unknown {
    if (sighting.place === "moon") throw new NoSuchPlace({ place: "moon" });
    return sighting;
  }

  async *sightings(near?: string, order?: string, wet?: boolean): AsyncIterable<unknown> {
    if (near === "nowhere") return;
    yield { place: near ?? "pond", count: 2, seenMs: 1_800_000_000_000, by: OWNER };
    yield await Promise.resolve({ place: `${order} ${wet}`, count: 1_000, seenMs: 0 });
  }

  say(to: string, text: string): string {
    return `${to}: ${text}`;
  }

  total(...all: bigint[]): bigint {
    return all.reduce((sum, one) => sum + one, 0n);
  }

  about(): unknown {
    return {
      name: "capy\x1b[31mbara",
      sizeBytes: 1_536n,
      waitMs: 90_000,
      seenMs: 1_800_000_000_000,
      photo: new Uint8Array([1, 2, 255]),
      days: new Set(["wed", "mon"]),
      mood: { tag: "hungry-for", val: "grass" },
      friends: [{ name: "bob", age: 3 }, { name: "carol" }],
      story: "one\ntwo",
    };
  }

  move(_at: { x: number; y?: number }): void {}
}

const SEEN: Type = {
  record: [["place", "string"], ["count", "u32"], ["seen-ms", "f64"], ["by", { option: "string" }]],
};
const ORDER: Type = { enum: ["newest", "oldest"] };
const SIGHTING: Type = {
  record: [["place", "string"], ["count", "u32"], ["note-text", { option: "string" }]],
};
const ABOUT_TYPE: Type = {
  record: [
    ["name", "string"],
    ["size-bytes", "u64"],
    ["wait-ms", "f64"],
    ["seen-ms", "f64"],
    ["photo", { list: "u8" }],
    ["days", { flags: ["mon", "tue", "wed"] }],
    ["mood", { variant: [["calm", null], ["hungry-for", "string"]] }],
    ["friends", { list: { record: [["name", "string"], ["age", { option: "u8" }]] } }],
    ["story", "string"],
    ["nickname", { option: "string" }],
  ],
};
const AT: Type = { record: [["x", "f64"], ["y", { option: "f64" }]] };
const REPORTED: Type = {
  result: [SIGHTING, { variant: [["no-such-place", { record: [["place", "string"]] }]] }],
};

const SHAPE: PodShape = {
  offers: [sketchOffer("pod:capybara/capybara", "", [
    sketchFunction("report", [["sighting", SIGHTING]], REPORTED, {
      errors: [["no-such-place", "NoSuchPlace"]],
    }),
    sketchFunction("total", [["all", { list: "u64" }]], "u64", { rest: true }),
  ])],
  verbs: [
    sketchVerb(
      "report",
      "<place> <count> [--note-text <text>]",
      [
        sketchParam("place", "positional", "string", ["0", "place"]),
        sketchParam("count", "positional", "u32", ["0", "count"], { about: "how many" }),
        sketchParam("note-text", "flag", "string", ["0", "note-text"]),
      ],
      REPORTED,
      { about: "Tells of a sighting." },
    ),
    sketchVerb(
      "sightings",
      "[--near <text>] [--order newest|oldest] [--wet]",
      [
        sketchParam("near", "flag", "string", ["0"], { about: "only those near this place" }),
        sketchParam("order", "flag", ORDER, ["1"]),
        sketchParam("wet", "switch", "bool", ["2"], { about: "only in water" }),
      ],
      { stream: SEEN },
      { about: "Sightings, newest first." },
    ),
    sketchVerb(
      "say",
      "<to> <text…>",
      [
        sketchParam("to", "positional", "string", ["0"], { complete: "knownWords" }),
        sketchParam("text", "rest", "string", ["1"]),
      ],
      "string",
      { verbatim: true },
    ),
    sketchVerb(
      "tell",
      "<to> <text…>",
      [
        sketchParam("to", "positional", "string", ["0"]),
        sketchParam("text", "rest", "string", ["1"]),
      ],
      "string",
      { method: "say" },
    ),
    sketchVerb(
      "total",
      "<all…>",
      [sketchParam("all", "rest", { list: "u64" }, ["0"], { optional: true })],
      "u64",
      { rest: true },
    ),
    sketchVerb("about", "", [], ABOUT_TYPE),
    sketchVerb("move", "<at>", [sketchParam("at", "flag", AT, ["0"], { optional: false })], null),
    sketchVerb(
      "names",
      "",
      [
        sketchParam("who", "flag", "string", ["0"], { complete: "known" }),
      ],
      { list: { record: [["name", "string"]] } },
      { field: "notes", remote: false },
    ),
  ],
};

const open = () => new FakePeriphery(Capybara, ABOUT, OWNER, SHAPE, { NoSuchPlace });

async function say(...argv: string[]): Promise<string> {
  const { stdout, failure } = await open().command(argv);
  deepStrictEqual(failure, undefined);
  return stdout;
}

async function refusal(...argv: string[]): Promise<string[]> {
  const { failure, stdout } = await open().command(argv);
  deepStrictEqual([failure?.kind, stdout], ["invalid", ""]);
  return [failure!.op, failure!.subject, failure!.hint ?? ""];
}

async function complete(...argv: string[]): Promise<unknown> {
  const args = JSON.stringify([argv]);
  return (await open().begin({ person: OWNER }, "peri:face/command", "complete", args).ended)
    .result;
}

Deno.test("words become arguments, and a record is shown a field a line", async () => {
  strictEqual(await say("report", "pond", "2"), "place  pond\ncount  2\n");
  strictEqual(
    await say("report", "--note-text=by the sea", "pond", "2"),
    "place      pond\ncount      2\nnote text  by the sea\n",
  );
  strictEqual(
    await say("report", "pond", "2", "--note-text", "wet", "--json"),
    '{"place":"pond","count":2,"note-text":"wet"}\n',
  );
});

Deno.test("a stream of records is a table, its columns aligned", async () => {
  strictEqual(
    await say("sightings", "--near", "the pond", "--wet"),
    [
      "PLACE           COUNT  SEEN                 BY",
      `the pond            2  2027-01-15 08:00:00  ${OWNER}`,
      "undefined true   1000  0 ms                 -",
      "",
    ].join("\n"),
  );
  strictEqual(await say("sightings", "--near", "nowhere"), "none\n");
  strictEqual(await say("sightings", "--near", "nowhere", "--json"), "");
  const [first] = (await say("sightings", "--json")).split("\n");
  deepStrictEqual(JSON.parse(first!), {
    place: "pond",
    count: 2,
    "seen-ms": 1_800_000_000_000,
    by: OWNER,
  });
});

Deno.test("values of every kind are readable and cannot command the terminal", async () => {
  strictEqual(
    await say("about"),
    [
      "name     capy[31mbara",
      "size     1.5 KiB",
      "wait     1.5 min",
      "seen     2027-01-15 08:00:00",
      "photo    3 bytes 0102ff",
      "days     mon, wed",
      "mood     hungry for grass",
      "friends",
      "  NAME   AGE",
      "  bob      3",
      "  carol    -",
      "story",
      "  one",
      "  two",
      "",
    ].join("\n"),
  );
});

Deno.test("the last text takes the rest, whatever it begins with, or standard input", async () => {
  strictEqual(await say("say", "bob", "well,", "--json"), "bob: well, --json\n");
  strictEqual(await say("say", "--", "--bob", "--", "x"), "--bob: -- x\n");
  strictEqual(await say("tell", "bob", "well,", "--json"), '"bob: well,"\n');
  strictEqual(await say("tell", "bob", "--", "--json"), "bob: --json\n");
  deepStrictEqual(
    (await refusal("tell", "bob", "--what"))[2],
    "words that begin with dashes stand behind --",
  );
  strictEqual((await open().command(["say", "bob", "-"], "one\ntwo\n")).stdout, "bob: one\ntwo\n");
});

Deno.test("a list takes all further words", async () => {
  strictEqual(await say("total", "1", "18446744073709551614"), "18446744073709551615\n");
  strictEqual(await say("total"), "0\n");
});

Deno.test("deeper values are JSON, in which what may be absent may be left out", async () => {
  strictEqual(await say("move", '--at={"x":1}'), "");
  deepStrictEqual(
    (await refusal("move", "--at", "here"))[1],
    "--at must be JSON, and here is none",
  );
  deepStrictEqual((await refusal("move", "--at", '{"y":1}'))[1], "--at.x is missing");
  deepStrictEqual(
    (await refusal("move", "--at", '{"x":1,"x":2}'))[1],
    '--at must be JSON, and {"x":1,"x":2} is none',
  );
});

Deno.test("wrong words are refused with what is taken, the nearest word or the usage", async () => {
  const op = "run capybara report";
  const usage = "peri capybara report <place> <count> [--note-text <text>]";
  deepStrictEqual(await refusal("report", "pond"), [op, "<count> is missing", usage]);
  deepStrictEqual(await refusal("report", "pond", "2", "x"), [
    op,
    '"x" is one word too many',
    usage,
  ]);
  deepStrictEqual(await refusal("report", "pond", "4294967296"), [
    op,
    "<count> must be a whole number from 0 to 4294967295, not 4294967296",
    usage,
  ]);
  deepStrictEqual(
    (await refusal("report", "pond", "many"))[1],
    '<count> must be a whole number from 0 to 4294967295, not "many"',
  );
  deepStrictEqual((await refusal("report", "--noet-text", "x"))[2], "did you mean --note-text?");
  deepStrictEqual((await refusal("report", "--note-text"))[1], "--note-text needs a value");
  deepStrictEqual((await refusal("sightings", "--wet=no"))[1], "--wet takes no value");
  deepStrictEqual(
    (await refusal("sightings", "--near", "a", "--near", "b"))[1],
    "--near stands there twice",
  );
  deepStrictEqual((await refusal("sightings", "--order", "newst")).slice(1), [
    '--order must be one of newest, oldest, not "newst"',
    "did you mean newest?",
  ]);
  deepStrictEqual((await refusal("move"))[1], "--at is missing");
  deepStrictEqual((await refusal("sightngs"))[2], "did you mean peri capybara sightings?");
});

Deno.test("an error that a function declares is told of the verb", async () => {
  deepStrictEqual(await refusal("report", "moon", "1"), [
    "report",
    "no such place (place: moon)",
    "",
  ]);
});

Deno.test("help says what a verb takes", async () => {
  const text = [
    "peri capybara sightings [--near <text>] [--order newest|oldest] [--wet]",
    "",
    "Sightings, newest first.",
    "",
    "  --near <text>           only those near this place",
    "  --order newest|oldest",
    "  --wet                   only in water",
    "  --of <who>              asks that person's pod instead of your own",
    "  --json                  prints one JSON record a line",
    "",
  ].join("\n");
  strictEqual(await say("sightings", "--help"), text);
  strictEqual(await say("help", "sightings"), text);
  strictEqual(await say("sightings", "--near", "x", "--help"), text);
  const whole = await say("help");
  match(
    whole,
    /^Capybaras\.\n\n {2}peri capybara report <place> <count> \[--note-text <text>\] +Tells/,
  );
});

Deno.test("what may come next is completed", async () => {
  deepStrictEqual(await complete("si"), ["sightings"]);
  deepStrictEqual(await complete("sightings", "--o"), ["--order", "--of"]);
  deepStrictEqual(await complete("sightings", "--order", ""), ["newest", "oldest"]);
  deepStrictEqual(await complete("names", "--who", "a"), ["ann"]);
  deepStrictEqual(await complete("names", "--who", "2"), ["2"]);
  deepStrictEqual(await complete("say", "bob", "--"), []);
});

Deno.test("a command shows itself in its own way, and as records", async () => {
  strictEqual(await say("names"), "a\nb[2J\n");
  strictEqual(await say("names", "--json"), '{"name":"a"}\n{"name":"b\\u001b[2J"}\n');
  strictEqual((await refusal("names", "--of", "bob"))[1], '"--of" is no flag of names');
});

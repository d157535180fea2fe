import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { FakePeriphery } from "../testing/fake.ts";
import { Refusal, type Run } from "../mod.ts";
import type { FunctionRef, Stream } from "../reference.ts";
import { HandPod } from "../testing/hand.ts";

const OWNER = "A".repeat(40);
const FRIEND = { person: "B".repeat(40), pod: "reader" };
const ABOUT = { name: "news", version: "1.0.0", about: "News." };

const nameOf = (name: string) => ({
  interface: "test:news/news",
  function: name,
  capability: "c".repeat(64),
  functionId: "d".repeat(64),
});

const news = {
  follow: nameOf("follow") as FunctionRef<[topic: string], Stream<number>>,
  list: nameOf("list") as FunctionRef<[count: number], Stream<string>>,
};

class News extends HandPod {
  readonly #readers = this.subscribers<number, string>("readers");

  readonly #listener = this.listener<string, number>("listen", (note, part, from) => {
    this.run.log("info", JSON.stringify([note, part, from.pod]));
  });

  constructor(run: Run) {
    super(run);
    this.offer(news, {
      follow: this.stream((subscription, topic) => {
        if (topic === "none") {
          throw new Refusal("not-found", { op: "follow", subject: "no such topic" });
        }
        this.#readers.add(subscription, topic);
        subscription.send(0);
      }),
      list: this.pages("list", async function* (after, count) {
        for (let at = Number(after ?? 0) + 1; at <= count; at++) yield [at, `item ${at}`] as const;
      }),
    });
    this.verb("tell", "<n>", "Tells all.", ([n]) => this.#readers.send(Number(n)));
    this.verb("fail", "", "Fails all.", async () => {
      const why = new Refusal("busy", { op: "go on", subject: "later" });
      for await (const [subscription] of this.#readers.walk()) subscription.fail(why);
    });
    this.verb("ask", "<key>", "Follows Bob.", async ([key]) => {
      await run.post(news.follow, FRIEND, ["all"], { then: this.#listener, note: "n", key: key! });
    });
    this.verb("both", "<key>", "Follows two with one key.", async ([key]) => {
      const other = { ...FRIEND, person: OWNER };
      const options = { then: this.#listener, note: "n", key: key! };
      await run.post(news.follow, [FRIEND, other], ["all"], options);
    });
    this.verb("ask-stop", "<key>", "Follows and changes its mind.", async ([key]) => {
      await run.post(news.follow, FRIEND, ["all"], { then: this.#listener, note: "n", key: key! });
      run.cancel(key!);
    });
  }
}

function open(): FakePeriphery {
  return new FakePeriphery(News, ABOUT, OWNER);
}

const items = (fake: FakePeriphery) =>
  fake.answers.map(({ handle, part }) => `${handle} ${part.tag === "item" ? part.val : part.tag}`);

Deno.test("a subscription answers at once and in later runs, until it is over", async () => {
  const fake = open();
  deepStrictEqual((await fake.open(news.follow, ["a"], "h1")).result, null);
  await fake.open(news.follow, ["b"], "h2");
  await fake.command(["tell", "7"]);
  await fake.endStream("h1");
  await fake.command(["tell", "8"]);
  deepStrictEqual(items(fake), ["h1 0", "h2 0", "h1 7", "h2 7", "h2 8"]);
  deepStrictEqual(fake.rows("readers"), [["h2", { of: "", tag: "b" }]]);
});

Deno.test("a refusal opens nothing; an error can end a stream later", async () => {
  const fake = open();
  const { failure } = await fake.open(news.follow, ["none"], "h1");
  strictEqual(failure?.kind, "not-found");
  deepStrictEqual(fake.rows("readers"), []);
  await fake.open(news.follow, ["a"], "h2");
  await fake.command(["fail"]);
  deepStrictEqual(items(fake), ["h2 0", "h2 failed"]);
});

Deno.test("a broadcast to more than one turn takes goes on in errands, each reader once", async () => {
  const fake = open();
  for (let at = 0; at < 700; at++) await fake.open(news.follow, ["a"], `h${1000 + at}`);
  fake.answers.length = 0;
  await fake.command(["tell", "5"]);
  deepStrictEqual(items(fake), Array.from({ length: 700 }, (_, at) => `h${1000 + at} 5`));
});

Deno.test("a list is given a page in each run, and no further when it is over", async () => {
  const fake = open();
  fake.holdsErrands = true;
  await fake.open(news.list, [250], "h1");
  strictEqual(fake.answers.length, 100);
  strictEqual(fake.errands[0]?.key, "h1", "the next page keeps pace with the stream");
  await fake.runErrand();
  strictEqual(fake.answers.length, 200);
  await fake.runErrand();
  deepStrictEqual(items(fake).slice(-2), ['h1 "item 250"', "h1 end"]);
  deepStrictEqual(fake.rows("sdk:pages"), []);
  await fake.open(news.list, [250], "h2");
  await fake.endStream("h2");
  const { length } = fake.answers;
  await fake.runErrand();
  strictEqual(fake.answers.length, length);
});

Deno.test("parts of a stream go to its listener, with who they are from", async () => {
  const fake = open();
  await fake.command(["ask", "k"]);
  const [post] = fake.posts;
  strictEqual(post?.key, "k");
  await fake.answer(post!, { item: 4, index: 0 });
  await fake.answer(post!, { end: true });
  deepStrictEqual(fake.logs.map(({ line }) => line), [
    '["n",{"item":4,"index":0},"reader"]',
    '["n",{"end":true},"reader"]',
  ]);
});

Deno.test("a key names one call, and a cancel takes back what the run was about to post", async () => {
  const fake = open();
  strictEqual((await fake.command(["both", "k"])).failure?.kind, "invalid");
  await fake.command(["ask-stop", "k"]);
  deepStrictEqual([fake.posts.length, fake.cancels], [0, ["k"]]);
});

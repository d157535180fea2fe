import assert from "node:assert/strict";
import { Refusal, type Run } from "../../pods/sdk/mod.ts";
import { findPod } from "./source.ts";
import { openVillage, type Village, type Villager } from "./mod.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";

const TICKER = new URL("../../tests/pods/ticker", import.meta.url);

/** Two friends with ticker pods. */
async function tickers(village: Village): Promise<[Villager, Villager]> {
  const [alice, bob] = await village.friends("alice", "bob");
  await alice.install(TICKER);
  await bob.install(TICKER);
  return [alice, bob];
}

/** What a ticker pod has heard, by what it was about. */
async function heard(person: Villager): Promise<Record<string, unknown>[]> {
  const { out } = await person.run("ticker", "heard");
  return out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

Deno.test("a friend is found by name, asked, and answers", async () => {
  await using village = openVillage();
  const [alice, bob] = await tickers(village);
  assert.deepEqual(await alice.run("ticker", "ask", "bob", "news"), { code: 0, out: "", err: "" });
  await village.settle();
  assert.deepEqual(await heard(alice), [{ about: "news", ok: "heard news" }]);
  assert.deepEqual(await heard(bob), []);
  assert.deepEqual(village.errors, []);
});

Deno.test("a refusal is an exit code and what peri says", async () => {
  await using village = openVillage();
  const [alice] = await tickers(village);
  const { code, out, err } = await alice.run("ticker", "tel", "tides", "1");
  assert.deepEqual([code, out], [2, ""]);
  assert.match(
    err,
    /^peri: cannot run ticker: "tel" is no verb of ticker\nhint: did you mean .*\n$/,
  );
  assert.equal((await alice.run("nothing", "at", "all")).code, 3);
});

Deno.test("what is cut is delivered once it is healed", async () => {
  await using village = openVillage();
  const [alice, bob] = await tickers(village);
  village.cut(alice, bob);
  await alice.run("ticker", "ask", "bob", "late");
  await village.settle();
  assert.deepEqual(await heard(alice), []);
  village.heal(alice, bob);
  await village.advance(3_600_000);
  assert.deepEqual(await heard(alice), [{ about: "late", ok: "heard late" }]);
});

Deno.test("in weather that loses and doubles, everything happens once", async () => {
  await using village = openVillage({ seed: "storm" });
  const [alice, bob] = await tickers(village);
  village.weather({ loss: 0.4, doubling: 0.4, delayMs: 2_000 });
  await alice.run("ticker", "follow", "bob", "tides");
  await village.advance(7_200_000);
  for (let n = 1; n <= 5; n++) await bob.run("ticker", "tell", "tides", `${n}`);
  await village.advance(7_200_000);
  assert.deepEqual((await heard(alice)).map(({ item }) => item), [1, 2, 3, 4, 5]);
});

Deno.test("a periphery that dies goes on where it was", async () => {
  await using village = openVillage();
  const [alice, bob] = await tickers(village);
  bob.crash();
  assert.equal(bob.isUp, false);
  await assert.rejects(bob.logs("ticker"), /does not run/);
  await alice.run("ticker", "ask", "bob", "still there?");
  await bob.restart();
  await village.advance(3_600_000);
  assert.deepEqual(await heard(alice), [{ about: "still there?", ok: "heard still there?" }]);
});

Deno.test("whatever commit a periphery dies at, what was asked happens once or not at all", async () => {
  const happened: number[] = [];
  for (let commits = 1; commits <= 4; commits++) {
    await using village = openVillage();
    const [alice] = await tickers(village);
    alice.crashAfter(commits);
    const { code, err } = await alice.run("ticker", "ask", "bob", "one");
    assert.ok(code === 0 || (code === 11 && /went away|reset/.test(err)), err);
    await village.settle();
    assert.equal(alice.isUp, false);
    await alice.restart();
    await village.advance(3_600_000);
    happened.push((await heard(alice)).length);
  }
  assert.deepEqual(happened, [0, 1, 1, 1]);
});

/** Shows what its run is given. */
class Clock extends HandPod {
  constructor(run: Run) {
    super(run);
    this.verb("show", "", "Time and chance.", () => {
      console.log("shown");
      run.print(`${Date.now()} ${new Date().getTime()} ${Math.random()}`);
    });
    this.verb("cat", "", "Standard input.", async () => run.print(await run.readAll()));
    this.verb("nap", "<duration>", "Sleeps.", async ([duration]) => {
      await this.sleep(duration!);
      run.print(`${Date.now()}`);
    });
    this.verb("no", "", "Refuses.", () => {
      throw new Refusal("denied", { op: "do it", subject: "no" });
    });
  }
}

/** The clock pod as its build would describe it. */
async function described(village: Village, name: string): Promise<Villager> {
  const person = await village.person(name);
  await person.install({ make: Clock, manifest: await clockManifest() });
  return person;
}

async function clockManifest() {
  const { manifest } = await findPod(TICKER, "");
  return { ...manifest, name: "clock" };
}

Deno.test("time and chance in a pod are the run's own", async () => {
  await using village = openVillage();
  const alice = await described(village, "alice");
  const { out } = await alice.run("clock", "show");
  const [now, made, random] = out.trim().split(" ").map(Number);
  assert.deepEqual([now, made], [village.nowMs, village.nowMs]);
  await village.advance(1_000);
  assert.match((await alice.run("clock", "show")).out, new RegExp(`^${now! + 1_000} `));
  assert.ok(Math.random() !== random && Date.now() !== village.nowMs);
  assert.deepEqual(await alice.logs("clock"), [
    { level: "info", line: "shown" },
    { level: "info", line: "shown" },
  ]);
});

Deno.test("a day passes when it is told to, and while somebody sleeps", async () => {
  await using village = openVillage();
  const alice = await described(village, "alice");
  const begunMs = village.nowMs;
  const { out } = await alice.run("clock", "nap", "1h 30m");
  assert.equal(out, `${begunMs + 5_400_000}\n`);
  assert.equal(village.nowMs, begunMs + 5_400_000);
  await village.pass("1 day");
  assert.equal(village.nowMs, begunMs + 5_400_000 + 86_400_000);
});

Deno.test("standard input is what a test pipes in", async () => {
  await using village = openVillage();
  const alice = await described(village, "alice");
  assert.equal((await alice.pipe("two\nlines", "clock", "cat")).out, "two\nlines\n");
});

Deno.test("the same seed gives the same run, another one another", async () => {
  const play = async (seed: number) => {
    await using village = openVillage({ seed });
    const alice = await described(village, "alice");
    return [alice.fingerprint, (await alice.run("clock", "show")).out];
  };
  const first = await play(7);
  assert.deepEqual(await play(7), first);
  const other = await play(8);
  assert.ok(other[0] !== first[0] && other[1] !== first[1]);
});

Deno.test("names that could be taken for each other are refused", async () => {
  await using village = openVillage();
  await village.person("ann");
  await assert.rejects(village.person("annabel"), /could be taken for ann/);
  await assert.rejects(village.person("Bob"), /no name/);
});

Deno.test("a class without a folder is refused with a way out", async () => {
  await using village = openVillage();
  const alice = await village.person("alice");
  await assert.rejects(alice.install(Clock), /Clock is the default export of no pod.ts/);
});

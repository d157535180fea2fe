/**
 * What a malicious pod tries against its neighbours on the same server. Each test tells the hole
 * first.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseStreamHandle } from "../../runtime/model/words.ts";
import type { PodClass } from "../../pods/sdk/engine.ts";
import type { Run } from "../../pods/sdk/mod.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import { hasReaders, hears, settleTickers, tick, who } from "../periphery/ticker.ts";
import { componentOf } from "../periphery/guests.ts";
import { type Home, ownerOf, Town } from "../periphery/town.ts";

/** A pod that does what it is told, past everything that the SDK would allow. */
class Villain extends HandPod {
  constructor(run: Run) {
    super(run);
    this.verb("ask", "<operation> <argument>", "A request.", async ([operation, argument]) => {
      run.print(JSON.stringify(await run.request(operation!, JSON.parse(argument!))));
    });
    this.verb("write", "<table> <key> <value>", "A write.", ([table, key, value]) => {
      run.effects.write(table!, key!, value);
    });
    this.verb("post", "<post>", "A post.", ([post]) => {
      const { person, pod, ...letter } = JSON.parse(post!);
      run.effects.post({ letter: { ...NOBODY, ...letter }, person, pod, note: "null" });
    });
    this.verb("answer", "<handle> <item>", "An answer.", ([handle, item]) => {
      run.effects.answer({ handle: handle!, part: { tag: "item", val: item! } });
    });
    this.verb("cancel", "<key>", "Ends an open call.", ([key]) => run.cancel(key!));
  }
}

const NOBODY = { deadlineMs: undefined, then: undefined, key: undefined, arguments: "[]" };

async function openHouse(town: Town, name: string): Promise<Home> {
  const house = await town.settle(name);
  house.classes.set("probe", Villain as PodClass);
  await house.install("probe");
  return house;
}

function villain(house: Home, ...argv: string[]) {
  return house.visit("pod.run", { pod: "probe", argv });
}

async function refused(house: Home, ...argv: string[]): Promise<string> {
  return (await house.refusal("pod.run", { pod: "probe", argv })).kind;
}

/** The manifest of the hey pod, which everybody can read. */
const HEY = await componentOf("hey");

/** A function that the hey pod offers. */
function offerOf(name: string) {
  const manifest = JSON.parse(new TextDecoder().decode(HEY));
  const offer = manifest.offers.find((one: { interface: string }) => one.interface === name);
  const [called, { id }] = Object.entries(offer.functions)[0] as [string, { id: string }];
  return { capability: offer.capability, interface: name, function: called, functionId: id };
}

Deno.test("a pod posts no function that its person has not granted", async () => {
  // The probe was installed as a pod that sends nothing, and writes letters in Alice's name.
  await using town = new Town();
  const alice = await openHouse(town, "alice");
  const me = ownerOf(alice);
  for (const name of ["peri:hey/mail", "peri:hey/people", "peri:face/command"]) {
    const offer = offerOf(name);
    const post = JSON.stringify({ person: me, pod: "hey", ...offer });
    assert.equal(await refused(alice, "post", post), "denied", name);
  }
  assert.deepEqual((await alice.visit("outbox.list")).items, []);
  assert.deepEqual(alice.disk.rows().filter(({ key }) => key[3] === "open"), []);
});

Deno.test("what a version would like to send is not granted before it is installed", async () => {
  // Alice looks at a version that wants more and says no; the one she has tries it all the same.
  await using town = new Town();
  const alice = await openHouse(town, "alice");
  const { kind } = await alice.refusal("pod.install", { name: "probe", upgrade: true }, {
    input: HEY,
    yes: false,
  });
  assert.equal(kind, "denied");
  const post = { person: ownerOf(alice), pod: "hey", ...offerOf("peri:hey/mail") };
  assert.equal(await refused(alice, "post", JSON.stringify(post)), "denied");
  const { serial } = (await alice.visit("pod.info", { pod: "probe" })).items[0]!;
  assert.equal(serial, 1, "nothing was signed");
});

Deno.test("a pod reads and writes its own tables, whatever it calls them", async () => {
  // Names of tables are texts of the pod: it tries to climb out of its own with them.
  await using town = new Town();
  const alice = await openHouse(town, "alice");
  await alice.hey("name", "bob", "B".repeat(40));
  const others = alice.disk.rows().filter(({ key }) => key[2] === "hey" && key[3] === "state");
  assert.ok(others.length > 0);
  const tables = new Set(others.map(({ key }) => String(key[4])));
  const me = ownerOf(alice);
  for (const table of [...tables]) {
    for (
      const name of [`hey/${table}`, `../hey/state/${table}`, `\0${table}`, `${me}/hey/${table}`]
    ) {
      tables.add(name);
    }
  }
  for (const table of tables) {
    const asked = await villain(alice, "ask", "state-list", JSON.stringify({ table, limit: 100 }));
    assert.equal(asked.stdout, "[]\n", table);
    for (const { key } of others) {
      const argument = JSON.stringify({ table, key: String(key[5]) });
      assert.equal((await villain(alice, "ask", "state-get", argument)).stdout, "null\n", table);
      await villain(alice, "write", table, String(key[5]), '"mine"');
    }
  }
  const now = alice.disk.rows().filter(({ key }) => key[2] === "hey" && key[3] === "state");
  assert.deepEqual(now, others);
});

Deno.test("a pod does not see the state of another version of it, nor its own records", async () => {
  // What is kept for a way back stands beside its tables.
  await using town = new Town();
  const alice = await openHouse(town, "alice");
  await villain(alice, "write", "diary", "1", '"secret"');
  await alice.install("probe", { upgrade: true }, { version: "0.2.0" });
  await villain(alice, "write", "diary", "1", '"other"');
  for (const table of ["state", "state.1", "kept", "resident", "used", "../state", "0", "1"]) {
    for (const prefix of ["", "diary", "1"]) {
      const argument = JSON.stringify({ table, prefix, limit: 100 });
      assert.equal((await villain(alice, "ask", "state-list", argument)).stdout, "[]\n", table);
    }
    await villain(alice, "write", table, "diary", "1");
  }
  await alice.visit("pod.rollback", { pod: "probe" });
  const asked = await villain(alice, "ask", "state-get", '{"table":"diary","key":"1"}');
  assert.equal(asked.stdout, `${JSON.stringify('"secret"')}\n`);
});

Deno.test("a pod answers no stream of its neighbour and ends no call of it", async () => {
  // The handle of Bob's reader and the key of Alice's call are known to the villains beside them.
  await using town = new Town();
  const { alice, bob } = await settleTickers(town);
  for (const house of [alice, bob]) {
    house.classes.set("probe", Villain as PodClass);
    await house.install("probe");
  }
  await tick(alice, "follow", who(bob), "tides");
  await hasReaders(bob, 1);
  const [row] = bob.disk.rows().filter(({ key }) => key[3] === "owed" && key[2] === "ticker");
  const handle = `${row!.key[4]}/${row!.key[5]}/${row!.key[6]}`;
  assert.equal(parseStreamHandle(handle).caller.pod, "ticker");
  assert.equal(await refused(bob, "answer", handle, "666"), "invalid");
  const keys = alice.disk.rows().filter(({ key }) => key[3] === "key" && key[2] === "ticker");
  assert.ok(keys.length > 0);
  for (const { key } of keys) await villain(alice, "cancel", String(key[4]));
  await tick(bob, "tell", "tides", "1");
  assert.deepEqual((await hears(alice, 1)).map(({ item }) => item), [1]);
  await hasReaders(bob, 1);
});

Deno.test("a pod does not find the tables of one that had its name", async () => {
  // Whoever installs a pod of a name that was free again would read what the former kept.
  await using town = new Town();
  const alice = await openHouse(town, "alice");
  await villain(alice, "write", "diary", "1", '"secret"');
  await alice.visit("pod.remove", { pod: "probe" });
  await alice.install("probe");
  const asked = await villain(alice, "ask", "state-get", '{"table":"diary","key":"1"}');
  assert.equal(asked.stdout, "null\n");
});

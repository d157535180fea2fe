import assert from "node:assert/strict";
import { MemoryClock } from "../adapters/memory/clock.ts";
import { MemoryStore } from "../adapters/memory/store.ts";
import { parseFingerprint, parsePodName, type PodRef } from "../model/words.ts";
import { HeyDoor } from "./door.ts";
import type { ResidentMap } from "./residents.ts";
import type { ResidentPod } from "./resident.ts";

const BOB = parseFingerprint("B0B".padEnd(40, "0"));
const EVE = parseFingerprint("E".repeat(40));
const HEIR = parseFingerprint("E1".repeat(20));
const HEY = parsePodName("hey");
const GIT = parsePodName("git");

interface Doors {
  readonly offers?: readonly string[];
  readonly known?: readonly string[];
  readonly generation?: number;
}

function openDoor({ offers = ["peri:face/petnames"], known = [], generation = 0 }: Doors = {}) {
  const store = new MemoryStore();
  const clock = new MemoryClock();
  const manifest = { offers: offers.map((name) => ({ interface: name })) };
  const hey = { ref: { person: BOB, pod: HEY }, generation, manifest } as unknown as ResidentPod;
  const byRef = (ref: PodRef) => ref.person === BOB && ref.pod === HEY ? hey : undefined;
  const door = new HeyDoor({ byRef } as unknown as ResidentMap, {
    ...{ store, clock },
    isKnown: (_, person) => Promise.resolve(known.includes(person)),
    formersOf: (person) => Promise.resolve(person === HEIR ? [EVE] : []),
  });
  const put = (table: string, key: string, value: unknown, part = "state") =>
    store.commit({
      puts: [{ key: ["pod", BOB, "hey", part, table, key], value: JSON.stringify(value) }],
    });
  const ask = async (person = EVE, { pod = HEY, isExpected = false, from = HEY } = {}) => {
    const expected = () => Promise.resolve(isExpected);
    const error = await door.refusal({ person: BOB, pod }, { person, pod: from }, expected);
    return error?.kind;
  };
  return { ask, put, clock };
}

Deno.test("who is blocked reaches no pod of the person, from no pod and under no later key", async () => {
  const { ask, put } = openDoor();
  assert.equal(await ask(), undefined);
  await put("blocked", EVE, { sinceMs: 1 });
  assert.deepEqual(
    [await ask(), await ask(EVE, { pod: GIT }), await ask(EVE, { from: GIT }), await ask(HEIR)],
    ["denied", "denied", "denied", "denied"],
  );
  // Bob has written to her before he blocked her.
  assert.equal(await ask(EVE, { isExpected: true }), "denied");
  assert.equal(await ask(BOB), undefined);
});

Deno.test("while strangers find no room, who is known and who was written to comes in", async () => {
  const { ask, put, clock } = openDoor({ known: [HEIR] });
  await put("door", "full", clock.nowMs() + 1_000);
  assert.equal(await ask(), "over-quota");
  assert.equal(await ask(EVE, { pod: GIT }), undefined);
  assert.equal(await ask(EVE, { isExpected: true }), undefined);
  assert.equal(await ask(HEIR), undefined);
  await put("persons", EVE, "eve");
  assert.equal(await ask(), undefined);
});

Deno.test("who was known under the key before comes in while strangers find no room", async () => {
  const named = openDoor();
  await named.put("door", "full", named.clock.nowMs() + 1_000);
  assert.equal(await named.ask(HEIR), "over-quota");
  await named.put("persons", EVE, "eve");
  assert.equal(await named.ask(HEIR), undefined);
  const friend = openDoor({ known: [EVE] });
  await friend.put("door", "full", friend.clock.nowMs() + 1_000);
  assert.equal(await friend.ask(HEIR), undefined);
});

Deno.test("the door opens again at its time, and on what is no time", async () => {
  const { ask, put, clock } = openDoor();
  await put("door", "full", clock.nowMs() + 1_000);
  clock.jump(1_000);
  assert.equal(await ask(), undefined);
  for (const value of ["soon", null, {}, []]) {
    await put("door", "full", value);
    assert.equal(await ask(), undefined);
  }
});

Deno.test("rows count of the version that lives, and of a pod that is the hey pod", async () => {
  const other = openDoor({ offers: ["peri:hey/mail"] });
  await other.put("blocked", EVE, {});
  assert.equal(await other.ask(), undefined);
  const upgraded = openDoor({ generation: 2 });
  await upgraded.put("blocked", EVE, {});
  assert.equal(await upgraded.ask(), undefined);
  await upgraded.put("blocked", EVE, {}, "state.2");
  assert.equal(await upgraded.ask(), "denied");
});

import assert from "node:assert/strict";
import { Visit } from "../visit/visit.ts";
import { Door } from "./door.ts";

const someone = () => new Visit({ interface: "a:b/c", function: "d", arguments: "[]" });
const inbox = (count: number) => async (after: number, most: number) => {
  const arrivals = Array.from({ length: count }, (_, arrival) => ({ arrival }));
  return await Promise.resolve(arrivals.filter(({ arrival }) => arrival > after).slice(0, most));
};

Deno.test("a visit gives way to what has come before, once", async () => {
  const visit = someone();
  const door = new Door([visit], true);
  assert.deepEqual(door.takeVisits(4, true), []);
  assert.equal((await door.takeEvents(4, inbox(9))).length, 3);
  assert.deepEqual(door.takeVisits(4, true), [visit]);
  const next = new Door([visit], true);
  assert.deepEqual(next.takeVisits(4, true), [visit]);
});

Deno.test("a visit waits for no events that cannot be read now, and for none when they may break", () => {
  for (const [isPolite, canRead] of [[true, false], [false, true]] as const) {
    const visit = someone();
    assert.deepEqual(new Door([visit], isPolite).takeVisits(4, canRead), [visit]);
  }
});

Deno.test("events are taken in order, and no more are looked for than may wait", async () => {
  const door = new Door([], true);
  assert.equal(door.isBusy, true);
  assert.deepEqual(await door.takeEvents(2, inbox(3)), [{ arrival: 0 }, { arrival: 1 }]);
  assert.deepEqual(await door.takeEvents(2, inbox(3)), [{ arrival: 2 }]);
  assert.equal(door.isBusy, false);
  assert.deepEqual(await door.takeEvents(2, () => assert.fail("read")), []);
  door.knock();
  assert.equal(door.isBusy, true);
});

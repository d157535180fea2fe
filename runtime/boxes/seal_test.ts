import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { epochFromBytes, parsePodRef } from "../model/words.ts";
import { Lane } from "./lane.ts";
import type { Routed } from "./route.ts";
import { planLoad } from "./seal.ts";

const FROM = parsePodRef(`${"A".repeat(40)}/hey`);
const TO = parsePodRef(`${"B".repeat(40)}/hey`);
const EPOCH = epochFromBytes(new Uint8Array(16));

/** A lane in which messages wait that expire then. */
function laneOf(row: { unproven?: number }, ...expiries: number[]): Routed {
  const all = { epoch: EPOCH, sequence: 0, introduced: 1, ...row };
  const lane = new Lane(FROM, TO, all, false, { bytes: 0 });
  lane.reserved(lane.reserving(expiries.length));
  const make = (expiresMs: number, sequence: number) => ({
    sequence,
    expiresMs,
    bytes: new Uint8Array(1),
  });
  lane.settle(lane.place(expiries, make), true);
  return { lane, sender: { serial: 1 } } as Routed;
}

function planned(routed: Routed, skip = 0): number[] | undefined {
  const load = planLoad(routed, {
    maxMessages: 200,
    maxBytes: Infinity,
    introduce: false,
    nowMs: 5,
    skip,
  });
  return load?.messages.map(({ sequence }) => sequence);
}

Deno.test("a bundle ends at the first message that has expired", () => {
  deepStrictEqual(planned(laneOf({}, 9, 9, 1, 9)), [1, 2]);
  strictEqual(planned(laneOf({}, 1, 9)), undefined, "until it has been given up");
});

Deno.test("until a lane's numbers have shown to be new, one of them goes alone", () => {
  const routed = laneOf({ unproven: 3 }, 9, 9, 9, 9);
  const { lane } = routed;
  deepStrictEqual(planned(routed), [1, 2]);
  strictEqual(planned(routed, 2), undefined, "nothing is sealed ahead");
  lane.drop(lane.front(2, Infinity));
  deepStrictEqual(planned(routed), [3]);
  lane.proven(true, lane.proving());
  deepStrictEqual(planned(routed), [3, 4]);
});

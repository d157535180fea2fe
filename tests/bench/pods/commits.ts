/**
 * Events whose runs change the state of their pod.
 *
 * @module
 */

import type { Row } from "../../../tools/bench/row.ts";
import { openBench } from "./bench.ts";
import { fillInbox, openHouse, writeAlone } from "./house.ts";
import { podOf, seedHome } from "./seed.ts";

const EVENTS = 3_000;
/** Events after which the pod's host has started and its code is fast. */
const WARM = 2_000;
/** Runs that the supervisor gives a pod at once, and so about the events of a commit. */
const AHEAD = 64;

/** Events whose runs change the pod's state, by the whole of a periphery. */
export async function* commits(): AsyncGenerator<Row, void, void> {
  await using bench = await openBench();
  const home = `${bench.folder}/home`;
  const url = "http://127.0.0.1:7999";
  const ref = podOf(await seedHome({ home, url, components: [bench.component], pods: 1 }), 0);
  let run = 0;
  const against = async () =>
    await writeAlone(`${bench.folder}/alone-${++run}.kv`, EVENTS, AHEAD) * 1000 / EVENTS;
  for (const [what, warm] of [["of many that wait", 0], ["of a pod under load", WARM]] as const) {
    yield {
      row: `call with state and answer, ${what}, each`,
      floor: `its rows alone, ${AHEAD} calls a commit`,
      unit: "us",
      runs: 5,
      ours: async () => {
        const first = await fillInbox(home, ref, bench.component, warm + EVENTS);
        await using house = await openHouse(home);
        return await house.emptied(ref, first + warm) * 1000 / EVENTS;
      },
      against,
    };
  }
}

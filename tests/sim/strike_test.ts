/**
 * A process that dies, or a disk that fails, at every moment of a story.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { type How, HOWS, strikeAll, VICTIMS } from "./strike.ts";

/** So many moments there are at least: fewer, and the story is no longer told. */
const LEAST: Readonly<Record<How, number>> = { before: 15, after: 15, error: 15, wait: 60 };
const WHEN: Readonly<Record<How, string>> = {
  before: "dies before any commit",
  after: "dies after any commit, before it hears of it",
  wait: "dies whenever something comes that it waited for",
  error: "cannot write any commit",
};

for (const who of VICTIMS) {
  for (const how of HOWS) {
    Deno.test(`every promise is kept when ${who}'s process ${WHEN[how]}`, async () => {
      const { moments, faults } = await strikeAll(who, how);
      deepStrictEqual(faults, []);
      ok(moments >= LEAST[how], `${moments} moments`);
    });
  }
}

/**
 * Runs that do more than one transaction holds: part by part, or not at all.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Run } from "../../pods/sdk/run.ts";
import { HandPod } from "../../pods/sdk/testing/hand.ts";
import { openVillage, type Villager } from "../../runtime/testing/mod.ts";
import { findPod } from "../../runtime/testing/source.ts";

const CLOCK = new URL("../pods/clock", import.meta.url);
const ROWS = 400;

/** Each of its rows has an entry of an index as well. */
class Filler extends HandPod {
  readonly rows = this.table<number>("rows", { by: { number: (row) => row } });
  readonly soon = this.later("soon", () => this.fill(true));

  constructor(run: Run) {
    super(run);
    this.verb("fill", "", "At once.", () => this.fill(false));
    this.verb("parts", "", "Part by part.", () => this.fill(true));
    this.verb("soon", "", "The same, by itself.", () => this.soon.after("1 s", null));
    this.verb("count", "", "How many.", async () => {
      const counts = [await this.rows.count(), await this.rows.by("number").count()];
      this.run.print(counts.join(" "));
    });
  }

  async fill(isInParts: boolean): Promise<void> {
    for (let n = 0; n < ROWS; n++) {
      this.rows.put(String(n), n);
      if (isInParts && n % 100 === 99) await this.run.pause();
    }
  }
}

async function install(alice: Villager): Promise<void> {
  const { manifest } = await findPod(CLOCK, "");
  await alice.install({ make: Filler, manifest });
}

Deno.test("what is too much for one transaction is refused with the way to do it, which works", async () => {
  for (const word of ["parts", "soon"]) {
    await using village = openVillage();
    const alice = await village.person("alice");
    await install(alice);
    const { code, err } = await alice.run("clock", "fill");
    assert.equal(code, 8, err);
    assert.match(err, /800 writes, 500 allowed[^]*await this\.run\.pause\(\)/);
    assert.equal((await alice.run("clock", "count")).out, "0 0\n");
    assert.equal((await alice.run("clock", word)).code, 0);
    await village.pass("1 min");
    assert.equal((await alice.run("clock", "count")).out, `${ROWS} ${ROWS}\n`);
  }
});

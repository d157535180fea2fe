/**
 * A book of 100,000 people on the real store: how long it takes to find somebody, against one read of
 * the same row, and to learn of a change, against one commit of the same bytes.
 *
 * @module
 */

import { findClaims, findDigits } from "../../runtime/directory/claims.ts";
import { entryKey } from "../../runtime/directory/entry.ts";
import type { Row } from "../../tools/bench/row.ts";
import { type BigBook, openBigBook } from "./directory/book.ts";
import { tempFolder } from "./floor/process.ts";

const PEOPLE = 100_000;

/** See the module. */
export default async function* directory(): AsyncGenerator<Row, void, void> {
  using folder = tempFolder();
  const big = await openBigBook(`${folder.path}/book.kv`, PEOPLE);
  let at = 0;
  const next = () => at = (at + 7_919) % PEOPLE;
  const read = () => timed(() => big.store.get(entryKey(big.ref(next()))));
  const row = (row: string, ours: () => Promise<unknown>): Row => ({
    ...{ row, floor: "one row of the store read", unit: "us", runs: 200 },
    ours: () => timed(ours),
    against: read,
  });
  try {
    yield row("a behalf recalled", () => big.book.recall(big.ref(next())));
    yield row("somebody found by a name", () => findClaims(big.store, big.nameOf(next())));
    yield row("somebody found by digits", () => {
      return findDigits(big.store, big.ref(next()).person.slice(0, 12));
    });
    yield learnRow(big);
  } finally {
    await big.store.close();
  }
}

function learnRow({ book, store, sign, introductionBytes }: BigBook): Row {
  return {
    row: "a change learned",
    floor: "one commit of the same bytes",
    unit: "us",
    runs: 60,
    ours: async () => {
      const { introduction } = await sign();
      return await timed(() => book.learn(introduction, "friend http://friend.example"));
    },
    against: () => {
      const puts = [{ key: ["floor"], value: new Uint8Array(introductionBytes) }];
      return timed(() => store.commit({ puts }));
    },
  };
}

async function timed(go: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await go();
  return (performance.now() - startMs) * 1_000;
}

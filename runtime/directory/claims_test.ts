import { deepEqual, equal } from "node:assert/strict";
import { MemoryDisk, MemoryStore } from "../adapters/memory/store.ts";
import { parseFingerprint } from "../model/words.ts";
import { claimChange, findClaims, findDigits } from "./claims.ts";

const person = (start: string, end = "") =>
  parseFingerprint(start + "0".repeat(40 - start.length - end.length) + end);
const ALICE = person("A1", "BEEF");
const BOB = person("B0", "CAFEBEEF");

async function setUp() {
  const disk = new MemoryDisk();
  const store = new MemoryStore(disk);
  await store.commit(claimChange(ALICE, undefined, ["Alice Müller <al@example.org>"]));
  await store.commit(claimChange(BOB, undefined, ["Bob Alison <bob@mail.example.org>"]));
  for (const one of [ALICE, BOB]) {
    await store.commit({ puts: [{ key: ["person", one], value: 1 }] });
  }
  const claims = async (text: string) => (await findClaims(store, text)).people;
  return { disk, store, claims };
}

Deno.test("people are found by the beginnings of words, in whatever letters", async () => {
  const { claims } = await setUp();
  deepEqual(await claims("ALICE"), [ALICE]);
  deepEqual(await claims("mülle"), [ALICE]);
  deepEqual(await claims("ali"), [ALICE, BOB]);
  deepEqual(await claims("bob@mail"), [BOB]);
  deepEqual(await claims("example"), [ALICE, BOB]);
  // Candidates by one of the words: who looks them up sees who has both.
  deepEqual(await claims("alison schmidt"), []);
  deepEqual(await claims("lice"), []);
  deepEqual(await claims("<>!"), []);
});

Deno.test("what is claimed no more finds nobody, and leaves no row", async () => {
  const { disk, store, claims } = await setUp();
  const before = ["Alice Müller <al@example.org>"];
  await store.commit(claimChange(ALICE, before, ["Alice Schmidt <al@example.org>"]));
  deepEqual([await claims("müller"), await claims("schmidt")], [[], [ALICE]]);
  await store.commit(claimChange(ALICE, ["Alice Schmidt <al@example.org>"], undefined));
  equal(disk.rows().filter(({ key }) => key[0] !== "person" && key.includes(ALICE)).length, 0);
});

Deno.test("people are found by the first and the last digits of their fingerprint", async () => {
  const { store } = await setUp();
  const digits = async (text: string) => (await findDigits(store, text)).people;
  deepEqual(await digits("A1000000"), [ALICE]);
  deepEqual(await digits("BEEF"), [ALICE, BOB]);
  deepEqual(await digits("CAFEBEEF"), [BOB]);
  deepEqual(await digits(`${"0".repeat(20)}CAFEBEEF`), [BOB]);
  deepEqual(await digits("F".repeat(20)), []);
});

Deno.test("of a word that very many people have, a bounded number is read", async () => {
  const { store } = await setUp();
  for (let from = 0; from < 3_000; from += 100) {
    const puts = Array.from({ length: 100 }, (_, at) => {
      const one = person((from + at).toString().padStart(8, "0"));
      return { key: ["claim", "common", one], value: 1 };
    });
    await store.commit({ puts });
  }
  const found = await findClaims(store, "common");
  deepEqual([found.people.length, found.isAll], [2_000, false]);
  deepEqual((await findClaims(store, "common alison")).people, [BOB]);
});

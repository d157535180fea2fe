import { deepEqual, equal, rejects } from "node:assert/strict";
import { silentLog, Village } from "../../tests/helpers/village.ts";
import { parsePodRef, type PodRef } from "../model/words.ts";
import type { Introduction } from "../identity/behalf.ts";
import type { Friend } from "./friends.ts";
import type { Page } from "./wire.ts";
import { MAX_EMPTY_PAGES, pullBook } from "./pull.ts";

const refAt = (place: number): PodRef =>
  parsePodRef(`${place.toString(16).toUpperCase().padStart(40, "0")}/hey`);

/** A friend's book as these pages, or as endlessly many without entries. */
async function pull(village: Village, pages: readonly (readonly Introduction[])[] | "endless") {
  const bob = await village.serve("bob");
  const asked: (PodRef | undefined)[] = [];
  const asker = {
    book: (_server: string, after: PodRef | undefined): Promise<Page> => {
      const place = asked.push(after);
      const entries = pages === "endless" ? [] : pages[place - 1]!;
      const isLast = pages !== "endless" && place === pages.length;
      return Promise.resolve(isLast ? { entries } : { entries, next: refAt(place) });
    },
  };
  const parts = { asker, book: bob.directory.book, log: silentLog };
  const friend = { server: bob.url } as Friend;
  return { asked, pulled: pullBook(parts as never, friend) };
}

Deno.test("a page without entries is not the end of a friend's book", async () => {
  await using village = new Village();
  const alice = await village.person("alice");
  const hey = await village.pod(alice, {});
  const { asked, pulled } = await pull(village, [[], [hey.introduction], [], []]);
  deepEqual(await pulled, { taken: 1, refused: 0 });
  deepEqual(asked, [undefined, refAt(1), refAt(2), refAt(3)]);
});

Deno.test("a book of nothing but pages without entries is given up", async () => {
  await using village = new Village();
  const { asked, pulled } = await pull(village, "endless");
  await rejects(pulled, { kind: "damaged" });
  equal(asked.length, MAX_EMPTY_PAGES);
});

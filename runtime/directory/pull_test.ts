import { deepEqual, equal, rejects } from "node:assert/strict";
import { silentLog, Village } from "../../tests/helpers/village.ts";
import type { Introduction } from "../identity/behalf.ts";
import type { Friend } from "./friends.ts";
import type { Page } from "./wire.ts";
import { MAX_EMPTY_PAGES, pullBook } from "./pull.ts";

/** A friend's book as these pages, or as endlessly many without entries. */
async function pull(village: Village, pages: readonly (readonly Introduction[])[] | "endless") {
  const bob = await village.serve("bob");
  const asked: number[] = [];
  const noted: number[] = [];
  const asker = {
    book: (_server: string, after: number): Promise<Page> => {
      const at = asked.push(after);
      const entries = pages === "endless" ? [] : pages[at - 1];
      if (entries === undefined) return Promise.reject(new Error("the server is gone"));
      return Promise.resolve({
        entries,
        through: at * 10,
        isLast: at === 4 && pages !== "endless",
      });
    },
  };
  const friends = {
    pulledTo: (_owner: string, through: number) => Promise.resolve(noted.push(through)),
  };
  const parts = { asker, friends, book: bob.directory.book, log: silentLog };
  const friend = { server: bob.url } as Friend;
  return { asked, noted, pulled: pullBook(parts as never, friend, 5) };
}

Deno.test("a page without entries is not the end of a friend's book", async () => {
  await using village = new Village();
  const hey = await village.pod(await village.person("alice"), {});
  const { asked, noted, pulled } = await pull(village, [[], [hey.introduction], [], []]);
  deepEqual(await pulled, { taken: 1, refused: 0 });
  deepEqual(asked, [5, 10, 20, 30]);
  deepEqual(noted, [10, 20, 30, 40]);
});

Deno.test("of a reading that breaks off it is known how far it came", async () => {
  await using village = new Village();
  const { noted, pulled } = await pull(village, [[], []]);
  await rejects(pulled, /gone/);
  deepEqual(noted, [10, 20]);
});

Deno.test("a book of nothing but pages without entries is given up", async () => {
  await using village = new Village();
  const { asked, pulled } = await pull(village, "endless");
  await rejects(pulled, { kind: "damaged" });
  equal(asked.length, MAX_EMPTY_PAGES);
});

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type TestPerson, type TestServer, Village } from "../../tests/helpers/village.ts";
import { parsePodName, type PodRef } from "../model/words.ts";
import { parseBehalf } from "../identity/behalf.ts";
import { BookAnswers, MAX_PAGES } from "./answer.ts";
import { decodePage, decodeWho } from "./wire.ts";

function refOf(person: TestPerson, pod: string): PodRef {
  return { person: person.fingerprint, pod: parsePodName(pod) };
}

/** Everything a server publishes, page by page. */
async function readAll({ directory }: TestServer) {
  const pages: string[][] = [];
  for (let after: PodRef | undefined, isFirst = true; isFirst || after; isFirst = false) {
    const page = decodePage(await directory.answers.book(after));
    pages.push(page.entries.map(({ document }) => parseBehalf(document).pod));
    after = page.next;
  }
  return pages;
}

async function tell(village: Village, server: TestServer, person: TestPerson, ...pods: string[]) {
  for (const pod of pods) {
    const { introduction } = await village.pod(person, { pod });
    await server.directory.book.learn(introduction, "somebody");
  }
}

Deno.test("of its own people all pods are published, of others their hey pods alone", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const bob = await village.person("bob");
  await tell(village, alice, alice.owner, "git", "hey");
  await tell(village, alice, bob, "git", "hey", "photos");
  const pods = (await readAll(alice)).flat();
  deepEqual(pods.toSorted(), ["git", "hey", "hey", "periphery"]);
  const who = async (ref: PodRef) => decodeWho(await alice.directory.answers.who(ref));
  ok(await who(refOf(alice.owner, "git")));
  ok(await who(refOf(bob, "hey")));
  equal(await who(refOf(bob, "git")), undefined);
  equal(await who(refOf(bob, "unknown")), undefined);
});

Deno.test("what has expired is not published", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  await tell(village, alice, await village.person("bob"), "hey");
  await village.clock.advance(31 * 86_400_000);
  deepEqual((await readAll(alice)).flat(), []);
});

Deno.test("a long book is read in pages, each entry once", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const key = await village.pgp.makePodKey("peri pod many");
  const names = Array.from({ length: 150 }, (_, index) => `p${String(index).padStart(3, "0")}`);
  for (const pod of names) {
    const { introduction } = await village.pod(alice.owner, { pod, key });
    await alice.directory.book.learn(introduction, "this server");
  }
  const pages = await readAll(alice);
  deepEqual(pages.map(({ length }) => length), [64, 64, 23]);
  deepEqual(pages.flat(), [...names, "periphery"]);
});

Deno.test("a flood of readers is answered, and a few pages are read at once", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const { book } = alice.directory;
  const page = book.page.bind(book);
  let [now, most, rows] = [0, 0, 0];
  book.page = async (after, limit) => {
    [now, rows] = [now + 1, Math.max(rows, limit)];
    most = Math.max(most, now);
    return await page(after, limit).finally(() => now--);
  };
  const all = Array.from({ length: 50 }, () => alice.directory.answers.book(undefined));
  for (const one of await Promise.all(all)) equal(decodePage(one).entries.length, 1);
  deepEqual([most, now], [MAX_PAGES, 0]);
  ok(rows <= 100);
});

Deno.test("a server without an owner says so and takes no notice", async () => {
  await using village = new Village();
  const alice = await village.serve("alice");
  const answers = new BookAnswers({
    book: alice.directory.book,
    friends: alice.directory.friends,
    pgp: village.pgp,
    clock: village.clock,
    self: () => undefined,
    isHosted: () => false,
    heard: () => {},
  });
  await rejects(answers.hello(), { kind: "not-found" });
  await rejects(answers.notice(new Uint8Array(0)), { kind: "damaged" });
});

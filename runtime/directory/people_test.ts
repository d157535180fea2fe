import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { Village } from "../../tests/helpers/village.ts";
import type { PeriError } from "../model/errors.ts";
import type { Fingerprint } from "../model/words.ts";

const none = new Map<string, Fingerprint>();

async function setUp(village: Village) {
  const alice = await village.serve("alice");
  const [bob, bobby, carol] = [
    await village.person("bob"),
    await village.person("bobby"),
    await village.person("carol"),
  ];
  for (const person of [bob, bobby, carol]) {
    const { introduction } = await village.pod(person);
    await alice.directory.book.learn(introduction, "friend http://bob.example");
  }
  return { alice, people: alice.directory.people, bob, bobby, carol };
}

Deno.test("a person is found by fingerprint in any form, by petname, by a unique claim", async () => {
  await using village = new Village();
  const { people, bob, carol } = await setUp(village);
  const pasted = carol.fingerprint.toLowerCase().replace(/(.{4})/g, "$1 ");
  deepEqual(await people.find(pasted, none), { person: carol.fingerprint, by: "fingerprint" });
  const petnames = new Map([["carol", bob.fingerprint]]);
  deepEqual(await people.find("carol", petnames), { person: bob.fingerprint, by: "petname" });
  deepEqual(await people.find("CAROL@example", none), { person: carol.fingerprint, by: "claim" });
});

Deno.test("a claim of several people is a conflict that names them", async () => {
  await using village = new Village();
  const { people, bob, bobby } = await setUp(village);
  await rejects(people.find("bob", none), (error: PeriError) => {
    equal(error.kind, "conflict");
    match(error.message, new RegExp(bob.fingerprint));
    match(error.message, new RegExp(bobby.fingerprint));
    match(error.message, /claims/);
    return true;
  });
});

Deno.test("nobody, nothing and too much are refused with what to do", async () => {
  await using village = new Village();
  const { people } = await setUp(village);
  await rejects(people.find("dave", none), { kind: "not-found", hint: /fingerprint/ });
  await rejects(people.find("  ", none), { kind: "invalid" });
  await rejects(people.find("x".repeat(201), none), { kind: "invalid" });
});

Deno.test("who tells claims, pods, serials, expiry and who told", async () => {
  await using village = new Village();
  const { people, carol } = await setUp(village);
  const found = await people.find("carol", none);
  const report = await people.who(found, new Map([["caz", carol.fingerprint]]));
  equal(report.by, "claim");
  deepEqual(report.claims, ["carol <carol@example.org>"]);
  deepEqual(report.petnames, ["caz"]);
  equal(report.fingerprint.replaceAll(" ", ""), carol.fingerprint);
  const [hey] = report.pods;
  equal(`${hey!.pod} ${hey!.serial} ${hey!.inForce}`, "hey 1 true");
  equal(`${hey!.endpoint} ${hey!.from}`, "http://home.example friend http://bob.example");
});

Deno.test("who asks friends about a fingerprint that the book does not know", async () => {
  await using village = new Village();
  const { alice, people } = await setUp(village);
  const dave = await village.serve("dave");
  await dave.directory.announce(await village.pod(dave.owner, { endpoint: dave.url }));
  await rejects(people.who({ person: dave.owner.fingerprint, by: "fingerprint" }, none), {
    kind: "not-found",
  });
  const erin = await village.serve("erin");
  await erin.directory.lookup.learn(
    (await dave.directory.book.recall({
      person: dave.owner.fingerprint,
      pod: (await village.pod(dave.owner)).behalf.pod,
    }))!.introduction,
    "dave",
  );
  await alice.directory.befriend(await alice.directory.meet(erin.url));
  const report = await people.who({ person: dave.owner.fingerprint, by: "fingerprint" }, none);
  deepEqual(report.pods.map(({ pod, from }) => `${pod} ${from}`), [`hey friend ${erin.url}`]);
});

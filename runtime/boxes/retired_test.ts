import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { receiptOf } from "../../tests/attack/forge.ts";
import { makePost } from "../../tests/sim/pod.ts";
import { makeVillage, type Villager } from "../../tests/sim/village.ts";
import type { Link } from "../adapters/memory/transport.ts";
import { decodePost, encodeReplies } from "../model/envelope.ts";

Deno.test("a late refusal of what a pod posted ends nothing of a later pod of its name", async () => {
  const late = Promise.withResolvers<void>();
  let posts = 0;
  const link: Link = async (request, deliver) => {
    if (++posts > 1) return await deliver(request);
    await late.promise;
    const refused = { kind: "denied", op: "take a bundle", subject: "no more" } as const;
    const replies = decodePost(request.body!).map((one) =>
      receiptOf.forged(bob.resident, one, { through: 0, refused })
    );
    return { status: 200, body: encodeReplies(replies) };
  };
  const village = await makeVillage("retired", ["alice", "bob"], { alice: { link } });
  const [alice, bob] = village.people as [Villager, Villager];
  const { house, resident } = alice;
  await alice.pod.post(makePost(bob.resident.ref, village.token(), "[1]"));
  await village.settle();
  strictEqual(posts, 1);
  house.expel(resident.ref);
  house.disk.apply({ deletes: house.disk.rows().map(({ key }) => key) });
  house.admit(resident);
  await house.boxes.adopt(resident.ref);
  village.world.network.drop(bob.house.server);
  const pod = house.pod(resident.ref);
  await pod.post(makePost(bob.resident.ref, village.token(), "[2]"));
  await village.settle();
  late.resolve();
  await village.settle();
  deepStrictEqual(await pod.deeds(), [], "nobody refused it");
  const kinds = house.disk.rows().map(({ key }) => key[3]);
  deepStrictEqual(kinds.filter((kind) => kind === "outbox" || kind === "dead"), ["outbox"]);
});

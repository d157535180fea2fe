import assert from "node:assert/strict";
import { encodeUtf8 } from "../../model/bytes.ts";
import { openPgpPool } from "./pool.ts";

Deno.test("the pool seals, opens and verifies on its threads, and refuses as one thread does", async () => {
  const pool = openPgpPool(2);
  const [alice, bob] = await Promise.all([pool.makePodKey("alice"), pool.makePodKey("bob")]);
  const content = encodeUtf8("the capybaras are back");
  const sealed = await pool.seal(alice.secretKey, bob.certificate, content);
  const opened = await Promise.all(
    Array.from({ length: 8 }, () => pool.open(bob.secretKey, sealed, 1000)),
  );
  for (const unsealed of opened) {
    assert.deepEqual(unsealed.content, content);
    await unsealed.verify(alice.certificate, Date.now());
    await assert.rejects(unsealed.verify(bob.certificate, Date.now()), { kind: "denied" });
  }
  await assert.rejects(pool.open(alice.secretKey, sealed, 1000), { kind: "damaged" });
  pool.close();
});

Deno.test("who is expected is checked ahead, and nobody else is taken for them", async () => {
  const pool = openPgpPool(1);
  const [alice, bob, carol] = await Promise.all(
    ["alice", "bob", "carol"].map((name) => pool.makePodKey(name)),
  );
  const content = encodeUtf8("the capybaras are back");
  const from = async (who: typeof alice) =>
    await pool.open(bob!.secretKey, await pool.seal(who!.secretKey, bob!.certificate, content), 99);
  await (await from(alice)).verify(alice!.certificate, Date.now());
  const [again, other] = [await from(alice), await from(carol)];
  await again.verify(alice!.certificate.slice(), Date.now());
  await assert.rejects(again.verify(carol!.certificate, Date.now()), { kind: "denied" });
  await assert.rejects(other.verify(alice!.certificate, Date.now()), { kind: "denied" });
  await other.verify(carol!.certificate, Date.now());
  // What is asked for another time is not answered by a check of now.
  await assert.rejects(again.verify(alice!.certificate, 1), { kind: "denied" });
  pool.close();
});

Deno.test("what a closed pool had not done is refused, not forgotten", async () => {
  const pool = openPgpPool(1);
  const asked = pool.makePodKey("alice");
  pool.close();
  await assert.rejects(asked, { kind: "internal" });
});

Deno.test("one thread does what comes one after the other, and another helps where tasks wait", async () => {
  const pool = openPgpPool(2);
  assert.equal(pool.started, 0);
  const { certificate } = await pool.makePodKey("alice");
  for (let n = 0; n < 20; n++) await pool.inspect(certificate);
  assert.equal(pool.started, 1);
  await Promise.all(Array.from({ length: 40 }, () => pool.inspect(certificate)));
  assert.equal(pool.started, 2);
  pool.close();
  assert.equal(pool.started, 0);
});

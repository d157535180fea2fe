import assert from "node:assert/strict";
import { createServer } from "node:http";
import { canOpen, keepHeadroom } from "./headroom.ts";

/** Connects; whether the other side lets the connection stand. */
async function connect(port: number): Promise<{ connection: Deno.Conn; stands: boolean }> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const ended = connection.read(new Uint8Array(1)).then(() => false, () => false);
  const stands = await Promise.race([
    ended,
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 50)),
  ]);
  return { connection, stands };
}

Deno.test("connections end where there is no room for more files, and go on when there is", async () => {
  let hasRoom = false;
  const warnings: string[] = [];
  const server = createServer();
  const log = { warn: (event: string) => void warnings.push(event) };
  keepHeadroom(server, 1_000, log, () => hasRoom);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const open = (count: number) => Promise.all(Array.from({ length: count }, () => connect(port)));
  const first = await open(40);
  assert.equal(first.filter(({ stands }) => stands).length, 32);
  assert.equal(warnings.length, 1);
  hasRoom = true;
  first.forEach(({ connection }) => connection.close());
  const left = () => new Promise<number>((resolve) => server.getConnections((_, n) => resolve(n)));
  while (await left() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const second = await open(40);
  assert.equal(second.filter(({ stands }) => stands).length, 40);
  second.forEach(({ connection }) => connection.close());
  await new Promise((resolve) => server.close(resolve));
});

Deno.test("looking for room leaves no file open", () => {
  const count = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = count();
  assert.equal(canOpen(50), true);
  assert.equal(count(), before);
});

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { canOpen, keepHeadroom } from "./headroom.ts";

/** Connections, and how many of them the other side has not ended. */
interface Opened {
  readonly connections: readonly Deno.Conn[];
  standing: number;
}

async function connect(port: number, count: number): Promise<Opened> {
  const connections = await Promise.all(
    Array.from({ length: count }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  const opened = { connections, standing: count };
  for (const connection of connections) {
    const end = () => void opened.standing--;
    connection.read(new Uint8Array(1)).then(end, end);
  }
  return opened;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

Deno.test("connections end where there is no room for more files, and go on when there is", async () => {
  let hasRoom = false;
  const warnings: string[] = [];
  const server = createServer();
  const log = { warn: (event: string) => void warnings.push(event) };
  keepHeadroom(server, 1_000, log, () => hasRoom);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const first = await connect(port, 40);
  for (let turn = 0; turn < 1_000 && first.standing > 32; turn++) await pause(10);
  await pause(50);
  assert.equal(first.standing, 32);
  assert.equal(warnings.length, 1);
  hasRoom = true;
  first.connections.forEach((connection) => connection.close());
  const left = () => new Promise<number>((resolve) => server.getConnections((_, n) => resolve(n)));
  while (await left() > 0) await pause(5);
  const second = await connect(port, 40);
  await pause(50);
  assert.equal(second.standing, 40);
  second.connections.forEach((connection) => connection.close());
  await new Promise((resolve) => server.close(resolve));
});

Deno.test("looking for room leaves no file open", () => {
  const count = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = count();
  assert.equal(canOpen(50), true);
  assert.equal(count(), before);
});

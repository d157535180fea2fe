import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeServerMessage, encodeMessage } from "../model/control.ts";
import { FRAME, readFrames } from "../model/frame.ts";
import { openControlSocket } from "./control_socket.ts";

const desk = {
  operations: new Map([["ping", () => Promise.resolve(0)]]),
  owner: () => undefined,
  log: { info() {}, warn() {}, error() {} },
};

Deno.test("a session runs over the socket, which only its owner may open", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "home", "control.sock");
  const socket = await openControlSocket(path, desk);
  assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  const connection = await Deno.connect({ transport: "unix", path });
  const open = { v: 1, operation: "ping", arguments: {}, terminal: false } as const;
  await connection.write(encodeMessage({ open }));
  const heard = await Array.fromAsync(readFrames(connection.readable));
  assert.deepEqual(heard.map((frame) => frame.type), [FRAME.message]);
  assert.deepEqual(decodeServerMessage(heard[0]!.content), { end: { exitCode: 0 } });
  await socket.close();
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  await Deno.remove(folder, { recursive: true });
});

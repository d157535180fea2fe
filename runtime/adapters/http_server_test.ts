import { equal, ok, rejects } from "node:assert/strict";
import type { Gate, GateReply } from "../gate/federation.ts";
import type { Log } from "../ports/log.ts";
import { openHttpServer } from "./http_server.ts";

const LOCAL = { host: "127.0.0.1", port: 0 };
const REPLY: GateReply = { status: 200, contentType: "text/plain", body: new Uint8Array(2) };

function logInto(lines: string[]): Log {
  const note = (event: string) => void lines.push(event);
  return { info: note, warn: note, error: note };
}

function open(gate: Gate, lines: string[] = []) {
  return openHttpServer(LOCAL, gate, logInto(lines));
}

Deno.test("a port that is taken is told by name, with what to do", async () => {
  const first = await open(() => Promise.resolve(REPLY));
  const { port } = first.address;
  const second = openHttpServer({ ...LOCAL, port }, () => Promise.resolve(REPLY), logInto([]));
  await rejects(second, { kind: "busy", subject: `port ${port} is taken`, hint: /--listen/ });
  await first.close(0);
  const third = await openHttpServer({ ...LOCAL, port }, () => Promise.resolve(REPLY), logInto([]));
  await third.close(0);
});

Deno.test("an address that is not of this machine is told as such", async () => {
  const there = openHttpServer(
    { host: "192.0.2.1", port: 0 },
    () => Promise.resolve(REPLY),
    logInto([]),
  );
  await rejects(there, { kind: "invalid", op: "listen on 192.0.2.1:0" });
});

Deno.test("closing lets a running request end", async () => {
  let finish = () => {};
  const entered = Promise.withResolvers<void>();
  const server = await open(async () => {
    entered.resolve();
    await new Promise<void>((resolve) => finish = resolve);
    return REPLY;
  });
  const asked = fetch(`http://127.0.0.1:${server.address.port}/`);
  await entered.promise;
  const closed = server.close(5_000);
  finish();
  const reply = await asked;
  equal(reply.status, 200);
  equal((await reply.bytes()).length, 2);
  await closed;
  await rejects(fetch(`http://127.0.0.1:${server.address.port}/`));
});

Deno.test("closing cuts a request that does not end in time, and an idle connection at once", async () => {
  const entered = Promise.withResolvers<void>();
  const server = await open(() => {
    entered.resolve();
    return new Promise(() => {});
  });
  const idle = await Deno.connect({ hostname: "127.0.0.1", port: server.address.port });
  const asked = fetch(`http://127.0.0.1:${server.address.port}/`).catch((error) => error);
  await entered.promise;
  const started = performance.now();
  await Promise.all([server.close(100), server.close(100)]);
  ok(performance.now() - started < 10_000);
  ok(await asked instanceof Error);
  equal(await idle.read(new Uint8Array(1)).catch(() => null), null);
  idle.close();
});

Deno.test("a gate that breaks ends the connection and is logged; the server goes on", async () => {
  const lines: string[] = [];
  let broken = true;
  const server = await open(
    () => broken ? Promise.reject(new Error("oops")) : Promise.resolve(REPLY),
    lines,
  );
  const url = `http://127.0.0.1:${server.address.port}/`;
  await rejects(fetch(url));
  broken = false;
  const reply = await fetch(url);
  await reply.body?.cancel();
  equal(reply.status, 200);
  equal(lines.join(), "request failed");
  await server.close(0);
});

Deno.test("a client that goes away in the middle makes no noise", async () => {
  const lines: string[] = [];
  const server = await open(async (request) => {
    try {
      for await (const _part of request.body());
    } catch {
      // Torn.
    }
    return REPLY;
  }, lines);
  const { port } = server.address;
  for (
    const text of ["POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc", "GET / HT", ""]
  ) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode(text));
    await new Promise((resolve) => setTimeout(resolve, 20));
    connection.close();
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  equal(lines.join(), "");
  await server.close(0);
});

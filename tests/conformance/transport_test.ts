/**
 * What every {@link Transport} must do, on the network in memory and over real HTTP.
 *
 * @module
 */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { openHttpServer } from "../../runtime/adapters/http_server.ts";
import { openHttpTransport } from "../../runtime/adapters/http_transport.ts";
import { MemoryNetwork } from "../../runtime/adapters/memory/transport.ts";
import type { GateReply, GateRequest } from "../../runtime/gate/federation.ts";
import { parseIpRange } from "../../runtime/model/address.ts";
import { type Bytes, concatBytes, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { parseServerUrl, type ServerUrl } from "../../runtime/model/words.ts";
import type { Reply, Request, Transport } from "../../runtime/ports/transport.ts";
import { silentLog } from "../helpers/village.ts";

/** What a server in these tests does. */
type Serve = (method: string, path: string, body: Bytes) => Promise<Reply>;

interface Setting extends AsyncDisposable {
  readonly transport: Transport;
  readonly server: ServerUrl;
  /** A server that is not there. */
  readonly nowhere: ServerUrl;
}

async function inMemory(serve: Serve): Promise<Setting> {
  const network = new MemoryNetwork();
  const server = parseServerUrl("http://there.example");
  network.listen(
    server,
    ({ path, body }) => serve(body ? "POST" : "GET", path, body ?? new Uint8Array(0)),
  );
  return await Promise.resolve({
    transport: network.transport(),
    server,
    nowhere: parseServerUrl("http://nowhere.example"),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

async function overHttp(serve: Serve): Promise<Setting> {
  const gate = async (request: GateRequest): Promise<GateReply> => {
    const body = concatBytes(await Array.fromAsync(request.body()));
    const reply = await serve(request.method, request.target, body);
    return { ...reply, contentType: "application/cbor" };
  };
  const http = await openHttpServer({ host: "127.0.0.1", port: 0 }, gate, silentLog);
  const gone = await openHttpServer({ host: "127.0.0.1", port: 0 }, gate, silentLog);
  await gone.close(0);
  const transport = openHttpTransport({ allow: [parseIpRange("127.0.0.0/8")] });
  return {
    transport,
    server: parseServerUrl(`http://127.0.0.1:${http.address.port}`),
    nowhere: parseServerUrl(`http://127.0.0.1:${gone.address.port}`),
    async [Symbol.asyncDispose]() {
      transport.close();
      await http.close(0);
    },
  };
}

const echo: Serve = (method, path, body) =>
  Promise.resolve({ status: 200, body: concatBytes([encodeUtf8(`${method} ${path} `), body]) });

function ask(server: ServerUrl, rest: Partial<Request> = {}): Request {
  return { server, path: "/peri/v1/hello", maxReplyBytes: 1_000_000, timeoutMs: 5_000, ...rest };
}

for (const [name, open] of [["memory", inMemory], ["http", overHttp]] as const) {
  Deno.test(`${name}: a request without a body is a GET, with one a POST`, async () => {
    await using setting = await open(echo);
    const { transport, server } = setting;
    const got = await transport.send(ask(server, { path: "/a?b=c" }));
    equal(new TextDecoder().decode(got.body), "GET /a?b=c ");
    const posted = await transport.send(ask(server, { path: "/p", body: encodeUtf8("hi") }));
    equal(new TextDecoder().decode(posted.body), "POST /p hi");
  });

  Deno.test(`${name}: bytes and status arrive as they were sent`, async () => {
    const all = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    const serve: Serve = (_method, _path, body) => Promise.resolve({ status: 503, body });
    await using setting = await open(serve);
    const reply = await setting.transport.send(ask(setting.server, { body: all }));
    equal(reply.status, 503);
    deepEqual(reply.body, all);
  });

  Deno.test(`${name}: many requests at once get each their own reply`, async () => {
    await using setting = await open(echo);
    const bodies = Array.from({ length: 100 }, (_, index) => `/n${index}`);
    const replies = await Promise.all(
      bodies.map((path) => setting.transport.send(ask(setting.server, { path }))),
    );
    deepEqual(
      replies.map(({ body }) => new TextDecoder().decode(body)),
      bodies.map((path) => `GET ${path} `),
    );
  });

  Deno.test(`${name}: a reply longer than asked for is refused`, async () => {
    await using setting = await open(echo);
    const request = ask(setting.server, { body: new Uint8Array(2_000), maxReplyBytes: 1_000 });
    await rejects(setting.transport.send(request), { kind: "too-large" });
  });

  Deno.test(`${name}: a server that is not there is unreachable`, async () => {
    await using setting = await open(echo);
    await rejects(setting.transport.send(ask(setting.nowhere)), { kind: "unreachable" });
  });
}

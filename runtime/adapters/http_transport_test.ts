// needs: openssl
import { equal, match, ok, rejects } from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createSocketServer, type Socket } from "node:net";
import type { Server } from "node:net";
import { parseIpRange } from "../model/address.ts";
import { parseServerUrl } from "../model/words.ts";
import type { Request } from "../ports/transport.ts";
import { type HttpTransportOptions, openHttpTransport } from "./http_transport.ts";

const LOCAL = [parseIpRange("127.0.0.0/8")];

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

/** A raw HTTP server and a transport to it. */
async function open(
  handler: RequestListener,
  options: Partial<HttpTransportOptions> = {},
  host = "127.0.0.1",
) {
  const server = createServer(handler);
  const port = await listen(server);
  const transport = openHttpTransport({ allow: LOCAL, ...options });
  return {
    server,
    port,
    send: (rest: Partial<Request> = {}) =>
      transport.send({
        server: parseServerUrl(`http://${host}:${port}`),
        path: "/",
        maxReplyBytes: 10_000,
        timeoutMs: 3_000,
        ...rest,
      }),
    async [Symbol.asyncDispose]() {
      transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

Deno.test("private addresses are refused unless their range is allowed, however they are written", async () => {
  await using there = await open((_request, response) => response.end("secret"), { allow: [] });
  const { port } = there;
  for (
    const host of [
      "127.0.0.1",
      "2130706433",
      "0x7f.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "localhost",
      "0177.0.0.1",
      "127.1",
      "[::]",
      "[::ffff:7f00:1]",
      "[::127.0.0.1]",
      "[2002:7f00:1::]",
      "[fd00::1]",
      "100.64.0.1",
      "0.0.0.0",
      "169.254.169.254",
      "10.0.0.1",
      "[64:ff9b::7f00:1]",
      "[fe80::1]",
    ]
  ) {
    const server = parseServerUrl(`http://${host}:${port}`);
    await rejects(there.send({ server }), {
      kind: "denied",
      hint: / allow-private in config\.toml/,
    }, host);
  }
});

// A server's own public address, named in somebody's behalf: the connection would never leave the
// machine, and reach the database that the firewall keeps from everybody outside.
Deno.test("the machine's own public addresses are refused, by number and by name", async () => {
  const own = () => ["8.8.4.4", "2001:4860:4860::8844"];
  const resolve = () => Promise.resolve(["8.8.4.4", "2001:4860:4860::8844"]);
  const transport = openHttpTransport({ allow: [], own, resolve });
  try {
    const hosts = ["8.8.4.4", "[2001:4860:4860::8844]", "[::ffff:8.8.4.4]", "134743044", "it.test"];
    for (const host of hosts) {
      const server = parseServerUrl(`http://${host}:5432`);
      const sent = transport.send({ server, path: "/", maxReplyBytes: 100, timeoutMs: 3_000 });
      await rejects(sent, { kind: "denied", subject: /of this machine/ }, host);
    }
  } finally {
    transport.close();
  }
});

Deno.test("a name is connected to at the very address that was checked", async () => {
  let asked = 0;
  // A name server that gives a public address to the one who checks and a private one after.
  const resolve = () => Promise.resolve(asked++ === 0 ? ["192.0.2.1"] : ["127.0.0.1"]);
  const allow = [parseIpRange("192.0.2.0/24")];
  await using there = await open(
    (_r, response) => response.end("secret"),
    { allow, resolve },
    "x.test",
  );
  await rejects(there.send({ timeoutMs: 300 }), { kind: "unreachable" });
  equal(asked, 1);
  await rejects(there.send(), { kind: "denied" });
});

Deno.test("of a name with public and private addresses only the allowed ones are used", async () => {
  const resolve = () => Promise.resolve(["10.0.0.1", "::1", "127.0.0.1"]);
  await using there = await open((request, response) => response.end(request.headers.host), {
    resolve,
  }, "there.test");
  const { body } = await there.send();
  equal(new TextDecoder().decode(body), `there.test:${there.port}`);
});

Deno.test("a redirect is not followed", async () => {
  let inner = 0;
  await using secret = await open((_request, response) => {
    inner++;
    response.end();
  });
  await using there = await open((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${secret.port}/` }).end();
  });
  await rejects(there.send(), { kind: "unreachable", subject: /not followed/ });
  equal(inner, 0);
});

Deno.test("a reply that goes on for ever is cut at the bound", async () => {
  let closed = false;
  await using there = await open((_request, response) => {
    response.on("close", () => closed = true);
    const more = () => {
      while (!closed && response.write(new Uint8Array(4_096)));
      if (!closed) response.once("drain", more);
    };
    more();
  });
  await rejects(there.send(), { kind: "too-large" });
  for (let round = 0; round < 2_000 && !closed; round++) await new Promise((r) => setTimeout(r, 5));
  ok(closed, "the connection is closed");
});

Deno.test("a reply that does not come, or stops in the middle, is unreachable in time", async () => {
  await using there = await open((request, response) => {
    if (request.url === "/half") response.writeHead(200, { "content-length": 100 }).write("half");
    if (request.url === "/cut") {
      response.writeHead(200, { "content-length": 100 }).write("half");
      setTimeout(() => response.destroy(), 20);
    }
  });
  for (const path of ["/never", "/half"]) {
    const started = performance.now();
    await rejects(there.send({ path, timeoutMs: 100 }), { kind: "unreachable" }, path);
    ok(performance.now() - started < 10_000);
  }
  await rejects(there.send({ path: "/cut" }), { kind: "unreachable" });
});

Deno.test("a request that is given up ends at once", async () => {
  await using there = await open(() => {});
  const abort = new AbortController();
  const sent = there.send({ signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await rejects(sent, { kind: "unreachable", subject: /given up/ });
  await rejects(there.send({ signal: AbortSignal.abort() }), { kind: "unreachable" });
});

Deno.test("requests one after another use one connection", async () => {
  const ports = new Set<number | undefined>();
  await using there = await open((request, response) => {
    ports.add(request.socket.remotePort);
    request.resume().on("end", () => response.end("ok"));
  });
  for (let round = 0; round < 5; round++) await there.send({ body: new Uint8Array(10) });
  equal(ports.size, 1);
});

Deno.test("a kept connection that the server has closed meanwhile costs one more try", async () => {
  let connections = 0;
  const server = createSocketServer((socket: Socket) => {
    const isFirst = connections++ === 0;
    let requests = 0;
    socket.on("error", () => {});
    socket.on("data", () => {
      // The first connection answers once, and closes when the second request is on its way.
      if (isFirst && requests++ > 0) return socket.resetAndDestroy();
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  const port = await listen(server);
  const transport = openHttpTransport({ allow: LOCAL });
  const request = {
    server: parseServerUrl(`http://127.0.0.1:${port}`),
    path: "/",
    maxReplyBytes: 100,
    timeoutMs: 3_000,
  };
  try {
    equal((await transport.send(request)).status, 200);
    equal((await transport.send(request)).status, 200);
    equal(connections, 2);
  } finally {
    transport.close();
    server.close();
  }
});

Deno.test("TLS is verified for the name of the URL, not for the address", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
    const { code } = await new Deno.Command("openssl", {
      args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        .concat(["-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=peri.test"])
        .concat(["-addext", "subjectAltName=DNS:peri.test"]),
      stderr: "null",
    }).output();
    equal(code, 0);
    const authorities = await Deno.readTextFile(cert);
    const server = createTlsServer(
      { key: await Deno.readTextFile(key), cert: authorities },
      (_request, response) => response.end("private"),
    );
    const port = await listen(server);
    const resolve = () => Promise.resolve(["127.0.0.1"]);
    const transport = openHttpTransport({ allow: LOCAL, resolve, authorities });
    const send = (host: string) =>
      transport.send({
        server: parseServerUrl(`https://${host}:${port}`),
        path: "/",
        maxReplyBytes: 100,
        timeoutMs: 3_000,
      });
    try {
      equal(new TextDecoder().decode((await send("peri.test")).body), "private");
      await rejects(send("other.test"), (error: Error) => {
        match(error.message, /other\.test/);
        return true;
      });
    } finally {
      transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

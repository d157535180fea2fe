/**
 * A real server that may open few files, and strangers who take them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { talk } from "./client.ts";
import { openStage, settle } from "./town.ts";
import { pause, until } from "./wait.ts";

/** Files that the server may open; it needs some 40 by itself. */
const MAX_FILES = 220;
const FEW_FILES = `ulimit -Sn ${MAX_FILES}; ulimit -Hn ${MAX_FILES}`;
/** More connections than that. */
const STRANGERS = 300;
const SETTLE_MS = 15_000;

async function answers(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(1_000);
    const reply = await fetch(`${url}/peri/v1/hello`, { signal, headers: { connection: "close" } });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}

/** Connects and says nothing, again and again. */
async function crowd(connect: () => Promise<Deno.Conn>): Promise<Deno.Conn[]> {
  const connections: Deno.Conn[] = [];
  for (let n = 0; n < STRANGERS; n++) {
    // What the system does not let wait is not let in either.
    const connection = await connect().catch(() => undefined);
    if (connection) connections.push(connection);
  }
  return connections;
}

Deno.test("strangers who take all connections do not end a server that may open few files", async () => {
  // The hole: a connection costs a file, and without files a server can neither let its owner in
  // nor take another connection ever again.
  using stage = openStage();
  const { person, port, url } = await settle("alice", stage);
  try {
    await person.stop("SIGTERM");
    await person.serve(port, url, FEW_FILES);
    const { pid } = person;
    assert(await answers(url));
    const connections = await crowd(() => Deno.connect({ hostname: "127.0.0.1", port }));
    await pause(200);
    const said = await talk(person, ["hey", "names"]);
    assert.equal(said.exitCode, 0, "its owner is let in");
    connections.forEach((connection) => connection.close());
    await until(() => answers(url), "others are let in again", SETTLE_MS);
    const path = `${person.home}/control.sock`;
    const sessions = await crowd(() => Deno.connect({ transport: "unix", path }));
    await pause(200);
    sessions.forEach((session) => session.close());
    const names = () => talk(person, ["hey", "names"]).then(({ exitCode }) => exitCode === 0);
    await until(() => names().catch(() => false), "its owner is let in again", SETTLE_MS);
    assert.equal(person.pid, pid);
    assert.equal(await person.stop("SIGTERM"), 0);
  } finally {
    await person.stop("SIGKILL");
  }
});

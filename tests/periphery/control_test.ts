/**
 * Operations of a whole periphery through the control session, with clients that interrupt, leave
 * or read slowly.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Input } from "../../runtime/gate/control/input.ts";
import { serveSession } from "../../runtime/gate/control/session.ts";
import {
  type ClientMessage,
  decodeServerMessage,
  encodeMessage,
  type JsonRecord,
  type ServerMessage,
} from "../../runtime/model/control.ts";
import { encodeStream, FRAME, FrameReader } from "../../runtime/model/frame.ts";
import { componentOf } from "./guests.ts";
import { type Home, type House, Town } from "./town.ts";

/** The client's end of a control session. */
class Client {
  readonly heard: ServerMessage[] = [];
  readonly ended: Promise<void>;
  stdout = "";
  readonly #incoming = new Input();
  readonly #reader = new FrameReader();

  constructor(house: House, operation: string, args: JsonRecord = {}) {
    this.say({ open: { v: 1, operation, arguments: args, terminal: false } });
    this.ended = serveSession(
      {
        incoming: this.#incoming,
        send: (piece) => Promise.resolve(this.#hear(piece)),
        close: () => this.leave(),
      },
      house.periphery.desk,
      { person: null },
    );
  }

  say(message: ClientMessage): void {
    void this.#incoming.push(encodeMessage(message));
  }

  type(text: string): void {
    for (const frame of encodeStream(FRAME.input, new TextEncoder().encode(text))) {
      void this.#incoming.push(frame);
    }
  }

  leave(): void {
    this.#incoming.end();
  }

  has(what: "want" | "ask" | "end" | "error"): boolean {
    return this.heard.some((message) => what in message);
  }

  get last(): ServerMessage | undefined {
    return this.heard.at(-1);
  }

  #hear(piece: Uint8Array): void {
    for (const { type, content } of this.#reader.push(piece)) {
      if (type === FRAME.output) this.stdout += new TextDecoder().decode(content);
      if (type === FRAME.message) this.heard.push(decodeServerMessage(content));
    }
  }
}

async function withProbe(town: Town): Promise<Home> {
  const alice = await town.settle("alice");
  await alice.install("probe");
  return alice;
}

Deno.test("input is wanted once it is read, and an interrupt ends what waits for more", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const client = new Client(alice, "pod.run", { pod: "probe", argv: ["echo"] });
  await town.until(() => client.has("want"), "input is wanted");
  client.type("one\n");
  await town.until(() => client.stdout === "one\n", "the line is answered");
  client.say({ interrupt: true });
  await client.ended;
  assert.deepEqual(client.last, { end: { exitCode: 130 } });
});

Deno.test("a client that leaves ends its command, and nobody else's", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const argv = { pod: "probe", argv: ["echo"] };
  const [one, two] = [new Client(alice, "pod.run", argv), new Client(alice, "pod.run", argv)];
  await town.until(() => one.has("want") && two.has("want"), "both are read");
  one.leave();
  await one.ended;
  two.type("still here\n");
  await town.until(() => two.stdout === "still here\n", "the other one is answered");
  two.leave();
  await two.ended;
});

Deno.test("a client that leaves when asked to sign or agree has changed nothing", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const serials = async () => (await alice.visit("pod.list")).items.map(({ serial }) => serial);
  for (
    const [operation, pod] of [["pod.renew", "probe"], ["pod.remove", "probe"]] as const
  ) {
    const client = new Client(alice, operation, { pod });
    await town.until(() => client.has("ask"), `${operation} asks`);
    client.leave();
    await client.ended;
    assert.ok(client.last !== undefined && "error" in client.last, operation);
    assert.equal(client.last.error.kind, "denied");
  }
  const install = new Client(alice, "pod.install", { name: "second" });
  await town.until(() => install.has("want"), "the component is wanted");
  install.type(new TextDecoder().decode(await componentOf("probe")));
  // Half a component: the line breaks before its end.
  install.leave();
  await install.ended;
  assert.deepEqual(await serials(), [1, 1]);
  assert.equal(alice.blobs.count, 2);
});

Deno.test("half a letter is not sent when its writer is gone", async () => {
  await using town = new Town();
  const [alice, bob] = [await town.settle("alice"), await town.settle("bob")];
  await town.befriend(alice, bob);
  for (const rests of [0, 1, 2, 3, 5, 20]) {
    const argv = ["leave-message", "bob", "-"];
    const client = new Client(alice, "pod.run", { pod: "hey", argv });
    await town.until(() => client.has("want"), "input is wanted");
    client.type("The key is under the");
    if (rests > 0) await town.rest(rests);
    client.leave();
    await client.ended;
  }
  await town.rest();
  assert.deepEqual([await alice.letters("sent"), await bob.letters()], [[], []]);
});

Deno.test("a server that stops ends sessions with what to do, not with silence", async () => {
  await using town = new Town();
  const alice = await withProbe(town);
  const client = new Client(alice, "pod.run", { pod: "probe", argv: ["echo"] });
  await town.until(() => client.has("want"), "input is wanted");
  await alice.stop();
  await client.ended;
  assert.ok(client.has("end") || client.has("error"));
});

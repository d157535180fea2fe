/** `peri key succeed` for pods on a server elsewhere: who comes in there when, and what it is told. */

import assert from "node:assert/strict";
import { decodeLineage } from "../../runtime/identity/succession/lineage.ts";
import { decodeTelling, encodeTold } from "../../runtime/identity/succession/telling.ts";
import { parseSuccession } from "../../runtime/identity/succession/succession.ts";
import { formatBase64, parseBase64 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Line } from "../../cli/session.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import { Computer } from "./computer.ts";
import { dial, type World } from "./memory.ts";

const SERVER = {
  name: "far",
  host: "far.example",
  port: 2222,
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
};

/** A server elsewhere that lets in one key, and the next one when it has heard of it. */
class FarServer {
  /** What came, with whose key. */
  readonly heard: string[] = [];
  #lineage: string | undefined;

  constructor(public person: string) {}

  readonly #operations: Readonly<Record<string, Operation>> = {
    "key.lineage": (args, session) => {
      session.item({ person: args.person!, ...(this.#lineage && { lineage: this.#lineage }) });
      return Promise.resolve(0);
    },
    "key.tell": (args, session) => {
      this.take(String(args.lineage));
      session.item({});
      return Promise.resolve(0);
    },
    "key.succeed": (args, session) => {
      const lineage = decodeLineage(parseBase64(String(args.lineage)));
      const { from, to, by, reason } = parseSuccession(lineage.successions.at(-1)!.document);
      session.item({ from, to, by, reason, pods: 2 });
      return Promise.resolve(0);
    },
  };

  take(lineage: string): string {
    this.#lineage = lineage;
    const said = decodeLineage(parseBase64(lineage)).successions.at(-1);
    if (said !== undefined) this.person = parseSuccession(said.document).to;
    return this.person;
  }

  get world(): World {
    const far = {
      read: () => Promise.resolve({ known: [SERVER] }),
      write: () => Promise.resolve(),
      agentHolds: () => Promise.resolve(false),
      chance: (size: number) => new Uint8Array(size),
      scan: () => Promise.reject(new Error("nobody is met")),
      run: () => Promise.reject(new Error("nothing is run")),
      mount: () => Promise.reject(new Error("nothing is mounted")),
      unmount: () => Promise.reject(new Error("nothing is mounted")),
      dial: (_: unknown, way: { readonly kind: string; readonly token?: string }) => {
        const person = way.token!.split(".")[1]!;
        if (person !== this.person) return Promise.resolve(closed());
        const named = Object.entries(this.#operations).map(([name, run]) => {
          const noted: Operation = (args, session) => {
            this.heard.push(`${name} ${person}`);
            return run(args, session);
          };
          return [name, noted] as const;
        });
        return Promise.resolve(dial(Object.fromEntries(named)));
      },
    };
    const network = {
      send: ({ server, path, body }: { server: string; path: string; body?: Uint8Array }) => {
        this.heard.push(`POST ${server}${path}`);
        const to = this.take(formatBase64(decodeTelling(body!)));
        return Promise.resolve({ status: 200, body: encodeTold(to as never) });
      },
      close: () => {},
    };
    return { far, network: network as never, env: { PERI_ON: "far" } };
  }
}

function closed(): Line {
  const error = new PeriError("denied", { op: "reach far", subject: "it does not let you in" });
  return {
    // deno-lint-ignore require-yield -- it ends before it says anything
    incoming: (async function* () {
      throw error;
    })(),
    send: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** A computer with a key, whose server is elsewhere. */
async function setUp() {
  const computer = new Computer();
  const make = async () => {
    const before = (await computer.keyring.list()).map(({ fingerprint }) => fingerprint);
    assert.equal((await computer.types(["init", "--name", "A", "--no-passphrase"])).code, 0);
    const keys = (await computer.keyring.list()).map(({ fingerprint }) => fingerprint);
    return keys.find((key) => !before.includes(key))!;
  };
  const old = await make();
  const server = new FarServer(old);
  const types = (...argv: string[]) => computer.types(argv, server.world);
  return { make, old, server, types };
}

Deno.test("the old key tells a server elsewhere of the new one, which takes over there", async () => {
  const { make, old, server, types } = await setUp();
  const next = await make();
  const done = await types("succeed", "--to", next, "--yes");
  assert.deepEqual([done.code, /2 pods go on/.test(done.stdout)], [0, true], done.stderr);
  assert.deepEqual(server.heard, [
    `key.lineage ${old}`,
    `key.tell ${old}`,
    `key.succeed ${next}`,
  ]);
  // The same again signs nothing anew: the server knows what was said, and asks the successor.
  server.heard.length = 0;
  assert.equal((await types("succeed", "--to", next, "--from", old, "--yes")).code, 0);
  assert.deepEqual(server.heard, [`key.lineage ${next}`, `key.succeed ${next}`]);
});

Deno.test("a server that lets the old key in no more hears of the new one at its address", async () => {
  const { make, server, types } = await setUp();
  const next = await make();
  server.person = "nobody";
  const succeed = ["succeed", "--to", next, "--yes"];
  const unheard = await types(...succeed);
  assert.deepEqual([unheard.code, /hint: .*--server URL/.test(unheard.stderr)], [5, true]);
  assert.deepEqual(server.heard, []);
  const done = await types(...succeed, "--server", "https://far.example");
  assert.deepEqual([done.code, /2 pods go on/.test(done.stdout)], [0, true], done.stderr);
  assert.deepEqual(server.heard, [
    "POST https://far.example/peri/v1/lineage",
    `key.succeed ${next}`,
  ]);
});

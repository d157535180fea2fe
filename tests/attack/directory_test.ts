/**
 * What servers that say nothing try with those who ask them. Each test tells the hole first.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { Asker } from "../../runtime/directory/ask.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import { MAX_ASKS } from "../../runtime/model/limits.ts";
import {
  parseFingerprint,
  parsePodName,
  parseServerUrl,
  type PodRef,
} from "../../runtime/model/words.ts";
import type { Reply, Request } from "../../runtime/ports/transport.ts";
import { encodeWho } from "../../runtime/directory/wire.ts";

const TAR_PIT = parseServerUrl("https://tarpit.example");
const BOB = parseServerUrl("https://bob.example");

function pod(number: number): PodRef {
  const person = parseFingerprint(number.toString(16).padStart(40, "0").toUpperCase());
  return { person, pod: parsePodName("hey") };
}

/** A network in which one server takes questions and says nothing until it is given up. */
function open() {
  const asked: string[] = [];
  const silent: PromiseWithResolvers<Reply>[] = [];
  const asker = new Asker({
    send: ({ server }: Request) => {
      asked.push(server);
      if (server !== TAR_PIT) return Promise.resolve({ status: 200, body: encodeWho({}) });
      const reply = Promise.withResolvers<Reply>();
      silent.push(reply);
      return reply.promise;
    },
    close: () => {},
  });
  const giveUp = () => {
    const subject = "no reply in time";
    const error = new PeriError("unreachable", { op: "reach server", subject });
    for (const { reject } of silent.splice(0)) reject(error);
  };
  return { asker, asked, silent, giveUp };
}

Deno.test("a server that says nothing does not keep others from being asked", async () => {
  // Mallory lets a thousand pods live at a server that takes every question and never answers. One
  // pod here calls them all, and nobody else is found until the last question was given up.
  const { asker, silent, giveUp } = open();
  const questions = Array.from({ length: 1_000 }, (_, at) => asker.who(TAR_PIT, pod(at)));
  const told = Promise.allSettled(questions);
  deepStrictEqual(await asker.who(BOB, pod(1)), {});
  ok(silent.length < MAX_ASKS / 2, `${silent.length} questions wait at one server`);
  giveUp();
  const kinds = (await told).map((one) => one.status === "rejected" && one.reason.kind);
  deepStrictEqual([...new Set(kinds)], ["unreachable"], "who waited behind them is told at once");
});

Deno.test("a server is asked again after it has said nothing", async () => {
  const { asker, asked, giveUp } = open();
  for (let round = 1; round <= 2; round++) {
    const question = asker.who(TAR_PIT, pod(1));
    while (asked.length < round) await null;
    giveUp();
    await rejects(question, { kind: "unreachable" });
  }
});

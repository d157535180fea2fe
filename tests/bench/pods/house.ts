/**
 * A home opened in this process as `peri serve` opens it, with its hosts, but nobody reaches it.
 *
 * @module
 */

import { inspectComponent } from "../../../runtime/adapters/jco/inspect.ts";
import { openDenoKv } from "../../../runtime/adapters/deno_kv.ts";
import { Boxes } from "../../../runtime/boxes/mod.ts";
import { encodeEvent, keys } from "../../../runtime/boxes/rows.ts";
import { OpenDirectory } from "../../../runtime/directory/open.ts";
import { configOf } from "../../../runtime/model/layers.ts";
import type { FunctionName, InterfaceName, PodRef } from "../../../runtime/model/words.ts";
import { parseFingerprint, parsePodName, tokenFromBytes } from "../../../runtime/model/words.ts";
import { readConfig } from "../../../runtime/server/config.ts";
import { openParts } from "../../../runtime/server/parts.ts";
import { openSupervisor, type Supervisor } from "../../../runtime/supervisor/mod.ts";
import { silentLog } from "../../helpers/village.ts";

const STRANGER = {
  person: parseFingerprint("B".repeat(40)),
  pod: parsePodName("caller"),
};
/** Rows of one commit of this bench, at most. */
const ROWS = 500;
const POLL_MS = 2;
const DRAIN_MS = 100;

/** A home in work. */
export interface House extends AsyncDisposable {
  readonly supervisor: Supervisor;
  /**
   * Milliseconds until a pod's inbox is empty.
   *
   * @param from an arrival: the time begins when everything before it is gone; absent: now
   */
  emptied(ref: PodRef, from?: number): Promise<number>;
}

/** Opens a home. @param maxResting pods without work that stay started */
export async function openHouse(home: string, maxResting?: number): Promise<House> {
  const config = configOf(await readConfig(home, () => undefined, {}));
  const parts = await openParts(home, { ...config, podHosts: 1 }, silentLog);
  const supervisor = await openSupervisor({
    ...parts,
    ...(maxResting === undefined ? {} : { maxResting }),
    findPerson: () => Promise.reject(new Error("nobody is looked for here")),
  });
  const directory = new OpenDirectory({
    ...parts,
    self: () => undefined,
    isHosted: () => true,
    contact: () => {},
  });
  const { residents } = supervisor;
  const boxes = new Boxes({ ...parts, directory: directory.lookup, residents });
  await boxes.start();
  supervisor.start(boxes.mailbox);
  return {
    supervisor,
    async emptied(ref, from = 0) {
      const first = async () => {
        const [entry] = await parts.store.list({ prefix: keys.inboxes(ref), limit: 1 });
        return Number(entry?.key.at(-1) ?? Infinity);
      };
      const until = async (arrival: number) => {
        while (await first() < arrival) await new Promise((done) => setTimeout(done, POLL_MS));
        return performance.now();
      };
      const startMs = await until(from);
      return await until(Infinity) - startMs;
    },
    async [Symbol.asyncDispose]() {
      await supervisor.stop(DRAIN_MS);
      await boxes.stop();
      await directory.close();
      await parts.close();
    },
  };
}

/**
 * Puts calls into the inbox of a pod of a home that nobody has opened. Returns the arrival of the
 * first; each one's is one more.
 */
export async function fillInbox(
  home: string,
  ref: PodRef,
  component: Uint8Array,
  count: number,
): Promise<number> {
  const offer = inspectComponent(component).offers.find((one) => one.interface.endsWith("/sums"))!;
  const name = "add" as FunctionName;
  const { capability, interface: face, functions } = offer;
  const functionId = functions[name]!.id;
  const nowMs = Date.now();
  const store = await openDenoKv(`${home}/state.kv`);
  for (let first = 0; first < count; first += ROWS) {
    const rows = Array.from({ length: Math.min(ROWS, count - first) }, (_, at) => {
      const sequence = first + at + 1;
      const token = tokenFromBytes(crypto.getRandomValues(new Uint8Array(16)));
      const call = { capability, interface: face as InterfaceName, function: name, functionId };
      const body = { kind: "call", token, ...call, payload: "[1]" } as const;
      const times = { createdMs: nowMs, expiresMs: nowMs + 86_400_000 };
      const message = { from: STRANGER, to: ref, sequence, ...times, body };
      const value = encodeEvent({
        arrival: nowMs * 1_000 + sequence,
        receivedMs: nowMs,
        attempts: 0,
        message,
      });
      return { key: keys.inbox(ref, nowMs * 1_000 + sequence), value };
    });
    await store.commit({ puts: rows });
  }
  await store.close();
  return nowMs * 1_000 + 1;
}

/** What the store has to do for so many events, so many in one commit. */
export async function writeAlone(path: string, count: number, each: number): Promise<number> {
  const store = await openDenoKv(path);
  const bytes = crypto.getRandomValues(new Uint8Array(300));
  const key = (kind: string, at: number) => ["pod", "B".repeat(40), "pod-0", kind, at];
  for (let first = 0; first < count; first += ROWS) {
    const puts = Array.from({ length: Math.min(ROWS, count - first) }, (_, at) => ({
      key: key("inbox", first + at),
      value: bytes,
    }));
    await store.commit({ puts });
  }
  const startMs = performance.now();
  for (let first = 0; first < count; first += each) {
    const events = Array.from({ length: Math.min(each, count - first) }, (_, at) => first + at);
    await store.commit({
      deletes: events.map((at) => key("inbox", at)),
      puts: [
        { key: key("state", 0), value: String(first) },
        ...events.map((at) => ({ key: key("outbox", at), value: bytes })),
      ],
    });
  }
  const tookMs = performance.now() - startMs;
  await store.close();
  return tookMs;
}

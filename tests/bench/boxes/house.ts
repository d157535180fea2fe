/**
 * A server of the bench in a process of its own: boxes and a directory as `peri serve` opens them,
 * on a real store, with real OpenPGP, a real port and pods that live in this process. Told what to
 * do in JSON lines (`orders.ts`). Arguments: its folder, its name, how many pods, and `apart` when
 * each of them is to be at an address of its own.
 *
 * @module
 */

import { TextLineStream } from "./lines.ts";
import { openHttpServer } from "../../../runtime/adapters/http_server.ts";
import { openStderrLog } from "../../../runtime/adapters/log.ts";
import { Boxes } from "../../../runtime/boxes/mod.ts";
import { OpenDirectory } from "../../../runtime/directory/open.ts";
import { fromFriend } from "../../../runtime/directory/told.ts";
import { type Gate, openFederation } from "../../../runtime/gate/federation.ts";
import { parseIpRange } from "../../../runtime/model/address.ts";
import { formatBase64Url, parseBase64Url } from "../../../runtime/model/bytes.ts";
import {
  MAX_RESTING_PODS,
  POD_MEMORY_BYTES,
  POD_SLICE_MS,
  STATE_QUOTA_BYTES,
} from "../../../runtime/model/limits.ts";
import { formatPodRef, parsePodRef, parseServerUrl } from "../../../runtime/model/words.ts";
import type { Log } from "../../../runtime/ports/log.ts";
import type { Resident } from "../../../runtime/ports/mailbox.ts";
import { openParts } from "../../../runtime/server/parts.ts";
import { makePerson, makePod, type TestPod } from "../../helpers/village.ts";
import { Load } from "./load.ts";
import type { Order, Ready, WireIntroduction } from "./orders.ts";
import { BenchPod } from "./pod.ts";

const [folder, name, podCount, placing] = Deno.args;
const gate = Promise.withResolvers<Gate>();
// What a server of people would write to its journal goes to /dev/null, but is written.
const written = openStderrLog("info");
let delivered = (_from: string, _to: string, _count: number) => {};
const log: Log = {
  ...written,
  info(event, fields) {
    written.info(event, fields);
    if (event !== "delivered") return;
    delivered(String(fields!.from), String(fields!.to), Number(fields!.count));
  },
};
const http = await openHttpServer(
  { host: "0.0.0.0", port: 0 },
  async (request) => await (await gate.promise)(request),
  log,
);
const { port } = http.address;
const url = parseServerUrl(`http://127.0.0.1:${port}`);
/** All of 127.0.0.0/8 is this machine. */
const placeOf = (number: number) =>
  placing === "apart" ? parseServerUrl(`http://127.1.${number >> 8}.${number & 255}:${port}`) : url;
const parts = await openParts(folder!, {
  listen: http.address,
  ssh: undefined,
  url,
  allowPrivate: [parseIpRange("127.0.0.0/8")],
  logLevel: "info",
  podHosts: 1,
  podMemoryBytes: POD_MEMORY_BYTES,
  podSliceMs: POD_SLICE_MS,
  podStateBytes: STATE_QUOTA_BYTES,
  podsResting: MAX_RESTING_PODS,
}, log);

const person = await makePerson(parts.pgp, name!);
const known: TestPod[] = [];
for (let number = 0; number < Number(podCount); number++) {
  const endpoint = placeOf(number);
  known.push(await makePod(parts.pgp, parts.clock, person, { pod: `pod-${number}`, endpoint }));
}
const residents = known.map(({ behalf, introduction, secretKey }): Resident => ({
  ref: { person: behalf.person, pod: behalf.pod },
  podKey: behalf.podKey,
  secretKey,
  introduction,
  serial: behalf.serial,
}));
const byRef = new Map(residents.map((one) => [formatPodRef(one.ref), one]));
const byKey = new Map(residents.map((one) => [one.podKey, one]));
const pods = new Map<string, BenchPod>();

const directory = new OpenDirectory({
  ...parts,
  self: () => undefined,
  isHosted: (one) => one === person.fingerprint,
  contact: () => {},
  found: () => {},
});
const boxes = new Boxes({
  ...parts,
  directory: directory.lookup,
  residents: {
    byRef: (ref) => byRef.get(formatPodRef(ref)),
    byKey: (podKey) => byKey.get(podKey),
    all: () => residents,
    refusal: () => undefined,
    wake: (to) => pods.get(formatPodRef(to))?.wake(),
  },
});
for (const { ref } of residents) {
  pods.set(formatPodRef(ref), new BenchPod(ref, parts.store, boxes.mailbox));
}
const load = new Load({ pods: [...pods.values()], mailbox: boxes.mailbox, ...parts });
delivered = (from, to, count) => load.delivered(from, to, count);
await boxes.start();
gate.resolve(openFederation({
  receive: (envelopes) => boxes.receive(envelopes),
  answers: directory.answers,
  clock: parts.clock,
  log,
}));

function wireOf({ introduction }: TestPod): WireIntroduction {
  const { certificate, document, signature } = introduction;
  return {
    certificate: formatBase64Url(certificate),
    document,
    signature: formatBase64Url(signature),
  };
}

/** As a friend's: of a stranger's pods only a few are kept. */
async function learn({ certificate, document, signature }: WireIntroduction): Promise<void> {
  await directory.lookup.learn({
    certificate: parseBase64Url(certificate),
    document,
    signature: parseBase64Url(signature),
  }, fromFriend(url));
}

async function obey(order: Order): Promise<unknown> {
  const all = [...pods.values()];
  switch (order.do) {
    case "learn":
      for (const one of order.introductions) await learn(one);
      return null;
    case "answer":
      for (const pod of all) pod.answers = order.answers;
      return null;
    case "handled":
      await Promise.all(all.slice(0, order.pods).map((pod) => pod.reached(order.count)));
      return all.flatMap((pod) => pod.takeDelays());
    case "send":
      return await load.run({ ...order, to: order.to.map(parsePodRef) });
    case "usage":
      return { ...Deno.memoryUsage() };
  }
}

function say(record: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(record)}\n`));
}

say(
  {
    url,
    pods: residents.map(({ ref }) => formatPodRef(ref)),
    introductions: known.map(wireOf),
  } satisfies Ready,
);
for await (
  const line of Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  )
) {
  const { id, order } = JSON.parse(line) as { id: number; order: Order };
  obey(order).then(
    (value) => say({ id, value }),
    (error) => say({ id, error: String(error?.stack ?? error) }),
  );
}
Deno.exit(0);

/**
 * Requests to vouch for somebody's next key, by letters of the pod `hey` (`peri:face/vouching`): to ask
 * friends and gather their answers, and to see who asks and answer them. What is signed is signed by
 * the client; nothing here signs, and nothing is answered by itself.
 *
 * @module
 */

import { checkLineage } from "../../identity/succession/check.ts";
import { decodeLineage } from "../../identity/succession/lineage.ts";
import { readPetition } from "../../identity/succession/make.ts";
import type { KeyTools } from "../../identity/person.ts";
import { type Bytes, formatBase64, formatBase64Url, parseBase64Url } from "../../model/bytes.ts";
import type { Json, JsonRecord } from "../../model/control.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_LINEAGE_BYTES } from "../../model/limits.ts";
import { type Fingerprint, parseFingerprint } from "../../model/words.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { HEY, HeyPetnames } from "../petnames.ts";
import { actorOf, bytesOf, switchOf, textOf } from "../wishes.ts";

type Parts = Pick<Home, "supervisor" | "pgp" | "clock">;

const FACE = "peri:face/vouching";

/**
 * What a petition says, once it holds: `{from, to, reason, need, vouched: [friend …], named}`, the last
 * whether this person is a friend whom the old key has named.
 *
 * @throws {PeriError} `denied` for what does not hold, `damaged`, `not-found` when it asks nobody.
 */
export async function checkPetition(
  tools: Pick<KeyTools, "pgp" | "clock">,
  person: Fingerprint,
  bytes: Bytes,
): Promise<JsonRecord> {
  const lineage = decodeLineage(bytes);
  const { succession, recovery, vouched } = await readPetition(tools, lineage);
  await checkLineage(tools.pgp, { ...lineage, successions: [] }, tools.clock.nowMs());
  const { from, to, reason } = succession;
  const { need = 0, of = [] } = recovery.friends ?? {};
  return { from, to, reason, need, vouched: [...vouched], named: of.includes(person) };
}

/** `{lineage: base64}` → one record `{friends: [fingerprint …]}`: friends whom the hey pod asks. */
export function askFriends(home: Parts): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const bytes = bytesOf(args, "lineage", MAX_LINEAGE_BYTES);
    const { succession: { from, to }, recovery, vouched } = await readPetition(
      home,
      decodeLineage(bytes),
    );
    const friends = (recovery.friends?.of ?? [])
      .filter((one) => ![from, to, person].includes(one) && !vouched.includes(one));
    await callHey(home, person, "ask", [from, to, formatBase64Url(bytes), friends]);
    session.item({ friends });
    return 0;
  };
}

/** `{from, to}` → a record `{person, name?, fate, lineage?: base64}` for each friend who was asked. */
export function gatherAnswers(home: Parts): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const [from, to] = keysOf(args);
    const names = new HeyPetnames(home.supervisor, person);
    for (const one of await listOf(home, person, "asked", [from, to])) {
      const friend = parseFingerprint(String(one.person));
      const lineage = await callHey(home, person, "answered", [from, to, friend]);
      const name = await names.nameOf(friend);
      session.item({
        person: friend,
        ...(name === undefined ? {} : { name }),
        fate: String(one.fate),
        ...(typeof lineage === "string" ? { lineage: paddedOf(lineage) } : {}),
      });
    }
    return 0;
  };
}

/** → a record `{from, to, name?, askedBy, receivedMs, why?, lineage: base64}` for each who asks. */
export function listPetitions(home: Parts): Operation {
  return async (_args, session) => {
    const person = actorOf(session);
    const names = new HeyPetnames(home.supervisor, person);
    for (const one of await listOf(home, person, "waiting", [])) {
      const [from, to] = keysOf(one);
      const lineage = await callHey(home, person, "lineage", [from, to]);
      if (typeof lineage !== "string") continue;
      const name = await names.nameOf(from);
      session.item({
        from,
        to,
        ...(name === undefined ? {} : { name }),
        askedBy: one["asked-by"]!,
        receivedMs: one["received-ms"]!,
        ...(typeof one.why === "string" ? { why: one.why } : {}),
        lineage: paddedOf(lineage),
      });
    }
    return 0;
  };
}

/** `{from, to, lineage: base64}` answers; `{from, to, refuse: true}` lets go of it, and tells nobody. */
export function answerPetition(home: Parts): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const lineage = switchOf(args, "refuse")
      ? null
      : formatBase64Url(bytesOf(args, "lineage", MAX_LINEAGE_BYTES));
    await callHey(home, person, "answer", [...keysOf(args), lineage]);
    session.item({});
    return 0;
  };
}

function keysOf(args: JsonRecord): [from: Fingerprint, to: Fingerprint] {
  return [parseFingerprint(textOf(args, "from")), parseFingerprint(textOf(args, "to"))];
}

async function listOf(
  home: Parts,
  person: Fingerprint,
  called: string,
  args: readonly Json[],
): Promise<JsonRecord[]> {
  const list = await callHey(home, person, called, args);
  return Array.isArray(list) ? list as JsonRecord[] : [];
}

/** @throws {PeriError} `not-found` without a hey pod that carries such letters. */
async function callHey(
  { supervisor }: Parts,
  person: Fingerprint,
  called: string,
  args: readonly Json[],
): Promise<unknown> {
  const pod = { person, pod: HEY };
  const hey = supervisor.residents.byRef(pod);
  if (hey?.manifest.offers.some((offer) => offer.interface === FACE) !== true) {
    throw new PeriError("not-found", {
      op: "ask friends to vouch",
      subject: hey === undefined ? "you have no pod hey here" : "your pod hey is an older one",
      hint: hey === undefined ? "peri pod install hey" : "peri pod install hey --upgrade",
    });
  }
  return await supervisor.faces.call(pod, FACE, called, args);
}

/** Values of pods have another form of base64 (PROTOCOL.md, "Values"). */
function paddedOf(text: string): string {
  return formatBase64(parseBase64Url(text));
}

/**
 * `behalf.renew`: pods get new behalfs before the old ones end, all with one signature's worth of
 * asking.
 *
 * @module
 */

import {
  BEHALF_LIFE_MS,
  BEHALF_WARNING_MS,
  DAY_MS,
  MAX_BEHALF_LIFE_MS,
} from "../../model/limits.ts";
import { PeriError } from "../../model/errors.ts";
import { type Fingerprint, parsePodName, type PodName } from "../../model/words.ts";
import type { JsonRecord } from "../../model/control.ts";
import type { Operation } from "../../ports/session.ts";
import type { Draft, ResidentPod } from "../../supervisor/mod.ts";
import type { Home } from "../home.ts";
import { actorOf, optionalNumberOf, switchOf, wordsOf } from "../wishes.ts";
import { completeAll } from "./complete.ts";

type RenewHome = Pick<Home, "supervisor" | "directory" | "clock" | "server">;

/** What is said of a behalf that would not last longer, as a part of what was asked for. */
const ALMOST_MS = DAY_MS;

/**
 * `{pods?: [name …], all?, expiresMs?}` → a record for each pod `{pod, done: "renewed", serial,
 * expiresMs}`, or `{pod, done: "kept", expiresMs}` when `all` found that it lasts as long already, or
 * `{pod, done: "failed", why}`. Without `pods` and `all`: those that have ended or end within 30 days,
 * or name another address than this server's. Asks for signatures, together. Those that are done
 * stay done when others fail or the process dies; the same again does the rest.
 *
 * @throws {PeriError} `invalid` for a time that has passed or is too far ahead, `not-found` for a pod
 * that does not live here; before anything is signed.
 */
export function renewBehalfs(home: RenewHome): Operation {
  return async (args, session) => {
    const person = actorOf(session);
    const endsMs = endOf(optionalNumberOf(args, "expiresMs"), home.clock.nowMs());
    const names = args.pods === undefined ? [] : wordsOf(args, "pods").map(parsePodName);
    const isAll = switchOf(args, "all");
    const chosen = choose(home, person, names, isAll);
    const wanted = names.length > 0 ? chosen : chosen.filter((pod) => !isKept(home, pod, endsMs));
    for (const pod of chosen) if (!wanted.includes(pod)) session.item(keptRecord(pod));
    const drafts: Draft[] = [];
    for (const pod of wanted) drafts.push(await planRenewal(home, pod, endsMs));
    return await completeAll(home, session, drafts, ({ pod, serial, expiresMs }) => ({
      pod,
      done: "renewed",
      serial,
      expiresMs,
    }));
  };
}

/** Pods that are meant, in order of their names. @throws {PeriError} `not-found`. */
function choose(
  { supervisor: { residents }, clock, server }: RenewHome,
  person: Fingerprint,
  names: readonly PodName[],
  isAll: boolean,
): readonly ResidentPod[] {
  if (names.length > 0) return [...new Set(names)].map((pod) => residents.get({ person, pod }));
  const nowMs = clock.nowMs();
  return residents.all()
    .filter((pod) => pod.ref.person === person && pod.revoked === undefined)
    .filter((pod) => isAll || isNeedy(pod, server, nowMs))
    .sort((a, b) => a.ref.pod < b.ref.pod ? -1 : 1);
}

/** Whether its person has been warned of it. */
function isNeedy({ expiresMs, endpoint }: ResidentPod, server: string, nowMs: number): boolean {
  return expiresMs - nowMs < BEHALF_WARNING_MS || endpoint !== server;
}

/** Whether it is as it would be: then a command that died half-way is only gone on with. */
function isKept({ server, clock }: RenewHome, pod: ResidentPod, endsMs: number | undefined) {
  const wantedMs = endsMs ?? clock.nowMs() + BEHALF_LIFE_MS;
  return Math.abs(wantedMs - pod.expiresMs) < ALMOST_MS && pod.endpoint === server;
}

function keptRecord({ ref, expiresMs }: ResidentPod): JsonRecord {
  return { pod: ref.pod, done: "kept", expiresMs };
}

async function planRenewal(
  { supervisor, clock, server }: RenewHome,
  pod: ResidentPod,
  endsMs: number | undefined,
): Promise<Draft> {
  const { ref, introduction: { certificate } } = pod;
  const life = endsMs === undefined ? [] : [endsMs - clock.nowMs()] as const;
  return await supervisor.installs.planRenew(ref, certificate, server, ...life);
}

/** When behalfs are to end. @throws {PeriError} `invalid`. */
function endOf(endsMs: number | undefined, nowMs: number): number | undefined {
  if (endsMs === undefined) return undefined;
  const lifeMs = Math.floor(endsMs) - nowMs;
  if (lifeMs >= 1_000 && lifeMs <= MAX_BEHALF_LIFE_MS) return Math.floor(endsMs);
  throw new PeriError("invalid", {
    op: "renew behalfs",
    subject: lifeMs < 1_000 ? "they would end at once" : "they would last longer than ten years",
    hint: "--expires takes 90d, 8w, 18m, 2y or a day such as 2030-12-31",
  });
}

/**
 * What pods may ask of the web of trust (PROTOCOL.md, "Pod requests"): where somebody stands, and,
 * for the pod that people meet at, certifications that come and go.
 *
 * @module
 */

import type { KeyTools } from "../../identity/person.ts";
import type { Web } from "../../directory/trust/trust.ts";
import { encodeUtf8, formatBase64, formatHex, sha256 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { JsonRecord } from "../../model/control.ts";
import { formatPodRef, type PodRef } from "../../model/words.ts";
import type { Certification } from "../../ports/certification.ts";
import type { AskTrust } from "../../supervisor/mod.ts";
import { checkPetition } from "../key/petition.ts";
import { HEY } from "../petnames.ts";

/** Keyrings in one answer, together at most about 1 MiB. */
const MAX_LISTED = 100;
/** User ids of somebody, and ways to each, in one answer. */
const [MAX_USERS, MAX_WAYS] = [4, 5];
/** Of those that are listed without their bytes. */
const MAX_SIGNED = 1_000;

/** Answers pods from the web of trust. */
export function askTrust(
  web: () => Promise<Web>,
  tools: Pick<KeyTools, "pgp" | "clock">,
): AskTrust {
  return {
    async standing({ person: own }, person) {
      const { distance } = await (await web()).standing(own, person);
      return { distance };
    },
    async ways(pod, person) {
      refuseOthers(pod);
      const graph = await web();
      const { distance } = await graph.standing(pod.person, person);
      const users = (await graph.paths(pod.person, person)).slice(0, MAX_USERS).map((user) => ({
        userId: user.userId,
        amount: user.amount,
        paths: user.paths.slice(0, MAX_WAYS).map(({ amount, steps }) => ({
          amount,
          steps: steps.map(({ person, userId }) => ({ person, userId })),
        })),
        more: user.more + Math.max(0, user.paths.length - MAX_WAYS),
      }));
      return { distance, users };
    },
    async certifications(pod, after) {
      refuseOthers(pod);
      return await list(await web(), pod, after);
    },
    async signed(pod, after) {
      refuseOthers(pod);
      return await listSigned(await web(), pod, after);
    },
    async certification(pod, place) {
      refuseOthers(pod);
      return await give(await web(), pod, place);
    },
    async petition(pod, lineage) {
      refuseOthers(pod);
      return await checkPetition(tools, pod.person, lineage);
    },
    async certified(pod, keyring) {
      refuseOthers(pod);
      const { taken } = await (await web()).take(keyring);
      return { taken: taken.length };
    },
  };
}

/** Who knows and trusts whom is told to the one pod that carries it. */
function refuseOthers(pod: PodRef): void {
  if (pod.pod === HEY) return;
  throw new PeriError("denied", {
    op: "carry certifications",
    subject: `${formatPodRef(pod)} is not the pod ${HEY}`,
  });
}

async function list(web: Web, { person }: PodRef, after: string | undefined): Promise<JsonRecord> {
  const all = behind(await web.about(person), after);
  const listed: JsonRecord[] = [];
  for (const { each, place } of all.slice(0, MAX_LISTED)) {
    const keyring = await web.keyring(each);
    if (keyring === undefined) continue;
    const { issuer, subject } = each;
    listed.push({ place, issuer, subject, certification: formatBase64(keyring) });
  }
  return { certifications: listed, ...nextOf(all, MAX_LISTED) };
}

async function listSigned(
  web: Web,
  { person }: PodRef,
  after: string | undefined,
): Promise<JsonRecord> {
  const all = behind(await web.signedBy(person), after);
  const certifications = all.slice(0, MAX_SIGNED).map(({ place, each }) => {
    const { subject, createdMs, isRevocation } = each;
    return { place, subject, created: createdMs, revoked: isRevocation };
  });
  return { certifications, ...nextOf(all, MAX_SIGNED) };
}

async function give(web: Web, { person }: PodRef, place: string): Promise<JsonRecord> {
  const found = (await web.signedBy(person)).find((each) => placeOf(each) === place);
  const keyring = found && await web.keyring(found);
  return { certification: keyring === undefined ? null : formatBase64(keyring) };
}

interface Placed {
  readonly each: Certification;
  readonly place: string;
}

function behind(all: readonly Certification[], after: string | undefined): Placed[] {
  return all.map((each) => ({ each, place: placeOf(each) }))
    .sort((a, b) => a.place < b.place ? -1 : 1)
    .filter(({ place }) => after === undefined || place > after);
}

function nextOf(all: readonly Placed[], most: number): JsonRecord {
  return all.length > most ? { next: all[most - 1]!.place } : {};
}

/** A text that orders certifications, whatever comes and goes. */
function placeOf({ issuer, subject, userId }: Certification): string {
  return `${issuer} ${subject} ${formatHex(sha256(encodeUtf8(userId)))}`;
}

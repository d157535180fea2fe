/**
 * What a running pod may ask of the people its periphery knows (PROTOCOL.md, "Pod requests").
 *
 * @module
 */

import { type Bytes, parseBase64 } from "../../model/bytes.ts";
import { type Fingerprint, type PodRef } from "../../model/words.ts";

/** Longest introduction that a pod hands over, in base64 with what stands around it. */
export const MAX_INTRODUCE_ARGUMENT_BYTES = 96 * 1024;

/** The people around a pod's person. */
export interface AskPeople {
  /** Whether a person owns a server that the pod's person is friends with. */
  isFriend(pod: PodRef, person: Fingerprint): Promise<boolean>;
  /** The introduction of a person's hey pod, in CBOR, if it is known. */
  introduction(person: Fingerprint): Promise<Bytes | undefined>;
  /**
   * Checks an introduction of a person's hey pod and keeps it in the book.
   *
   * @throws {PeriError} `denied`, `expired`, `damaged`, `conflict`, `over-quota`.
   */
  introduce(pod: PodRef, person: Fingerprint, introduction: Bytes): Promise<void>;
}

/** The answer to `friend`, `introduction` or `introduce`. */
export async function answerPeople(
  people: AskPeople,
  pod: PodRef,
  operation: "friend" | "introduction" | "introduce",
  person: Fingerprint,
  given: string | undefined,
): Promise<unknown> {
  if (operation === "friend") return { friend: await people.isFriend(pod, person) };
  if (operation === "introduction") {
    return { introduction: (await people.introduction(person))?.toBase64() ?? null };
  }
  await people.introduce(pod, person, parseBase64(given ?? ""));
  return null;
}

/**
 * The people around those who live here, as their pods may ask for them.
 *
 * @module
 */

import { parseBehalf } from "../identity/behalf.ts";
import { decodeIntroduction, encodeIntroduction } from "../identity/introduction.ts";
import type { Bytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { type Fingerprint, formatPodRef, type PodRef } from "../model/words.ts";
import type { AskPeople } from "../supervisor/mod.ts";
import type { Home } from "./home.ts";
import { HEY } from "./petnames.ts";

type Known = Pick<Home, "directory" | "owner">;

/** Answers pods from the book and the friends of this server. */
export class Acquaintances implements AskPeople {
  /** @param home resolves when there is one */
  constructor(private readonly home: Promise<Known>) {}

  /** The server's friends are those of its owner. */
  async isFriend(pod: PodRef, person: Fingerprint): Promise<boolean> {
    const { directory, owner } = await this.home;
    return pod.person === owner() && await directory.friends.get(person) !== undefined;
  }

  async introduction(person: Fingerprint): Promise<Bytes | undefined> {
    const { directory } = await this.home;
    const known = await directory.book.recall({ person, pod: HEY });
    return known && encodeIntroduction(known.introduction);
  }

  async introduce(pod: PodRef, person: Fingerprint, bytes: Bytes): Promise<void> {
    const { directory } = await this.home;
    const introduction = decodeIntroduction(bytes);
    const behalf = parseBehalf(introduction.document);
    if (behalf.person !== person || behalf.pod !== HEY) {
      const subject = `it is not that of ${person}/${HEY}`;
      throw new PeriError("invalid", { op: "take an introduction", subject });
    }
    await directory.book.learn(introduction, `introduced to ${formatPodRef(pod)}`);
  }
}

/**
 * `POST /peri/v1/lineage`: a server is told who has taken the place of somebody who lives there, by
 * whoever has the signed statements: a person whose key is lost cannot come in to say so.
 *
 * @module
 */

import { Pace } from "../../directory/pace.ts";
import { successionOf } from "../../identity/succession/join.ts";
import { subjectOf } from "../../identity/succession/check.ts";
import { decodeLineage } from "../../identity/succession/lineage.ts";
import { decodeTelling, encodeTold } from "../../identity/succession/telling.ts";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { MAX_LINEAGES_PER_MINUTE } from "../../model/limits.ts";
import type { Home } from "../home.ts";

/**
 * Takes the body of such a request; the reply when it is on disk. Costs no signature of people who do
 * not live here, and bounded ones of those who do.
 */
export function openHearing(
  { directory, clock, livesHere }: Pick<Home, "directory" | "clock" | "livesHere">,
): (body: Bytes) => Promise<Bytes> {
  const pace = new Pace(MAX_LINEAGES_PER_MINUTE, clock);
  return async (body) => {
    const lineage = decodeTelling(body);
    const op = "hear of a succession";
    const person = subjectOf(decodeLineage(lineage));
    if (!livesHere(person) && !livesHere(await directory.book.successions.heirOf(person))) {
      throw new PeriError("not-found", { op, subject: `${person} does not live here` });
    }
    if (!pace.take()) {
      throw new PeriError("busy", { op, subject: "too many have told of successions just now" });
    }
    const known = await directory.tell(lineage);
    return encodeTold(successionOf(known)?.to);
  };
}

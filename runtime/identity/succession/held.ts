/**
 * A lineage that was checked before it was kept, opened again without its signatures being checked a
 * second time.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { HeldLineage } from "./check.ts";
import { decodeLineage, encodeLineage } from "./lineage.ts";
import { idOf } from "./lines.ts";
import { parseRecovery } from "./recovery.ts";
import { parseSuccession } from "./succession.ts";

/**
 * What a row says of a person.
 *
 * @param kept bytes of a lineage that held
 * @throws {PeriError} `damaged` when it is none.
 */
export function openHeld(person: HeldLineage["person"], kept: Bytes): HeldLineage {
  const { recoveries, successions } = decodeLineage(kept);
  return {
    person,
    recoveries: recoveries.map((signed) => ({
      ...signed,
      id: idOf(signed.document),
      recovery: parseRecovery(signed.document),
    })),
    successions: successions.map((signed) => ({
      ...signed,
      id: idOf(signed.document),
      succession: parseSuccession(signed.document),
    })),
  };
}

/**
 * The bytes to be kept of a lineage: without its weaker successions where they do not fit beside the
 * one that counts. Else a thief of the key could bring certificates so large that no recovery fits.
 *
 * @throws {PeriError} `too-large` when it does not fit without them either.
 */
export function encodeHeld({ recoveries, successions }: HeldLineage): Bytes {
  for (let weaker = 0;; weaker++) {
    try {
      return encodeLineage({ recoveries, successions: successions.slice(weaker) });
    } catch (error) {
      const isTooLarge = error instanceof PeriError && error.kind === "too-large";
      if (!isTooLarge || weaker + 1 >= successions.length) throw error;
    }
  }
}

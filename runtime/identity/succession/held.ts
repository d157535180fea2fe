/**
 * A lineage that was checked before it was kept, opened again without its signatures being checked a
 * second time.
 *
 * @module
 */

import type { Bytes } from "../../model/bytes.ts";
import type { HeldLineage } from "./check.ts";
import { decodeLineage } from "./lineage.ts";
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

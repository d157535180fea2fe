/**
 * A village of two friends, begun and ended.
 *
 * @module
 */

import { openVillage } from "../../../runtime/testing/mod.ts";

await using village = openVillage();
await village.friends("alice", "bob");

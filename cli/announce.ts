/**
 * Telling a server elsewhere that another key stands in the place of the one that lives there. Its
 * successor may come in as soon as it has heard so; until then it knows nobody of that key.
 *
 * @module
 */

import { formatBase64 } from "../runtime/model/bytes.ts";
import { PeriError } from "../runtime/model/errors.ts";
import { type Fingerprint, parseServerUrl } from "../runtime/model/words.ts";
import type { KeyTools, Lineage } from "../runtime/mod.ts";
import type { Context } from "./context.ts";
import { isHere } from "./lineage.ts";
import { ask } from "./trust.ts";

/** A succession. */
interface Said {
  readonly lineage: Lineage;
  readonly from: Fingerprint;
}

/**
 * Tells the server of `--on`: at an address, or by the old key, which comes in as long as nobody has
 * said so. When the old key is not here or comes in no more, the server may have heard of it from
 * friends.
 *
 * @param url where others reach it; undefined: the old key comes in
 * @throws {PeriError} what does not hold of the lineage; `unreachable`.
 */
export async function tellFar(
  context: Context,
  tools: KeyTools,
  { lineage, from }: Said,
  url: string | undefined,
): Promise<void> {
  const { announceLineage, checkLineage, encodeLineage } = await import("../runtime/mod.ts");
  await checkLineage(tools.pgp, lineage, tools.clock.nowMs());
  const bytes = encodeLineage(lineage);
  if (url !== undefined) {
    const transport = await context.network();
    try {
      await announceLineage(transport, parseServerUrl(url), bytes);
    } finally {
      transport.close();
    }
    return;
  }
  if (!await isHere(context, from)) return;
  try {
    await ask(context, "key.tell", { lineage: formatBase64(bytes) }, from);
  } catch (error) {
    if (!(error instanceof PeriError) || error.kind !== "denied") throw error;
  }
}

/** What to do when the new key is not let in. */
export function unheard(error: PeriError, server: string): PeriError {
  return new PeriError("denied", {
    op: error.op,
    subject: `${server} lets the new key in when it has heard whose place it takes`,
    hint: "the old key tells it when it is here; without it: --server URL, where others reach it",
    cause: error,
  });
}

/**
 * `capability.source`: the WIT text that a pod carries.
 *
 * @module
 */

import { encodeUtf8 } from "../../model/bytes.ts";
import { MAX_FRAME_BYTES } from "../../model/limits.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { podOf } from "../wishes.ts";

/**
 * `{pod}` → one record `{wit}`, its author's word; without `wit` when it carries none, or one that
 * fits no frame of the session.
 */
export function showSource({ supervisor }: Pick<Home, "supervisor">): Operation {
  return (args, session) => {
    const { wit } = supervisor.residents.get(podOf(args, session)).manifest;
    const record = { wit };
    const fits = encodeUtf8(JSON.stringify({ item: record })).length < MAX_FRAME_BYTES - 16;
    session.item(wit !== undefined && fits ? record : {});
    return Promise.resolve(0);
  };
}

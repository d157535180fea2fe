/**
 * `capability.show`: the interfaces that a pod offers to others.
 *
 * @module
 */

import type { JsonRecord } from "../../model/control.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { podOf } from "../wishes.ts";
import { showOffers } from "./shown.ts";

/**
 * `{pod}` → one record an interface: `{interface, capability, supersedes, about, wit, functions:
 * [{name, id, line, about, type} …]}`.
 */
export function showCapabilities({ supervisor }: Pick<Home, "supervisor">): Operation {
  return (args, session) => {
    const { manifest } = supervisor.residents.get(podOf(args, session));
    for (const one of showOffers(manifest.offers)) session.item(one as unknown as JsonRecord);
    return Promise.resolve(0);
  };
}

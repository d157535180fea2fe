/**
 * `behalf.show`: the behalf of a pod, with all that is needed to check it.
 *
 * @module
 */

import { formatBase64 } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import type { Operation } from "../../ports/session.ts";
import type { Home } from "../home.ts";
import { podOf } from "../wishes.ts";

/**
 * `{pod}` → one record `{pod, document, signature, certificate, here}`; the last two in base64. Of
 * a pod that lives elsewhere, what the book has.
 *
 * @throws {PeriError} `not-found`.
 */
export function showBehalf(home: Pick<Home, "supervisor" | "directory">): Operation {
  return async (args, session) => {
    const ref = podOf(args, session);
    const resident = home.supervisor.residents.byRef(ref);
    const found = resident ?? await home.directory.book.entry(ref);
    if (found === undefined) {
      const subject = `nothing is known of a pod ${ref.pod} of yours`;
      throw new PeriError("not-found", { op: "show a behalf", subject, hint: "peri behalf list" });
    }
    const { document, signature, certificate } = found.introduction;
    session.item({
      pod: ref.pod,
      document,
      signature: formatBase64(signature),
      certificate: formatBase64(certificate),
      here: resident !== undefined,
    });
    return 0;
  };
}

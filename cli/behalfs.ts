/**
 * What commands on behalfs say of each pod.
 *
 * @module
 */

import type { JsonRecord } from "../runtime/model/control.ts";
import { formatTime, formatValue } from "./output.ts";

/** What became of one behalf, in a line. */
export function describeDone({ pod, done, expiresMs, why }: JsonRecord): string {
  const name = formatValue(pod);
  switch (done) {
    case "renewed":
      return `${name} may act until ${formatTime(expiresMs)}`;
    case "kept":
      return `${name} may act until ${formatTime(expiresMs)} already`;
    case "revoked":
      return `${name} may not act any more`;
    default:
      return `${name} is as it was: ${formatValue(why)}`;
  }
}

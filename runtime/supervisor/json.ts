/**
 * JSON texts of pods and of other peripheries.
 *
 * @module
 */

import { PeriError } from "../model/errors.ts";
import { MAX_DEPTH } from "../model/limits.ts";

/**
 * The value of a JSON text from outside.
 *
 * @throws {PeriError} `invalid` when it is not JSON, not Unicode or nested too deep.
 */
export function checkJson(what: string, text: string): unknown {
  if (!text.isWellFormed()) throw invalid(`read ${what}`, "it is not Unicode");
  if (isDeep(text)) throw invalid(`read ${what}`, `it is nested deeper than ${MAX_DEPTH}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const subject = `it is not JSON: ${text.slice(0, 80)}`;
    throw new PeriError("invalid", { op: `read ${what}`, subject, cause });
  }
}

/** Whether brackets outside of texts nest deeper than allowed; read before any parser recurses. */
function isDeep(text: string): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isText && unit === 0x5c) at++;
    else if (unit === 0x22) isText = !isText;
    else if (!isText && (unit === 0x5b || unit === 0x7b) && ++depth > MAX_DEPTH) return true;
    else if (!isText && (unit === 0x5d || unit === 0x7d)) depth--;
  }
  return false;
}

function invalid(op: string, subject: string): PeriError {
  return new PeriError("invalid", { op, subject });
}

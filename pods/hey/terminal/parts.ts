/**
 * What the screens of hey are made from.
 *
 * @module
 */

import type { Run } from "../../sdk/mod.ts";
import type { Line, Look } from "../../sdk/terminal/mod.ts";
import type { Admission } from "../admission.ts";
import type { Audiences } from "../audience.ts";
import type { Blocked } from "../blocked.ts";
import type { IntroductionBook } from "../introduced.ts";
import type { Letters } from "../letters.ts";
import type { Outgoing } from "../mail.ts";
import type { Names } from "../names.ts";
import type { Pending } from "../pending.ts";
import type { People } from "../people.ts";

/** The parts of the pod that the screens work with. */
export interface HeyParts {
  readonly run: Run;
  readonly names: Names;
  readonly people: People;
  readonly letters: Letters;
  readonly pending: Pending;
  readonly introduced: IntroductionBook;
  readonly admission: Admission;
  readonly blocking: Blocked;
  readonly audiences: Audiences;
  readonly outgoing: Outgoing;
}

/** Less important. */
export const FAINT: Look = { faint: true };
/** New. */
export const NEW: Look = { ink: "yellow", bold: true };
/** Of somebody else. */
export const THEIRS: Look = { ink: "cyan", bold: true };
/** One's own. */
export const OWN: Look = { ink: "green", bold: true };
/** What went wrong. */
export const WRONG: Look = { ink: "red" };
/** A heading. */
export const HEAD: Look = { bold: true };

/** An empty line. */
export const GAP: Line = [];

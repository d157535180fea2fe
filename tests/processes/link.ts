/**
 * What is between two servers, and what can happen to it.
 *
 * @module
 */

import type { Place } from "./town.ts";

/** Something that keeps messages from arriving while it lasts. */
export interface Trouble {
  readonly name: string;
  begin(): Promise<void>;
  /** Resolves when the link is as before. */
  end(): Promise<void>;
}

/** The only way between two places. Closing it takes it away. */
export interface Link extends AsyncDisposable {
  readonly name: string;
  readonly places: readonly [Place, Place];
  readonly troubles: readonly Trouble[];
}

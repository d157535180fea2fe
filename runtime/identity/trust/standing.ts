/**
 * Where a person stands with another, as far as certifications say.
 *
 * @module
 */

/** How near somebody is. */
export interface Standing {
  /**
   * 0 for the person themselves, 1 for whom they have certified, 2 for whom somebody has whom they
   * trust to certify, and so on; null when there is no way, or none that counts enough.
   */
  readonly distance: number | null;
  /** Whether a user id of theirs is certified enough: the same as a distance that is known. */
  readonly certified: boolean;
}

/** Of whom nothing is known. */
export const UNKNOWN: Standing = { distance: null, certified: false };

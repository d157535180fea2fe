/**
 * What photo pods ask of each other, and what they are told.
 *
 * @module
 */

import type { u32, u8 } from "@peri/sdk";

/** A photo as it was found. */
export interface Found {
  readonly by: string;
  readonly bytes: Uint8Array;
}

/** A part of a photo. */
export interface Piece {
  /** Fingerprint of the person whose photo it is. */
  readonly by: string;
  readonly bytes: Uint8Array;
}

/** What somebody would like to have. */
export interface Wish {
  readonly photo: string;
  /** Only friends with this in their names are asked. */
  readonly named: string;
  /** How far it may be away. */
  readonly hops: u8;
  /** Milliseconds until it is enough. */
  readonly waitMs: u32;
}

/** Why a friend gave nothing. */
export type Why = "no-such-photo" | "no-answer" | "no-photos-pod" | "refused";

/** What came of asking one friend. */
export interface Came {
  readonly friend: string;
  /** Under which name it is kept. */
  readonly photo?: string;
  readonly bytes?: u32;
  /** Whose it is. */
  readonly by?: string;
  readonly why?: Why;
}

/**
 * Interfaces as people and scripts are shown them.
 *
 * @module
 */

/** A function of an interface that is shown. */
export interface ShownFunction {
  readonly name: string;
  /** Function hash. */
  readonly id: string;
  /** As it stands in WIT: `near: func(place: place) -> stream<sighting>;`. */
  readonly line: string;
  /** What its author says of it; empty when nothing. */
  readonly about: string;
  /** Canonical form of its type (PROTOCOL.md, "Canonical form"). */
  readonly type: unknown;
}

/** An interface that is shown. */
export interface ShownInterface {
  /** Without version: `peri:hey/mail`. */
  readonly interface: string;
  /** Its fingerprint. */
  readonly capability: string;
  /** Capabilities in whose place it stands. */
  readonly supersedes: readonly string[];
  /** What its author says of it; empty when nothing. */
  readonly about: string;
  /** Its text, with the documentation that is known. */
  readonly wit: string;
  /** In order of name. */
  readonly functions: readonly ShownFunction[];
}

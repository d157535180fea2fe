/**
 * What the build reads off a pod's class, as plain JSON data: the functions it offers and the verbs
 * of its command line. The entry module holds it, clients hold the part that they call, and the
 * manifest carries the verbs. Data only; it says nothing that the class does not.
 *
 * @module
 */

import type { CanonicalType, StreamType } from "../../wit/types.ts";

/** A type of WIT as its canonical JSON (PROTOCOL.md, "Canonical form"). Names are kebab case. */
export type Type = CanonicalType;

/** What a function gives: one value, many one after another, or nothing. */
export type ResultShape = Type | StreamType | null;

/** One function of an interface, as it is called and as it travels. */
export interface FunctionShape {
  /** On the wire: `find-all`. */
  readonly name: string;
  /** In TypeScript: `findAll`. */
  readonly method: string;
  /** Function hash, 64 lower-case hex digits (PROTOCOL.md, "Capabilities"). */
  readonly functionId: string;
  /** Names in kebab case, in order. An optional parameter has the type `{option: …}`. */
  readonly params: readonly (readonly [name: string, type: Type])[];
  /** The last parameter is a list that the method takes as further arguments: `...who`. */
  readonly rest?: true;
  /** As it travels; with {@link FunctionShape.errors} it is `{result: [value, variant]}`. */
  readonly result: ResultShape;
  /**
   * The cases of the result's error side and the class that is thrown for each; the method's own
   * value is the ok side. The class is a member `errors` of the client's class, and in a pod an
   * entry of the table that the entry module gives.
   */
  readonly errors?: readonly (readonly [caseName: string, className: string])[];
}

/** An interface with all its functions; the static `shape` of a client's class. */
export interface InterfaceShape {
  /** Without version: `peri:hey/mail`. */
  readonly interface: string;
  /** Fingerprint of the whole, 64 lower-case hex digits. */
  readonly capability: string;
  /** In order of declaration. */
  readonly functions: readonly FunctionShape[];
}

/** An interface that a pod offers. */
export interface OfferShape extends InterfaceShape {
  /** The field of the pod's object that implements it; empty for the pod's own methods. */
  readonly field: string;
}

/**
 * How a word of the command line becomes an argument. `positional`: the next word; `flag`: `--name
 * value`; `switch`: `--name`; `rest`: all further words, joined by blanks for a `string` (a single
 * `-` reads standard input), one value each for a list.
 */
export type VerbParamKind = "positional" | "flag" | "switch" | "rest";

/** One part of a verb's arguments. */
export interface VerbParam {
  /** Kebab case; unique in its verb. `--near` is the flag of `near`. */
  readonly name: string;
  readonly kind: VerbParamKind;
  /** Of the value, without the option around it. What is no scalar and no rest is JSON text. */
  readonly type: Type;
  /** One line, perhaps empty. */
  readonly about: string;
  readonly optional: boolean;
  /** Where the value goes: `["0"]` is the first argument, `["0", "place"]` a field of it. */
  readonly path: readonly string[];
  /** Method beside the verb's own that lists words to complete with (`@complete <method>`). */
  readonly complete?: string;
}

/** A word after `peri <pod>`. */
export interface VerbShape {
  /** Kebab case; unique in its pod. */
  readonly name: string;
  /** In TypeScript: `findAll`. */
  readonly method: string;
  /** The field whose object has the method; empty for the pod itself. */
  readonly field: string;
  /** One line, perhaps empty. */
  readonly about: string;
  /** Positionals in order, then the rest, then flags and switches. */
  readonly params: readonly VerbParam[];
  /** Flags stand before the first word, so that words may begin with dashes (`@verbatim`). */
  readonly verbatim?: true;
  /** It runs when the pod's name stands alone (`@alone`), where help is shown otherwise. */
  readonly alone?: true;
  /** The last parameter is a list that the method takes as further arguments: `...who`. */
  readonly rest?: true;
  /** As in {@link FunctionShape.result}; of a command that prints itself, null. */
  readonly result: ResultShape;
  /** Whether it is a function of a capability, so that `--of <who>` runs it at another pod. */
  readonly remote: boolean;
  /** What follows the verb: `<place> [--near <text>]`. */
  readonly usage: string;
}

/** A field of the pod's object that keeps its value between runs. */
export interface FieldShape {
  /** In TypeScript: `lastSeen`. */
  readonly name: string;
  readonly type: Type;
}

/** All that a pod's class says. */
export interface PodShape {
  /** Without `peri:face/command`, which the SDK makes of {@link PodShape.verbs}. */
  readonly offers: readonly OfferShape[];
  /** In the order in which help shows them. */
  readonly verbs: readonly VerbShape[];
  /** Absent when it has none. */
  readonly fields?: readonly FieldShape[];
}

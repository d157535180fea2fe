/**
 * What passes between a periphery and a running pod: the shapes of `wit/actor.wit` as TypeScript.
 *
 * @module
 */

import type { ErrorRecord } from "./errors.ts";
import type {
  BlobId,
  CapabilityId,
  FunctionId,
  FunctionName,
  InterfaceName,
  PodName,
} from "./words.ts";

/** Who asks: a pod of a person, or a person who has come in. */
export interface Caller {
  readonly person: string;
  readonly pod?: string;
}

/** The result of a run or request: JSON text or a failure. */
export type RunOutcome = { readonly ok: string } | { readonly error: ErrorRecord };

/** What the periphery tells a pod (`peri:pod/types.event`). */
export type PodEvent =
  | {
    readonly kind: "call";
    readonly invocation: number;
    /** The name under which the pod lives. */
    readonly pod: string;
    readonly caller: Caller;
    readonly interface: string;
    readonly function: string;
    readonly arguments: string;
    readonly nowMs: number;
    readonly seed: number;
    /** Of a call of another pod: names it in the answers of later runs. */
    readonly handle?: string;
    /** It opens a stream: its answers are all to the handle, those of this run too. */
    readonly many?: boolean;
    /** Of a call of another pod: when it is over, in milliseconds since 1970 UTC. */
    readonly expiresMs?: number;
  }
  | {
    readonly kind: "settled";
    readonly invocation: number;
    readonly step: number;
    readonly outcome: RunOutcome;
  }
  | { readonly kind: "chunk"; readonly invocation: number; readonly data: Uint8Array }
  | { readonly kind: "cancel"; readonly invocation: number };

/** A write to a pod's table; without a value the key is deleted. */
export interface TableWrite {
  readonly table: string;
  readonly key: string;
  readonly value?: string;
}

/** A post as a pod asks for it; nothing in it is checked yet. */
export interface WantedPost {
  readonly person: string;
  readonly pod: string;
  readonly capability: string;
  readonly interface: string;
  readonly function: string;
  readonly functionId: string;
  readonly arguments: string;
  readonly deadlineMs?: number;
  readonly continuation?: { readonly function: string; readonly note: string };
  /** What the pod calls it to cancel it later; a call that has the key is cancelled first. */
  readonly key?: string;
}

/** One more answer to a handle as a pod gives it; nothing in it is checked yet. */
export interface WantedAnswer {
  readonly handle: string;
  readonly part:
    | { readonly item: string }
    | { readonly end: true }
    | { readonly error: ErrorRecord };
}

/** What a run did; one transaction. */
export interface Effects {
  readonly writes: readonly TableWrite[];
  readonly posts: readonly WantedPost[];
  readonly answers: readonly WantedAnswer[];
  /** Keys of own calls that are to end; they come before the posts. */
  readonly cancels: readonly string[];
  readonly outputs: readonly { readonly fd: 1 | 2; readonly data: Uint8Array }[];
}

/** What a pod tells its periphery (`peri:pod/host`). Comes from hostile code: shapes are checked, nothing else. */
export type PodOutput =
  | { readonly kind: "log"; readonly level: string; readonly line: string }
  | {
    readonly kind: "request";
    readonly invocation: number;
    readonly step: number;
    readonly operation: string;
    readonly argument: string;
    /** Its host has answered it with this JSON text, and nobody else is to. */
    readonly answer?: string;
  }
  | { readonly kind: "commit"; readonly invocation: number; readonly effects: Effects }
  | { readonly kind: "suspend"; readonly invocation: number; readonly effects: Effects }
  | {
    readonly kind: "finish";
    readonly invocation: number;
    readonly effects: Effects;
    readonly outcome: RunOutcome;
  };

/**
 * Why an instance ended. `time` and `memory`: it went over its budget; `trap`: it broke; `host`: the
 * process in which it lived alone did; `shared`: the process did in which others lived too.
 */
export type PodEnd = "stopped" | "time" | "memory" | "trap" | "host" | "shared";

/** A function a pod offers. Types are resolved and structural (PROTOCOL.md, "Canonical form"). */
export interface OfferedFunction {
  readonly id: FunctionId;
  /** Canonical form of the function: `{params: [[name, type]…], result: type | null}`. */
  readonly type: unknown;
}

/** An interface a pod offers or needs. */
export interface Offer {
  readonly interface: InterfaceName;
  readonly capability: CapabilityId;
  readonly functions: Readonly<Record<FunctionName, OfferedFunction>>;
  /** Capabilities of older interfaces in whose place it stands; only of what is offered. */
  readonly supersedes?: readonly CapabilityId[];
}

/** A part of a verb's arguments (PROTOCOL.md, "Verbs"). */
export interface VerbParam {
  readonly name: string;
  readonly kind: "positional" | "flag" | "switch" | "rest";
  /** Canonical form of the value's type. */
  readonly type: unknown;
  readonly about: string;
  readonly optional: boolean;
  /** Place among the arguments: `["0"]`, or `["0", "place"]` in a record. */
  readonly path: readonly string[];
  readonly complete?: string;
}

/** A word of a pod's command line, as its component says; shown to people, never trusted. */
export interface Verb {
  readonly name: string;
  readonly method: string;
  readonly field: string;
  readonly about: string;
  readonly params: readonly VerbParam[];
  readonly rest?: true;
  readonly verbatim?: true;
  readonly alone?: true;
  /** Canonical form of the result, null for none. */
  readonly result: unknown;
  readonly remote: boolean;
  readonly usage: string;
}

/** What a component says of itself, in its custom section `peri:pod` (PROTOCOL.md, "Manifest"). */
export interface Manifest {
  readonly name: PodName;
  readonly version: string;
  readonly about: string;
  readonly offers: readonly Offer[];
  readonly needs: readonly Offer[];
  /** Verbs of its command line; none of a pod that makes them as it runs. */
  readonly verbs?: readonly Verb[];
  /** Its interfaces as WIT text with documentation: the author's word, read by nobody here. */
  readonly wit?: string;
}

/** A component ready to run: what transpiling it gave, addressable by the component's hash. */
export interface PodProgram {
  readonly component: BlobId;
  /** The JavaScript that joins the core modules; an ES module. */
  readonly script: string;
  /** Core modules by the name the script asks for. */
  readonly modules: ReadonlyMap<string, Uint8Array>;
}

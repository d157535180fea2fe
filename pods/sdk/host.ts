/**
 * The border to the periphery as TypeScript: `wit/actor.wit` in the shapes QuickJS gives and takes.
 * Nothing in the SDK imports the host; the build hands it in, and tests hand in a double.
 *
 * A u32 arrives as a signed number, and one above 2^31 - 1 is not taken back right unless it is the
 * very number that came: invocations are given back as they are.
 *
 * @module
 */

/** A failure as data (PROTOCOL.md, "Errors"). */
export interface Failure {
  readonly kind: string;
  readonly op: string;
  readonly subject: string;
  readonly hint?: string | undefined | null;
}

/** How a run or a request ended. */
export type WireOutcome =
  | { readonly tag: "ok"; readonly val: string }
  | { readonly tag: "err"; readonly val: Failure };

/** Who asks: a pod of a person, or a person who has come in and has no pod. */
export interface WireCaller {
  readonly person: string;
  readonly pod?: string | undefined | null;
}

/** A function of the pod is to be run. */
export interface WireCall {
  readonly invocation: number;
  /** The name under which the pod lives; absent in a call that was kept before there was it. */
  readonly pod?: string;
  readonly caller: WireCaller;
  readonly interface: string;
  readonly function: string;
  readonly arguments: string;
  readonly nowMs: number;
  readonly seed: number;
  /** Of a call of another pod: names it in answers that later runs give. */
  readonly handle?: string | undefined | null;
  /** Its function's result is a stream: the answers to the handle are all there are. */
  readonly many: boolean;
  /** Of a call of another pod: when its caller gives up, in milliseconds since 1970 UTC. */
  readonly expiresMs?: number | undefined | null;
}

/** What the periphery tells the pod. */
export type WireEvent =
  | { readonly tag: "call"; readonly val: WireCall }
  | {
    readonly tag: "settled";
    readonly val: {
      readonly invocation: number;
      readonly step: number;
      readonly outcome: WireOutcome;
    };
  }
  | {
    readonly tag: "chunk";
    readonly val: { readonly invocation: number; readonly data: Uint8Array };
  }
  | { readonly tag: "cancel"; readonly val: number };

/** Writes one value of a table; without a value the key is deleted. */
export interface WireWrite {
  readonly table: string;
  readonly key: string;
  readonly value: string | undefined;
}

/** Asks a function of another pod. */
export interface WirePost {
  readonly person: string;
  readonly pod: string;
  readonly capability: string;
  readonly interface: string;
  readonly function: string;
  readonly functionId: string;
  readonly arguments: string;
  readonly deadlineMs: number | undefined;
  readonly continuation: { readonly function: string; readonly note: string } | undefined;
  readonly key: string | undefined;
}

/** One more answer to a handle; that of a call which is not `many` is its result or why not. */
export interface WireAnswer {
  readonly handle: string;
  readonly part:
    | { readonly tag: "item"; readonly val: string }
    | { readonly tag: "end" }
    | { readonly tag: "failed"; readonly val: Failure };
}

/** Bytes for the one who has come in: 1 standard output, 2 standard error. */
export interface WireOutput {
  readonly fd: 1 | 2;
  readonly data: Uint8Array;
}

/** What a run has done since its last commit; one transaction. */
export interface WireEffects {
  readonly writes: readonly WireWrite[];
  readonly posts: readonly WirePost[];
  readonly answers: readonly WireAnswer[];
  readonly cancels: readonly string[];
  readonly outputs: readonly WireOutput[];
}

/** What a pod can ask of its periphery. Every function returns at once; answers are events. */
export interface Host {
  log(level: string, line: string): void;
  request(invocation: number, step: number, operation: string, argument: string): void;
  commit(invocation: number, effects: WireEffects): void;
  suspend(invocation: number, effects: WireEffects): void;
  finish(invocation: number, effects: WireEffects, outcome: WireOutcome): void;
}

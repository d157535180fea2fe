/**
 * Where pods run: outside this process, without any permission.
 *
 * @module
 */

import type { Manifest, PodEnd, PodEvent, PodOutput, PodProgram } from "../model/pod.ts";
import type { BlobId } from "../model/words.ts";

/** Budgets of one instance. */
export interface PodBudget {
  readonly memoryBytes: number;
  readonly sliceMs: number;
  /**
   * It is to have a process of its own until {@link PodInstance.share}, because one in which it
   * lived has ended; it gets none while several others have.
   */
  readonly isAlone?: boolean;
  /**
   * Rows of its tables that it has read or written may be answered where it lives, which the request
   * says that is heard. Only for an instance whose own runs alone change its tables.
   */
  readonly recalls?: boolean;
  /**
   * Instances of one group have one share of the time together, whatever their number; absent: all
   * those without one do.
   */
  readonly group?: string;
}

/** A running pod. */
export interface PodInstance {
  /** Queues events in order; nothing happens when the instance has ended. */
  dispatch(events: readonly PodEvent[]): void;
  /** Resolves once with the reason when the instance has ended, for whatever reason; rejects never. */
  readonly ended: Promise<PodEnd>;
  /** Memory that it has taken, as far as its host has told. */
  readonly memoryBytes?: number;
  /** It does well: others may live in its process from now on. */
  share(): void;
  /** Ends the instance; its neighbours go on. */
  stop(): void;
}

/** A program that is fetched where it is needed only: megabytes, of which most starts need none. */
export interface ProgramSource {
  readonly component: BlobId;
  /** @throws {PeriError} what keeps the program from being there */
  load(): Promise<PodProgram>;
}

/** The program itself. @throws as {@link ProgramSource.load} */
export async function fetchProgram(program: PodProgram | ProgramSource): Promise<PodProgram> {
  return "load" in program ? await program.load() : program;
}

/** Runs pods. */
export interface Sandbox {
  /**
   * Starts an instance. `hear` is called in the order in which the pod spoke, never after `ended`.
   *
   * @throws {PeriError} `damaged` when the program does not start, `internal` when no host does, and
   * as {@link ProgramSource.load}.
   */
  start(
    program: PodProgram | ProgramSource,
    budget: PodBudget,
    hear: (output: PodOutput) => void,
  ): Promise<PodInstance>;
  /** What keeps it from confining pods as well as it could; absent: it confines nothing. */
  flaws?(): Promise<readonly Flaw[]>;
  /** Ends all instances and their processes. */
  close(): Promise<void>;
}

/** Something that a system does not offer, and what to do. */
export interface Flaw {
  readonly what: string;
  readonly hint: string;
  /** One can do without it. */
  readonly isMinor?: true;
}

/** Turns components into programs. */
export interface Compiler {
  /**
   * Reads what a component says of itself. Bounded by `MAX_COMPONENT_BYTES`.
   *
   * @throws {PeriError} `invalid` when it is no component or no pod, `missing-implementation` when
   * it was built for a world this periphery does not have.
   */
  inspect(component: Uint8Array): Promise<Manifest>;
  /** Transpiles a component; remembers the result by content. @throws {PeriError} `invalid`. */
  compile(component: Uint8Array): Promise<PodProgram>;
  /** What compiling gave, where it is remembered: the component need not be read for it. */
  recall?(component: BlobId): Promise<PodProgram | undefined>;
}

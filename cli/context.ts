/**
 * What a command sees of the world. `main.ts` builds it from the real one; tests from memory.
 *
 * @module
 */

import type { Bytes } from "../runtime/model/bytes.ts";
import type { KeyTools, Transport } from "../runtime/mod.ts";
import type { Manifest } from "../runtime/model/pod.ts";
import type { ShownInterface } from "../runtime/model/shown.ts";
import type { KnownServer, Servers, SshAddress } from "../runtime/model/ssh/servers.ts";
import type { Fingerprint } from "../runtime/model/words.ts";
import type { Machine } from "./service/install.ts";
import type { Line } from "./session.ts";

/** A standard stream to write to. */
export interface Out {
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
  /** Rows of the terminal; undefined when it is none. */
  readonly rows?: number | undefined;
  /** Writes all of it, in the order of the calls. Rejects with `BrokenPipe` when nobody reads. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Standard input. */
export interface In {
  readonly isTerminal: boolean;
  /** Pieces as they come; one reader at a time. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Raw: every key arrives at once, is not shown, and Ctrl-C is a byte. Only on a terminal. */
  setRaw(raw: boolean): void;
}

/** The standard streams. */
export interface Streams {
  readonly stdin: In;
  readonly stdout: Out;
  readonly stderr: Out;
}

/** Programs `peri-<word>` on PATH. */
export interface Programs {
  /** The absolute path of `peri-<word>`, when there is one. */
  find(word: string): string | undefined;
  /** Words the launcher has found already, sorted; none without it. */
  readonly known: readonly string[];
  /** All words that have one, sorted. Slow without the launcher. */
  words(): readonly string[];
  /** Runs it with the standard streams of this process; signals are passed on. Its exit code. */
  run(path: string, args: readonly string[]): Promise<number>;
}

/** Programs of the checkout that authors of pods work with; they run with all permissions. */
export interface Workshop {
  /** Runs one with the standard streams of this process; signals are passed on. Its exit code. */
  run(program: Tool, args: readonly string[]): Promise<number>;
  /** Starts one that says lines and ends with its standard input. What it complains of is shown. */
  start(program: Tool, args: readonly string[]): Running;
}

/** A program of the workshop, by its path below `pods/build/`. */
export type Tool = "author/build" | "author/client" | "author/new" | "author/try" | "author/watch";

/** A program that runs beside `peri`. */
export interface Running {
  /** Lines of its standard output; ends when it has ended. */
  readonly lines: AsyncIterable<string>;
  /** Ends it; resolves when it has. */
  stop(): Promise<void>;
}

/** Files a person names on the command line. */
export interface Files {
  /**
   * A whole file.
   *
   * @throws {PeriError} `not-found`; `too-large` over `maxBytes`, before it is read; `denied`.
   */
  read(path: string, maxBytes: number): Promise<Bytes>;
  /** Whether something is there. */
  exists(path: string): Promise<boolean>;
  /**
   * Writes a whole file, and to disk. A secret one is for its owner alone and appears under its name
   * when all of it is on disk; until then it is in `<path>.part`.
   *
   * @throws {PeriError} `exists` when it must be new and something is there; `denied`; `over-quota`.
   */
  write(
    path: string,
    pieces: readonly Uint8Array[],
    how: { readonly isNew: boolean; readonly isSecret?: boolean },
  ): Promise<void>;
}

/** What a behalf says, as far as a person is shown it before they sign. */
export interface Permission {
  readonly person: Fingerprint;
  readonly pod: string;
  readonly endpoint: string;
  readonly capabilities: readonly { readonly interface: string }[];
  readonly podKey: Fingerprint;
  readonly serial: number;
  readonly expiresMs: number;
  /** Why it is the last word on the pod, which may not act any more; absent of one that lets it act. */
  readonly revoked?: string;
}

/** What `peri` does with a person's key on their own computer. */
export interface Signer {
  /**
   * The key a person uses unless they say otherwise, with its certificate (transferable public key).
   *
   * @param wanted a fingerprint or user id; absent: the only key there is
   * @throws {PeriError} `not-found` without a key, `conflict` when several fit.
   */
  chooseKey(
    wanted: string | undefined,
  ): Promise<{ readonly person: Fingerprint; readonly certificate: Bytes }>;
  /** Reads a behalf document. @throws {PeriError} `damaged` for anything else. */
  parseBehalf(document: string): Permission;
  /**
   * Signs a behalf document: a detached OpenPGP signature, binary. The passphrase comes from a file
   * or agent, or is asked on the terminal.
   *
   * @throws {PeriError} `not-found` without the key here, `denied` when the passphrase is wrong.
   */
  signBehalf(person: Fingerprint, document: string): Promise<Bytes>;
  /** Signs several of one person, with one passphrase; as the former. */
  signBehalfs(person: Fingerprint, documents: readonly string[]): Promise<readonly Bytes[]>;
}

/** Reads components and WIT texts, without a periphery. */
export interface Inspector {
  /**
   * What a component says of itself, checked.
   *
   * @throws {PeriError} `invalid` when it is no pod or lies, `missing-implementation` for another
   * world.
   */
  component(bytes: Uint8Array): Promise<{
    readonly manifest: Manifest;
    /** SHA-256 of the file. */
    readonly id: string;
    /** What others can call. */
    readonly offers: readonly ShownInterface[];
    /** What it calls of others. */
    readonly needs: readonly ShownInterface[];
  }>;
  /** The interfaces of a WIT text's package. @throws {PeriError} `invalid` when it is no good. */
  wit(text: string): Promise<readonly ShownInterface[]>;
  /**
   * Interfaces with the documentation that a pod carries as WIT, where that is of the same
   * capability.
   */
  document(
    shown: readonly ShownInterface[],
    carried: string | undefined,
  ): Promise<readonly ShownInterface[]>;
}

/** Where a passphrase comes from; stands over the environment. Else it is asked on the terminal. */
export interface PassphraseSource {
  /** A file whose first line it is. */
  readonly file?: string | undefined;
  /** Whether gpg-agent asks for it and remembers it. */
  readonly agent?: boolean;
  /** Whether it is to be a new one: the environment's file, which says the old one, is not read. */
  readonly isFresh?: boolean;
}

/** By what a person comes in at a server elsewhere. */
export type Way =
  /** The line of a key that an agent holds. */
  | { readonly kind: "agent"; readonly identity: string }
  /** A token, or the code of a server that belongs to nobody yet. */
  | { readonly kind: "token"; readonly token: string };

/** Servers elsewhere, and the `ssh` that reaches them. */
export interface Far {
  /** Those that were met; none without a list. @throws {PeriError} `damaged`. */
  read(): Promise<Servers>;
  /** Keeps the list, whole or not at all. */
  write(servers: Servers): Promise<void>;
  /** Whether an agent of the person holds a key. @param identity its line */
  agentHolds(identity: string): Promise<boolean>;
  /** Unpredictable bytes. */
  chance(size: number): Uint8Array;
  /** The line of the host key of whoever answers. @throws {PeriError} `unreachable`. */
  scan(address: SshAddress): Promise<string>;
  /**
   * A line for one control session. Reading from it throws what keeps ssh from it: `denied`,
   * `unreachable`.
   */
  dial(server: KnownServer, way: Way): Promise<Line>;
  /** Runs ssh with the standard streams of this process. Resolves to its exit code. */
  run(
    server: KnownServer,
    way: Way,
    user: string,
    flags: readonly string[],
    words: readonly string[],
  ): Promise<number>;
  /**
   * Shows the files of a pod in a folder; relative ones are of where this process stands.
   *
   * @throws {PeriError} `not-found` without sshfs, `exists` for a folder that is not empty,
   * `unreachable`.
   */
  mount(server: KnownServer, way: Way, pod: string, folder: string): Promise<void>;
  /** Takes a folder off again. @throws {PeriError} `conflict` when it is in use, or is none. */
  unmount(folder: string): Promise<void>;
}

/** What `peri serve` was told on the command line; each stands over environment and file. */
export interface ServeFlags {
  readonly home: string | undefined;
  /** Settings by name, in camel case. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Only explain the configuration. */
  readonly check: boolean;
  readonly json: boolean;
}

/** What a command may use. */
export interface Context {
  readonly streams: Streams;
  readonly env: (name: string) => string | undefined;
  /** Milliseconds since 1970 UTC. */
  nowMs(): number;
  /** The home folder, absolute. @throws {PeriError} `invalid` when the environment names none. */
  readonly home: string;
  /** The folder of the checkout `peri` runs from, absolute. */
  readonly root: string;
  readonly files: Files;
  readonly programs: Programs;
  /** Loads what reads components and WIT texts. */
  inspector(): Promise<Inspector>;
  /** Loads what builds and tries pods. */
  workshop(): Promise<Workshop>;
  /**
   * Loads what signs.
   *
   * @param remembers whether a passphrase that was right is asked only once
   */
  signer(remembers?: boolean): Promise<Signer>;
  /** Loads what works on the person's keys, for `runtime/mod.ts`. */
  keys(source?: PassphraseSource): Promise<KeyTools>;
  /** Loads what reaches servers far away, at addresses that the person has named. Close it. */
  network(): Promise<Transport>;
  /** Loads what installs a service. */
  machine(): Promise<Machine>;
  /** Whether servers elsewhere were met: cheap, for it is asked at every start. */
  hasFar(): Promise<boolean>;
  /** Loads what reaches servers elsewhere. */
  far(): Promise<Far>;
  /**
   * A line to the running server; undefined when none runs. `--on` has it lead elsewhere.
   *
   * @param person whose key comes in elsewhere, if it is here; else the default key
   */
  dial(person?: Fingerprint): Promise<Line | undefined>;
  /** The server elsewhere that commands are for; absent: the one of this home. */
  readonly at?: KnownServer;
  /**
   * A line to the home, opened in this process until the line is closed.
   *
   * @throws {PeriError} `not-found` when there is no periphery in the home yet.
   */
  openHome(): Promise<Line>;
  /** Runs a periphery until a signal ends it. Resolves to the exit code. @throws {PeriError} */
  serve(flags: ServeFlags): Promise<number>;
  /** Calls `listener` at every Ctrl-C instead of ending the process, until the result is called. */
  onInterrupt(listener: () => void): () => void;
  /** Calls `listener` when the terminal has another size, until the result is called. */
  onResize?(listener: () => void): () => void;
}

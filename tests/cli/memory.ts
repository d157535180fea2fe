/**
 * A world in memory for tests of `cli/`: what is printed is kept, and a periphery of given operations
 * answers through the real control session.
 *
 * @module
 */

import type {
  Context,
  Far,
  Inspector,
  PassphraseSource,
  Signer,
  Workshop,
} from "../../cli/context.ts";
import { dispatch } from "../../cli/dispatch.ts";
import type { Line } from "../../cli/session.ts";
import { serveSession } from "../../runtime/gate/control/session.ts";
import type { KeyTools } from "../../runtime/mod.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import type { Transport } from "../../runtime/ports/transport.ts";

/** How a world differs from an empty one without a server. */
export interface World {
  /** What the running server can do; absent: none runs. */
  readonly operations?: Readonly<Record<string, Operation>>;
  /** What the home can do without a server; absent: there is none. */
  readonly home?: Readonly<Record<string, Operation>>;
  /** What is typed or piped in, in pieces. */
  readonly input?: readonly string[];
  readonly terminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Programs on PATH by word. */
  readonly programs?: Readonly<Record<string, (args: readonly string[]) => number>>;
  readonly signer?: Partial<Signer>;
  /** What reaches servers elsewhere; absent: none was met. */
  readonly far?: Far;
  /** What reaches servers at their addresses; absent: nothing does. */
  readonly network?: Transport;
  /** What reads components and WIT texts; absent: it cannot be loaded. */
  readonly inspector?: Inspector;
  /** What builds and tries pods. */
  readonly workshop?: Workshop;
  /** The person's keys; absent: they cannot be reached. */
  readonly keys?: (source: PassphraseSource, context: Context) => KeyTools;
}

/** What a command left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether the terminal was raw, at every change. */
  readonly raw: readonly boolean[];
  /** The largest file that could have been read, at every read. */
  readonly reads: readonly string[];
}

/** Types a command line in a world. */
export async function type(argv: readonly string[], world: World = {}): Promise<Outcome> {
  const { context, outcome } = openWorld(world);
  const code = await dispatch(argv, context);
  return { ...outcome(), code };
}

/** A world, what is left behind in it, the files written there by path, and its Ctrl-C. */
export function openWorld(world: World = {}) {
  const written = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const raw: boolean[] = [];
  const reads: string[] = [];
  const files = new Map<string, Uint8Array>();
  const listeners = new Set<() => void>();
  const terminal = world.terminal ?? false;
  const outOf = (pieces: Uint8Array[]) => ({
    isTerminal: terminal,
    columns: terminal ? 80 : undefined,
    write: (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes.slice())),
  });
  const context: Context = {
    streams: {
      stdin: {
        isTerminal: terminal,
        pieces: inputOf(world.input ?? []),
        setRaw: (on) => void raw.push(on),
      },
      stdout: outOf(written.stdout),
      stderr: outOf(written.stderr),
    },
    env: (name) => world.env?.[name],
    nowMs: () => 0,
    home: "/home/alice/.local/share/peri",
    root: "/checkout",
    files: {
      read: (path, maxBytes) =>
        readMemory({ ...world.files, ...Object.fromEntries(files) }, path, maxBytes, reads),
      exists: (path) => Promise.resolve(Object.hasOwn(world.files ?? {}, path)),
      write: (path, pieces, { isNew }) => {
        if (isNew && Object.hasOwn(world.files ?? {}, path)) return Promise.reject(taken(path));
        files.set(path, new Uint8Array(pieces.flatMap((piece) => [...piece])));
        return Promise.resolve();
      },
    },
    programs: {
      find: (word) => world.programs?.[word] ? `/bin/peri-${word}` : undefined,
      known: Object.keys(world.programs ?? {}),
      words: () => Object.keys(world.programs ?? {}),
      run: (path, args) => Promise.resolve(world.programs![path.slice("/bin/peri-".length)]!(args)),
    },
    inspector: () =>
      world.inspector ? Promise.resolve(world.inspector) : Promise.reject(missing("no inspector")),
    workshop: () =>
      world.workshop ? Promise.resolve(world.workshop) : Promise.reject(missing("no workshop")),
    signer: () => Promise.resolve({ ...noSigner, ...world.signer }),
    network: () =>
      world.network ? Promise.resolve(world.network) : Promise.reject(missing("no network")),
    machine: () => Promise.reject(missing("no machine")),
    keys: (source = {}) =>
      world.keys ? Promise.resolve(world.keys(source, context)) : Promise.reject(missing("no key")),
    hasFar: () => Promise.resolve(world.far !== undefined),
    far: () =>
      world.far ? Promise.resolve(world.far) : Promise.reject(missing("no server was met")),
    dial: () => Promise.resolve(world.operations && dial(world.operations)),
    openHome: () =>
      world.home ? Promise.resolve(dial(world.home)) : Promise.reject(missing("no home")),
    serve: () => Promise.reject(missing("no server")),
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const outcome = () => ({
    stdout: decode(written.stdout),
    stderr: decode(written.stderr),
    raw,
    reads,
  });
  return { context, outcome, files, interrupt: () => listeners.forEach((listener) => listener()) };
}

/** Pieces that are read on where the last reader stopped, as a terminal's are. */
function inputOf(texts: readonly string[]): AsyncIterable<Uint8Array> {
  const left = texts.map(encode);
  return {
    async *[Symbol.asyncIterator]() {
      for (let piece = left.shift(); piece !== undefined; piece = left.shift()) yield piece;
    },
  };
}

/** The client's end of a session with a periphery of some operations. */
export function dial(operations: Readonly<Record<string, Operation>>): Line {
  const up = new TransformStream<Uint8Array, Uint8Array>();
  const down = new TransformStream<Uint8Array, Uint8Array>();
  const [toServer, toClient] = [up.writable.getWriter(), down.writable.getWriter()];
  const quiet = { info() {}, warn() {}, error() {} };
  const desk = {
    operations: new Map(Object.entries(operations)),
    owner: () => undefined,
    log: quiet,
  };
  const server = {
    incoming: up.readable,
    send: (piece: Uint8Array) => toClient.write(piece),
    close: () => void toClient.close().catch(() => {}),
  };
  void serveSession(server, desk, { person: null });
  return {
    incoming: down.readable,
    send: (piece) => toServer.write(piece),
    close: () => toServer.close().catch(() => {}),
  };
}

const noSigner: Signer = {
  chooseKey: () => Promise.reject(missing("no key")),
  parseBehalf: () => {
    throw missing("no behalf");
  },
  signBehalf: () => Promise.reject(missing("no key")),
  signBehalfs: () => Promise.reject(missing("no key")),
};

function missing(subject: string): PeriError {
  return new PeriError("not-found", { op: "do that", subject });
}

function taken(path: string): PeriError {
  return new PeriError("exists", { op: "write file", subject: `${path} is there already` });
}

function readMemory(
  files: Readonly<Record<string, Uint8Array>>,
  path: string,
  maxBytes: number,
  reads: string[],
): Promise<Uint8Array<ArrayBuffer>> {
  reads.push(path);
  const bytes = files[path];
  if (bytes === undefined) return Promise.reject(missing(path));
  if (bytes.length <= maxBytes) return Promise.resolve(bytes.slice());
  return Promise.reject(new PeriError("too-large", { op: "read file", subject: path }));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(pieces: readonly Uint8Array[]): string {
  return new TextDecoder().decode(new Uint8Array(pieces.flatMap((piece) => [...piece])));
}

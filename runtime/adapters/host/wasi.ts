/**
 * WASI 0.2 for pods: the interfaces that guest runtimes import, with nothing behind them but
 * clocks and chance. What a pod writes to its output goes to its log.
 *
 * @module
 */

/** What the stubs need of the host. */
export interface WasiOptions {
  /** Takes one line of standard output or error. */
  line(text: string): void;
}

/** Implementations by interface name without version, as jco asks for them. */
export type WasiImports = Record<string, Record<string, unknown>>;

/** Most random bytes of one call. */
const MAX_RANDOM_BYTES = 65_536n;
/** Most streams and pollables an instance may hold; each takes memory of the host. */
const MAX_RESOURCES = 1_000;
/** Longest line that is put together from pieces. */
const MAX_LINE_BYTES = 16_384;

/** Thrown at a guest that asks to end its process: pods have none. */
class Exit extends Error {}

/** A fresh set of stubs for one instance. */
export function makeWasi({ line }: WasiOptions): WasiImports {
  const { Pollable, InputStream, OutputStream } = makeStreams(line);
  const output = new OutputStream();
  return {
    ...terminals(),
    ...clocks(Pollable),
    ...chance(),
    "wasi:cli/environment": {
      getEnvironment: () => [],
      getArguments: () => [],
      initialCwd: () => undefined,
    },
    "wasi:cli/exit": {
      exit() {
        throw new Exit("it asked to exit");
      },
    },
    "wasi:cli/stdin": { getStdin: () => new InputStream() },
    "wasi:cli/stdout": { getStdout: () => output },
    "wasi:cli/stderr": { getStderr: () => output },
    "wasi:filesystem/preopens": { getDirectories: () => [] },
    "wasi:filesystem/types": {
      Descriptor: class Descriptor {},
      DirectoryEntryStream: class DirectoryEntryStream {},
      filesystemErrorCode: () => undefined,
    },
    "wasi:io/error": { Error: class WasiError {} },
    "wasi:io/poll": {
      Pollable,
      poll: (pollables: readonly unknown[]) => Uint32Array.from(pollables, (_, index) => index),
    },
    "wasi:io/streams": { InputStream, OutputStream },
  };
}

/** Streams and pollables that are always ready; their number is bounded. */
function makeStreams(line: (text: string) => void) {
  let live = 0;
  class Resource {
    constructor() {
      if (++live > MAX_RESOURCES) throw new Error("too many streams");
    }
    [Symbol.dispose]() {
      live--;
    }
  }
  class Pollable extends Resource {
    ready = () => true;
    block() {}
  }
  class InputStream extends Resource {
    read(): Uint8Array {
      throw { tag: "closed" };
    }
    blockingRead(): Uint8Array {
      throw { tag: "closed" };
    }
    subscribe = () => new Pollable();
  }
  class OutputStream extends Resource {
    readonly #decoder = new TextDecoder();
    #line = "";
    checkWrite = () => BigInt(MAX_LINE_BYTES);
    write(bytes: Uint8Array) {
      const text = this.#decoder.decode(bytes.subarray(0, MAX_LINE_BYTES), { stream: true });
      const lines = (this.#line + text).split("\n");
      this.#line = lines.pop()!.slice(0, MAX_LINE_BYTES);
      lines.forEach(line);
    }
    blockingWriteAndFlush(bytes: Uint8Array) {
      this.write(bytes);
    }
    flush() {}
    blockingFlush() {}
    subscribe = () => new Pollable();
  }
  return { Pollable, InputStream, OutputStream };
}

function terminals(): WasiImports {
  return {
    "wasi:cli/terminal-input": { TerminalInput: class TerminalInput {} },
    "wasi:cli/terminal-output": { TerminalOutput: class TerminalOutput {} },
    "wasi:cli/terminal-stdin": { getTerminalStdin: () => undefined },
    "wasi:cli/terminal-stdout": { getTerminalStdout: () => undefined },
    "wasi:cli/terminal-stderr": { getTerminalStderr: () => undefined },
  };
}

function clocks(Pollable: new () => unknown): WasiImports {
  const subscribe = () => new Pollable();
  return {
    "wasi:clocks/monotonic-clock": {
      now: () => BigInt(Math.round(performance.now() * 1e6)),
      resolution: () => 1_000n,
      subscribeDuration: subscribe,
      subscribeInstant: subscribe,
    },
    "wasi:clocks/wall-clock": {
      now() {
        const nowMs = Date.now();
        return {
          seconds: BigInt(Math.floor(nowMs / 1000)),
          nanoseconds: (nowMs % 1000) * 1e6,
        };
      },
      resolution: () => ({ seconds: 0n, nanoseconds: 1_000_000 }),
    },
  };
}

function chance(): WasiImports {
  const bytes = (count: bigint) => {
    if (count > MAX_RANDOM_BYTES) throw new Error("too many random bytes at once");
    return crypto.getRandomValues(new Uint8Array(Number(count)));
  };
  const u64 = () => crypto.getRandomValues(new BigUint64Array(1))[0]!;
  return {
    "wasi:random/random": { getRandomBytes: bytes, getRandomU64: u64 },
    "wasi:random/insecure": { getInsecureRandomBytes: bytes, getInsecureRandomU64: u64 },
    "wasi:random/insecure-seed": { insecureSeed: () => [u64(), u64()] },
  };
}

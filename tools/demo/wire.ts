/**
 * A wire with a window: a process that forwards a TCP port to another and writes down what passes
 * toward the target, to be looked at. `wire.ts <target port> <file>` prints its own port.
 *
 * @module
 */

/** Bytes written down per wire; more passes but is not kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** A running wire. */
export class Wire {
  #offset = 0;

  private constructor(
    private readonly process: Deno.ChildProcess,
    /** The port to connect to. */
    readonly port: number,
    private readonly file: string,
  ) {}

  /** Starts a wire to `target` on a free loopback port. */
  static async open(target: number, file: string): Promise<Wire> {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", import.meta.filename!, String(target), file],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const { value } = await process.stdout.getReader().read();
    return new Wire(process, Number(new TextDecoder().decode(value)), file);
  }

  /** The process id. */
  get pid(): number {
    return this.process.pid;
  }

  /** Everything that passed toward the target since the last call. */
  async take(): Promise<Uint8Array> {
    const all = await Deno.readFile(this.file);
    const fresh = all.subarray(this.#offset);
    this.#offset = all.length;
    return fresh;
  }

  /** Cuts every connection and ends the process. */
  async close(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.status;
  }
}

async function forward(near: Deno.Conn, target: number, file: Deno.FsFile): Promise<void> {
  const far = await Deno.connect({ hostname: "127.0.0.1", port: target }).catch(() => null);
  if (far === null) return near.close();
  const seen = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      if (file.statSync().size < MAX_KEPT_BYTES) file.writeSync(piece);
      controller.enqueue(piece);
    },
  });
  const there = near.readable.pipeThrough(seen).pipeTo(far.writable);
  const back = far.readable.pipeTo(near.writable);
  // Either end may vanish, which is what the demo is about; the other then sees it close.
  await Promise.allSettled([there, back]);
}

async function main(target: number, path: string): Promise<void> {
  const file = await Deno.open(path, { create: true, append: true, write: true });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log(listener.addr.port);
  for await (const near of listener) void forward(near, target, file);
}

if (import.meta.main) await main(Number(Deno.args[0]), Deno.args[1]!);

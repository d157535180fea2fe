/**
 * A server of the bench (`house.ts`), seen from the bench.
 *
 * @module
 */

import { TextLineStream } from "./lines.ts";
import type { Order, Ready } from "./orders.ts";

const script = new URL("house.ts", import.meta.url).pathname;

/** A running server. Closing it ends the process. */
export class Server implements AsyncDisposable {
  readonly ready: Ready;
  readonly pid: number;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #ids = 0;

  private constructor(
    process: Deno.ChildProcess,
    ready: Ready,
    lines: ReadableStreamDefaultReader<string>,
  ) {
    this.#process = process;
    this.pid = process.pid;
    this.ready = ready;
    this.#writer = process.stdin.getWriter();
    void this.#listen(lines);
  }

  /** Starts a server in a folder, which is made; it keeps what was there. */
  static async open(
    folder: string,
    name: string,
    pods = 1,
    placing: "together" | "apart" = "together",
  ): Promise<Server> {
    Deno.mkdirSync(folder, { recursive: true });
    const flags = Deno.env.get("PERI_BENCH_DENO_FLAGS")?.split(" ") ?? [];
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...flags, script, folder, name, String(pods), placing],
      stdin: "piped",
      stdout: "piped",
      stderr: Deno.env.has("PERI_BENCH_LOG") ? "inherit" : "null",
    }).spawn();
    const lines = process.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
    const { value, done } = await lines.read();
    if (done) throw new Error(`${name} did not start; PERI_BENCH_LOG=1 shows why`);
    return new Server(process, JSON.parse(value) as Ready, lines);
  }

  /** Gives an order; resolves when it is done. */
  async order<Value>(order: Order): Promise<Value> {
    const id = ++this.#ids;
    const answer = Promise.withResolvers<unknown>();
    this.#asked.set(id, answer);
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify({ id, order })}\n`));
    return await answer.promise as Value;
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#process.status;
  }

  async #listen(lines: ReadableStreamDefaultReader<string>): Promise<void> {
    for (;;) {
      const { value, done } = await lines.read();
      if (done) break;
      const { id, value: said, error } = JSON.parse(value);
      const answer = this.#asked.get(id);
      this.#asked.delete(id);
      if (error === undefined) answer?.resolve(said);
      else answer?.reject(new Error(error));
    }
    for (const { reject } of this.#asked.values()) reject(new Error("the server has ended"));
  }
}

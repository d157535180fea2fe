/**
 * Two servers of Fedify (`fedify.js`), seen from the bench.
 *
 * @module
 */

import { TextLineStream } from "../boxes/lines.ts";
import { tempFolder } from "../floor/process.ts";

const script = new URL("fedify.js", import.meta.url).pathname;

/** Two servers, of which the first sends. */
export interface FedifyPair extends AsyncDisposable {
  /** Microseconds per activity until the other server has handled all of them. */
  oneWay(count: number, bytes: number): Promise<number>;
}

interface Server extends AsyncDisposable {
  readonly url: string;
  order(order: unknown): Promise<void>;
}

/** Opens two servers. @throws {Error} when Fedify cannot be loaded here; its message says why. */
export async function openFedify(): Promise<FedifyPair> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = stack.use(tempFolder());
    const alice = stack.use(await openServer(`${folder.path}/alice`));
    const bob = stack.use(await openServer(`${folder.path}/bob`));
    return {
      async oneWay(count, bytes) {
        const startMs = performance.now();
        const handled = bob.order({ handled: count });
        await alice.order({ send: count, to: bob.url, bytes });
        await handled;
        return (performance.now() - startMs) * 1000 / count;
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function openServer(folder: string): Promise<Server> {
  Deno.mkdirSync(folder);
  const flags = ["--no-config", "--no-lock", "--unstable-kv", "--unstable-temporal", "--quiet"];
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, script, folder],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complaint = new Response(process.stderr).text();
  const lines = process.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const writer = process.stdin.getWriter();
  const first = await lines.read();
  if (first.done) throw new Error((await complaint).trim().split("\n")[0]);
  return {
    url: (JSON.parse(first.value) as { url: string }).url,
    async order(order) {
      await writer.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`));
      const { value, done } = await lines.read();
      const said = done ? { error: "it has ended" } : JSON.parse(value) as { error?: string };
      if (said.error !== undefined) throw new Error(said.error);
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.status;
      await complaint;
    },
  };
}

/**
 * A process with instances of a pod, without any host. Arguments: the component, a folder, how many.
 * `fresh` before them: the component is transpiled first. It says `ready`, then waits for lines: an
 * empty one loads the instances, any other is a call of the first; each is answered by a line.
 *
 * @module
 */

import { TextLineStream } from "../boxes/lines.ts";
import { callOf } from "./event.ts";
import { loadRaw, type RawPod, transpileRaw } from "./raw.ts";

const args = [...Deno.args];
const isFresh = args[0] === "fresh" && args.shift() !== undefined;
const [component, folder, count] = args;
const pods: RawPod[] = [];

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

async function load(): Promise<void> {
  if (isFresh) await transpileRaw(Deno.readFileSync(component!), folder!);
  const join = await loadRaw(folder!);
  while (pods.length < Number(count)) pods.push(await join());
  for (const [at, pod] of pods.entries()) await pod.call(callOf(at + 1, "noop"));
}

say("ready");
let calls = 0;
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
for await (const line of lines.pipeThrough(new TextLineStream())) {
  if (line === "") await load();
  else await pods[0]!.call(callOf(1_000 + ++calls, "noop"));
  say("done");
}

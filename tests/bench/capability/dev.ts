/**
 * `peri pod dev` as an author runs it.
 *
 * @module
 */

/** A pod that is being developed; ended when it is disposed of. */
export interface Dev extends AsyncDisposable {
  /** Saves another text of the class; milliseconds until its pod is reloaded. */
  save(): Promise<number>;
}

/** Starts it and waits until the pod is installed. */
export async function openDev(
  peri: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Dev> {
  const child = new Deno.Command(peri, {
    args: ["pod", "dev", folder, "--yes"],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const pieces = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const until = async (text: string) => {
    for (let seen = ""; !seen.includes(text);) {
      const { done, value } = await pieces.read();
      if (done) throw new Error(`peri pod dev ended before it said ${text}`);
      seen += value;
    }
  };
  await until("Ctrl-C ends");
  const path = `${folder}/pod.ts`;
  const text = await Deno.readTextFile(path);
  let saves = 0;
  return {
    async save() {
      const startMs = performance.now();
      await Deno.writeTextFile(path, text.replace("Gives it", `Save ${++saves}: gives it`));
      await until("reloaded in");
      return performance.now() - startMs;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await pieces.cancel();
      await child.status;
    },
  };
}

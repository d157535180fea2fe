/**
 * Runs the running Deno once more, showing and keeping what it prints.
 *
 * @module
 */

/** What a run printed (both streams, no colours) and how it ended; 124 when it was out of time. */
export interface Ran {
  readonly output: string;
  readonly exitCode: number;
}

/** How to run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Names of variables that the run must not see. */
  readonly without?: readonly string[];
  readonly timeoutMs: number;
  /** Takes each piece as it comes; nothing is shown without it. */
  readonly show?: (piece: string) => void;
}

/** Runs `deno` with these arguments, without standard input. */
export async function runDeno(args: readonly string[], options: RunOptions): Promise<Ran> {
  const env = Object.fromEntries(
    Object.entries({ ...Deno.env.toObject(), NO_COLOR: "1", ...options.env })
      .filter(([name]) => !options.without?.includes(name)),
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, options.timeoutMs);
  const pieces: string[] = [];
  const keep = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      pieces.push(piece);
      options.show?.(piece);
    }
  };
  const [status] = await Promise.all([child.status, keep(child.stdout), keep(child.stderr)]);
  clearTimeout(timer);
  return { output: pieces.join(""), exitCode: isLate ? 124 : status.code };
}

/**
 * Where a story plays: a home of its own for every person, programs that run on behind, and
 * nothing left when it is over.
 *
 * @module
 */

/** What a program printed (both streams, in order) and how it ended. */
export interface Outcome {
  readonly output: string;
  readonly exitCode: number;
}

/** A program that runs on while the story goes on. */
export interface Background {
  /** What it printed so far. */
  output(): string;
  /** Resolves when it has ended, with its exit code (128 + signal when it was killed). */
  readonly ended: Promise<number>;
  signal(name: Deno.Signal): void;
}

/** Longest time a command may take. */
const COMMAND_MS = 180_000;
/** Time a program has to end after SIGTERM when the story is over. */
const END_MS = 6_000;

/** People with homes of their own. Close it when the story is over. */
export class Stage implements AsyncDisposable {
  readonly #root: string;
  readonly #running = new Set<Background>();
  readonly #homes = new Set<string>();

  /**
   * @param programs a folder that stands first on PATH
   * @param env further variables for everybody
   * @param furnish puts something into the home of who appears
   */
  constructor(
    private readonly programs: string,
    private readonly env: Readonly<Record<string, string>> = {},
    private readonly furnish: (home: string) => void = () => {},
  ) {
    // Short, because the path of a Unix socket may have 107 bytes.
    this.#root = Deno.makeTempDirSync({ dir: "/tmp", prefix: "walk-" });
  }

  /** The home folder of a person, made when it is first asked for. */
  home(person: string): string {
    const path = `${this.#root}/${person}`;
    if (!this.#homes.has(path)) {
      this.#homes.add(path);
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
      this.furnish(path);
    }
    return path;
  }

  /** Runs a command of a person to its end. */
  async run(
    person: string,
    command: string,
    variables: ReadonlyMap<string, string>,
  ): Promise<Outcome> {
    const program = this.start(person, command, variables);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      program.signal("SIGKILL");
    }, COMMAND_MS);
    const exitCode = await program.ended;
    clearTimeout(timer);
    const late = isLate ? `\n(ended after ${COMMAND_MS / 1000} s)` : "";
    return { output: program.output() + late, exitCode };
  }

  /** Starts a command of a person and lets it run. */
  start(
    person: string,
    command: string,
    variables: ReadonlyMap<string, string>,
  ): Background {
    const home = this.home(person);
    const child = new Deno.Command("bash", {
      args: ["-c", `exec 2>&1; ${command}`],
      cwd: home,
      clearEnv: true,
      env: { ...this.#variables(home), ...Object.fromEntries(variables) },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const pieces: string[] = [];
    const read = (async () => {
      for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
        pieces.push(piece);
      }
    })();
    const background: Background = {
      output: () => pieces.join("").replaceAll(home, "~"),
      // Children that live on may keep the stream open, so it is not waited for for ever.
      ended: child.status.then(async ({ code }) => {
        await isWithin(read, 500);
        this.#running.delete(background);
        return code;
      }),
      signal: (name) => child.kill(name),
    };
    this.#running.add(background);
    return background;
  }

  #variables(home: string): Record<string, string> {
    return {
      ...this.env,
      HOME: home,
      LANG: "C.UTF-8",
      TZ: "UTC",
      NO_COLOR: "1",
      PATH: `${this.programs}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map(endProgram));
    await Deno.remove(this.#root, { recursive: true });
  }
}

/** Waits; for tests only. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Whether a promise resolves in time; leaves no timer behind. */
async function isWithin(promise: Promise<unknown>, delayMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), delayMs);
  const isInTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}

async function endProgram(program: Background): Promise<void> {
  const signal = (name: Deno.Signal) => {
    try {
      program.signal(name);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  signal("SIGTERM");
  if (await isWithin(program.ended, END_MS)) return;
  signal("SIGKILL");
  await program.ended;
}

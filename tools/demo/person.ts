/**
 * A person of the demo: a home, a server and what they type.
 *
 * @module
 */

import { join } from "node:path";

/** How a typed command ended. */
export interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a demo lives and how it speaks. */
export interface Scene {
  readonly folder: string;
  /** The `peri` launcher. */
  readonly peri: string;
  /** Prints one line. */
  readonly say: (line: string) => void;
}

/** A server that runs, and what has to end with it. */
interface Serving {
  readonly process: Deno.ChildProcess;
  /** Resolves when everything it said is read. */
  readonly heard: Promise<unknown>;
}

/** A person with a home of their own, below the scene's folder. */
export class Person {
  readonly home: string;
  readonly passphraseFile: string;
  /** What the servers of this person said on standard error. */
  readonly log: string;
  #serving: Serving | undefined;

  constructor(readonly name: string, readonly scene: Scene) {
    this.home = join(scene.folder, name);
    this.passphraseFile = join(scene.folder, `${name}.passphrase`);
    this.log = join(scene.folder, `${name}.log`);
    Deno.mkdirSync(this.home, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(this.passphraseFile, `${crypto.randomUUID()}\n`, { mode: 0o600 });
  }

  /** The environment of everything this person starts. */
  get env(): Record<string, string> {
    return {
      ...Deno.env.toObject(),
      PERI_HOME: this.home,
      PERI_PASSPHRASE_FILE: this.passphraseFile,
      PERI_ALLOW_PRIVATE: "127.0.0.0/8",
      NO_COLOR: "1",
    };
  }

  /** Types a command without showing it. */
  run(args: readonly string[]): Promise<Typed> {
    return this.#end(this.scene.peri, args);
  }

  /**
   * Starts a command with pipes.
   *
   * @param before typed in the same shell first, for example `ulimit -n 64`
   */
  start(args: readonly string[], before = ""): Deno.ChildProcess {
    const [program, words] = before === ""
      ? [this.scene.peri, args]
      : ["sh", ["-c", `${before}; exec "$0" "$@"`, this.scene.peri, ...args]];
    return new Deno.Command(program, {
      args: [...words],
      env: this.env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async #end(program: string, args: readonly string[]): Promise<Typed> {
    const command = new Deno.Command(program, {
      args: [...args],
      env: this.env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const { code, stdout, stderr } = await command.output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  }

  /** Types a command, shows it with its output, and insists that it succeeds. */
  async types(...args: readonly string[]): Promise<string> {
    const shown = args.map((arg) => /^[\w@%+=:,./-]+$/.test(arg) ? arg : JSON.stringify(arg));
    this.scene.say(`${this.name}$ peri ${shown.join(" ")}`);
    // One stream, as a terminal would show it.
    const joined = ["-c", 'exec "$0" "$@" 2>&1', this.scene.peri, ...args];
    const { code, stdout } = await this.#end("sh", joined);
    for (const line of stdout.trimEnd().split("\n")) this.scene.say(`  ${line}`);
    if (code !== 0) {
      throw new Error(`${this.name}: peri ${shown.join(" ")} ended with ${code}: ${stdout}`);
    }
    return stdout;
  }

  /** Records of a `--json` command. */
  async records<Row>(...args: readonly string[]): Promise<Row[]> {
    const { code, stdout, stderr } = await this.run([...args, "--json"]);
    if (code !== 0) throw new Error(`${this.name}: peri ${args.join(" ")}: ${stderr}`);
    return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /**
   * Starts `peri serve` and waits for its ready line. It listens at the address of its URL.
   *
   * @param before as for {@link Person.start}
   */
  async serve(port: number, url: string, before = ""): Promise<void> {
    const args = ["serve", "--listen", `${new URL(url).hostname}:${port}`, "--url", url];
    this.scene.say(`${this.name}$ peri ${args.join(" ")} &`);
    // Its log goes to the file by itself: however busy this process is, it is there at once.
    const process = this.start(args, `exec 2>>'${this.log}'${before && `; ${before}`}`);
    await process.stdin.close();
    const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const line = await firstLine(lines);
    const heard = Promise.all([process.stderr.cancel(), drain(lines)]);
    if (line === undefined) {
      await heard;
      throw new Error(`the server ended before it was ready:\n${Deno.readTextFileSync(this.log)}`);
    }
    this.#serving = { process, heard };
    this.scene.say(`  ${line}`);
  }

  /** The process id of the running server. */
  get pid(): number | undefined {
    return this.#serving?.process.pid;
  }

  /** Ends the server by a signal and waits until it is gone. */
  async stop(signal: Deno.Signal): Promise<number> {
    const serving = this.#serving;
    this.#serving = undefined;
    if (serving === undefined) return 0;
    try {
      serving.process.kill(signal);
    } catch {
      // it is gone already
    }
    const { code } = await serving.process.status;
    await serving.heard;
    return code;
  }

  /** Lets the server live on after the demo. */
  release(): void {
    this.#serving?.process.unref();
    this.#serving = undefined;
  }
}

/** Undefined when all ends before there is one. */
async function firstLine(lines: ReadableStreamDefaultReader<string>): Promise<string | undefined> {
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await lines.read();
    if (done) return undefined;
    text += value;
  }
  return text.slice(0, text.indexOf("\n"));
}

async function drain(lines: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await lines.read().catch(() => ({ done: true }))).done);
}

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

/** A person with a home of their own, below the scene's folder. */
export class Person {
  readonly home: string;
  readonly passphraseFile: string;
  #server: Deno.ChildProcess | undefined;

  constructor(readonly name: string, readonly scene: Scene) {
    this.home = join(scene.folder, name);
    this.passphraseFile = join(scene.folder, `${name}.passphrase`);
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
    return this.#start(this.scene.peri, args);
  }

  async #start(program: string, args: readonly string[]): Promise<Typed> {
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
    const { code, stdout } = await this.#start("sh", joined);
    for (const line of stdout.trimEnd().split("\n")) this.scene.say(`  ${line}`);
    if (code !== 0) throw new Error(`${this.name}: peri ${shown.join(" ")} ended with ${code}`);
    return stdout;
  }

  /** Records of a `--json` command. */
  async records<Row>(...args: readonly string[]): Promise<Row[]> {
    const { code, stdout, stderr } = await this.run([...args, "--json"]);
    if (code !== 0) throw new Error(`${this.name}: peri ${args.join(" ")}: ${stderr}`);
    return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /** Starts `peri serve` and waits for its ready line. */
  async serve(port: number, url: string): Promise<void> {
    const args = ["serve", "--listen", `127.0.0.1:${port}`, "--url", url];
    this.scene.say(`${this.name}$ peri ${args.join(" ")} &`);
    this.#server = new Deno.Command(this.scene.peri, {
      args,
      env: this.env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.scene.say(
      `  ${await firstLine(this.#server, join(this.scene.folder, `${this.name}.log`))}`,
    );
  }

  /** The process id of the running server. */
  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** Ends the server by a signal and waits until it is gone. */
  async stop(signal: Deno.Signal): Promise<number> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return 0;
    try {
      server.kill(signal);
    } catch {
      // it is gone already
    }
    return (await server.status).code;
  }

  /** Lets the server live on after the demo. */
  release(): void {
    this.#server?.unref();
    this.#server = undefined;
  }
}

async function firstLine(server: Deno.ChildProcess, log: string): Promise<string> {
  const file = await Deno.open(log, { write: true, create: true, append: true });
  void server.stderr.pipeTo(file.writable).catch(() => {});
  const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) {
      throw new Error(`the server ended before it was ready:\n${Deno.readTextFileSync(log)}`);
    }
    text += value;
  }
  void drain(reader);
  return text.slice(0, text.indexOf("\n"));
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read().catch(() => ({ done: true }))).done);
}

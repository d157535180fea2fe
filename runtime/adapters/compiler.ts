/**
 * From component to program: checks what a component says of itself, transpiles it in a disposable
 * process (`jco/main.ts`) and remembers the result on disk.
 *
 * @module
 */

import { join } from "node:path";
import { type Bytes, concatBytes, equalBytes, formatHex, sha256 } from "../model/bytes.ts";
import { type Cbor, decodeCbor } from "../model/cbor.ts";
import { errorFromRecord, PeriError } from "../model/errors.ts";
import { MAX_COMPONENT_BYTES } from "../model/limits.ts";
import type { Manifest, PodProgram } from "../model/pod.ts";
import type { BlobId } from "../model/words.ts";
import type { Log } from "../ports/log.ts";
import type { Compiler } from "../ports/sandbox.ts";
import { type Child, denoDir, killChild, readComplaint, spawnChild } from "./child.ts";
import { refuseComponent } from "./jco/binary.ts";
import { readComponent } from "./jco/component.ts";
import { inspectComponent } from "./jco/inspect.ts";
import { COMPILER_VERSION } from "./jco/version.ts";
import { checkWorld } from "./jco/world.ts";

/** How to open a compiler. */
export interface CompilerOptions {
  /** Folder for programs; made when missing. Removing it costs time and nothing else. */
  readonly cacheDir: string;
  /** The `deno` program. Default: the one that runs this process. */
  readonly denoPath?: string;
  readonly log?: Log;
}

/** Longest program: a component grows by its guards and the script. */
const MAX_PROGRAM_BYTES = 2 * MAX_COMPONENT_BYTES + 16 * 1024 * 1024;
/** Time for one component. A QuickJS pod takes half a second on a busy machine. */
const COMPILE_MS = 60_000;
const HEAP_MIB = 2_048;
/**
 * The process does one thing once: what V8 would spend on making jco's WebAssembly fast takes longer
 * than all the rest of it.
 */
const V8_FLAGS = ["--liftoff-only"];
const HASH_BYTES = 32;

/** A compiler that can be ended. */
export interface OpenCompiler extends Compiler {
  /**
   * Gives up what is being compiled (`busy`) and takes nothing new; resolves when no process is
   * left. Without work there is nothing to close. Repeating it changes nothing.
   */
  close(): Promise<void>;
}

/** A compiler. The caller closes it while it works on something. */
export function openCompiler(options: CompilerOptions): OpenCompiler {
  return new JcoCompiler(options);
}

class JcoCompiler implements OpenCompiler {
  readonly #options: CompilerOptions;
  readonly #running = new Map<BlobId, Promise<PodProgram>>();
  readonly #children = new Set<Child>();
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: CompilerOptions) {
    this.#options = options;
  }

  // deno-lint-ignore require-await -- the port is asynchronous; errors must be rejections
  async inspect(component: Uint8Array): Promise<Manifest> {
    return inspectComponent(component);
  }

  async compile(component: Uint8Array): Promise<PodProgram> {
    checkWorld(readComponent(component));
    const id = formatHex(sha256(component)) as BlobId;
    const running = this.#running.get(id);
    if (running !== undefined) return await running;
    const program = this.#load(id).then((found) => found ?? this.#make(id, component));
    this.#running.set(id, program);
    try {
      return await program;
    } finally {
      this.#running.delete(id);
    }
  }

  async recall(component: BlobId): Promise<PodProgram | undefined> {
    return await this.#load(component);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#children.forEach(killChild);
    await Promise.allSettled(this.#running.values());
  }

  async #load(id: BlobId): Promise<PodProgram | undefined> {
    const path = this.#path(id);
    try {
      if ((await Deno.stat(path)).size > MAX_PROGRAM_BYTES) return undefined;
      const file = await Deno.readFile(path);
      try {
        return openProgram(id, file);
      } finally {
        // What is read is a copy; V8 would see these megabytes late.
        file.buffer.transfer(0);
      }
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) {
        this.#options.log?.warn("program in cache not readable", { path, reason: String(cause) });
      }
      return undefined;
    }
  }

  /** One component after the other: each takes a core and some hundred megabytes. */
  async #make(id: BlobId, component: Uint8Array): Promise<PodProgram> {
    const made = this.#last.then(() => this.#run(component));
    this.#last = made.catch(() => undefined);
    const content = await made;
    const program = readProgram(id, content);
    await this.#keep(id, content);
    return program;
  }

  async #run(component: Uint8Array): Promise<Bytes> {
    if (this.#isClosed) throw refuseClosed();
    const child = spawnChild({
      script: new URL("./jco/main.ts", import.meta.url),
      // jco reads its own WebAssembly from there; the shims it imports read the environment.
      allow: [`--allow-read=${join(denoDir(), "npm")}`, "--allow-env"],
      heapMib: HEAP_MIB,
      v8Flags: V8_FLAGS,
      ...(this.#options.denoPath === undefined ? {} : { denoPath: this.#options.denoPath }),
    });
    this.#children.add(child);
    const complaint = readComplaint(child);
    const timer = setTimeout(() => killChild(child), COMPILE_MS);
    try {
      const [output] = await Promise.all([readOutput(child), feed(child, component)]);
      const { success, signal } = await child.status;
      if (success) return output;
      if (this.#isClosed) throw refuseClosed();
      throw refuseEnd(signal, await complaint);
    } finally {
      clearTimeout(timer);
      killChild(child);
      await Promise.all([child.status, complaint]);
      this.#children.delete(child);
    }
  }

  async #keep(id: BlobId, content: Bytes): Promise<void> {
    const path = this.#path(id);
    const draft = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      await Deno.mkdir(this.#options.cacheDir, { recursive: true, mode: 0o700 });
      await Deno.writeFile(draft, concatBytes([sha256(content), content]), { mode: 0o600 });
      await Deno.rename(draft, path);
    } catch (cause) {
      this.#options.log?.warn("program not kept", { path, reason: String(cause) });
      await Deno.remove(draft).catch(() => undefined);
    }
  }

  #path(id: BlobId): string {
    return join(this.#options.cacheDir, `${id}.${COMPILER_VERSION}`);
  }
}

/** The process answers with an error of its own whenever it runs at all. */
function refuseEnd(signal: string | null, complaint: string): PeriError {
  const cause = new Error(complaint);
  if (signal !== null) return refuseComponent("it takes too long or too much memory", cause);
  return new PeriError("internal", {
    op: "compile component",
    subject: `the compiler does not start: ${complaint.split("\n")[0]!.slice(0, 300)}`,
    hint: "deno install, in the folder of peri, fetches what it needs",
    cause,
  });
}

/** Nothing is wrong with the component, so nobody is to be blamed. */
function refuseClosed(): PeriError {
  return new PeriError("busy", {
    op: "compile component",
    subject: "peri is ending",
    hint: "try again when it runs",
  });
}

async function feed(child: Child, component: Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(component);
    await writer.close();
  } catch {
    // It has ended before it read everything; its status and output tell why.
  }
}

async function readOutput(child: Child): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of child.stdout) {
    parts.push(part);
    size += part.length;
    if (size > MAX_PROGRAM_BYTES) throw refuseComponent("its program is too large");
  }
  return concatBytes(parts);
}

/** A program from the cache: SHA-256 of the content, content. */
function openProgram(id: BlobId, file: Uint8Array): PodProgram {
  const content = file.subarray(HASH_BYTES);
  if (!equalBytes(sha256(content), file.subarray(0, HASH_BYTES))) {
    throw new PeriError("damaged", { op: "read program", subject: id });
  }
  return readProgram(id, content);
}

function readProgram(id: BlobId, content: Uint8Array): PodProgram {
  const value = decodeCbor(content, MAX_PROGRAM_BYTES, "program") as { [key: string]: Cbor };
  if (value.error !== undefined) throw errorFromRecord(value.error);
  const modules = new Map<string, Uint8Array>();
  for (const [name, bytes] of Object.entries(value.modules ?? {})) {
    if (bytes instanceof Uint8Array) modules.set(name, bytes);
  }
  if (typeof value.script !== "string") throw refuseComponent("its program has no script");
  return { component: id, script: value.script, modules };
}

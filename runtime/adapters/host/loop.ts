/**
 * The pod host: takes messages, keeps scripts and modules, runs one guest at a time.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { PodOutput } from "../../model/pod.ts";
import type { ProgramScript } from "./guest.ts";
import { Pod } from "./pod.ts";
import { type FromHost, MAX_LINE, type ToHost } from "./protocol.ts";
import { Queue } from "./queue.ts";
import { collectGarbage, Tidy } from "./tidy.ts";
import { Watchdog } from "./watchdog.ts";

/** Writes a frame of messages. */
export type Send = (messages: readonly FromHost[]) => void;

/** Messages from outside are read at least this often while guests run. */
const BREATH_MS = 8;
/** A finished slice's outputs wait at most this long for those of the next. */
const LINGER_MS = 1;

/** All pods of one host process. */
export class Host {
  readonly #send: Send;
  readonly #watchdog = new Watchdog();
  readonly #pods = new Map<number, Pod>();
  /** Memory of each pod as the periphery knows it. */
  readonly #told = new Map<number, number>();
  readonly #scripts = new Map<string, Promise<ProgramScript>>();
  readonly #modules = new Map<string, Promise<WebAssembly.Module>>();
  readonly #ready = new Queue<Pod>();
  readonly #tidy = new Tidy({ isBusy: () => this.#isRunning, collect: collectGarbage });
  #isRunning = false;
  #unsent: FromHost[] = [];
  #flushedMs = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Handles one message; what takes time happens later and in order. */
  take(message: ToHost): void {
    switch (message.kind) {
      case "script":
        this.#scripts.set(message.hash, loadScript(message.text));
        break;
      case "module":
        this.#modules.set(message.hash, WebAssembly.compile(message.bytes as BufferSource));
        break;
      case "forget":
        for (const hash of message.hashes) {
          this.#scripts.delete(hash);
          this.#modules.delete(hash);
        }
        break;
      case "start":
        void this.#start(message);
        break;
      case "events":
        this.#push(message);
        break;
      case "stop":
        this.#stop(message.pod);
        break;
      case "ping":
        this.#send([{ kind: "pong", count: message.count, grown: this.#grown() }]);
    }
  }

  /** Memories never shrink, so most pods have nothing to tell. */
  #grown(): { pod: number; memoryBytes: number }[] {
    const grown: { pod: number; memoryBytes: number }[] = [];
    for (const [pod, { memoryBytes, isStarted }] of this.#pods) {
      if (!isStarted || memoryBytes === this.#told.get(pod)) continue;
      this.#told.set(pod, memoryBytes);
      grown.push({ pod, memoryBytes });
    }
    return grown;
  }

  async #start(message: ToHost & { kind: "start" }): Promise<void> {
    const { pod: id, memoryBytes, sliceMs, recalls, group } = message;
    try {
      const script = await demand(this.#scripts, message.script);
      const modules = new Map<string, WebAssembly.Module>();
      for (const [name, hash] of Object.entries(message.modules)) {
        modules.set(name, await demand(this.#modules, hash));
      }
      const watchdog = this.#watchdog;
      const strayed = (pod: Pod) => {
        this.#reportNow(pod);
        this.#wake(pod);
      };
      const finished = (pod: Pod) => this.#report(pod, false);
      const budget = { memoryBytes, sliceMs, recalls, group, watchdog };
      const pod = new Pod({ id, script, modules, ...budget, finished, strayed });
      this.#pods.set(id, pod);
      this.#wake(pod);
    } catch (thrown) {
      const note = `does not start: ${thrown instanceof Error ? thrown.message : thrown}`;
      this.#send([{ kind: "ended", pod: id, end: "trap", note: note.slice(0, MAX_LINE) }]);
    }
  }

  #push(message: ToHost & { kind: "events" }): void {
    const pod = this.#pods.get(message.pod);
    if (pod === undefined) return;
    pod.push(message.events);
    this.#wake(pod);
  }

  #stop(id: number): void {
    const pod = this.#pods.get(id);
    if (pod === undefined) return;
    pod.finish("stopped", "");
    this.#reportNow(pod);
  }

  #wake(pod: Pod): void {
    if (pod.isReady) this.#ready.add(pod);
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** One slice after the other. A pod with more to do goes to the end of its person's queue. */
  async #run(): Promise<void> {
    let breathed = this.#flushedMs = performance.now();
    let nowMs = breathed;
    for (let pod = this.#ready.next(); pod !== undefined; pod = this.#ready.next()) {
      const isFirst = !pod.isStarted;
      await pod.turn();
      this.#report(pod, isFirst);
      const beganMs = nowMs;
      nowMs = performance.now();
      this.#ready.spent(pod, nowMs - beganMs);
      if (pod.isReady) this.#ready.add(pod);
      if (nowMs - breathed > BREATH_MS) {
        await breathe();
        breathed = nowMs = performance.now();
      }
    }
    this.#isRunning = false;
    this.#flush();
  }

  #report(pod: Pod, isFirst: boolean): void {
    const outputs: PodOutput[] = pod.takeOutputs();
    const { ending } = pod;
    if (isFirst && ending === undefined) this.#begin(pod);
    if (outputs.length > 0) this.#unsent.push({ kind: "outputs", pod: pod.id, outputs });
    if (ending !== undefined && this.#pods.delete(pod.id)) {
      this.#told.delete(pod.id);
      this.#unsent.push({ kind: "ended", pod: pod.id, ...ending });
      this.#tidy.ended();
    }
    if (performance.now() - this.#flushedMs > LINGER_MS) this.#flush();
  }

  #begin({ id: pod, memoryBytes }: Pod): void {
    this.#told.set(pod, memoryBytes);
    this.#unsent.push({ kind: "started", pod, memoryBytes });
  }

  #reportNow(pod: Pod): void {
    this.#report(pod, false);
    this.#flush();
  }

  #flush(): void {
    this.#flushedMs = performance.now();
    if (this.#unsent.length === 0) return;
    const messages = this.#unsent;
    this.#unsent = [];
    this.#send(messages);
  }
}

/** The script comes as text and a host may read no files: it is imported from memory. */
async function loadScript(text: string): Promise<ProgramScript> {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(url) as ProgramScript;
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function demand<Value>(from: Map<string, Promise<Value>>, hash: string): Promise<Value> {
  const value = from.get(hash);
  if (value === undefined) throw new Error(`nothing has the hash ${hash}`);
  return await value;
}

/** Lets messages from outside in. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * The least that carrying messages can be, measured in the same moment: HTTP and disk without
 * OpenPGP, and OpenPGP without anything else.
 *
 * @module
 */

import { tempFolder } from "../floor/process.ts";
import { quantile } from "../../../tools/bench/row.ts";

const floor = (name: string) => new URL(`../floor/${name}.ts`, import.meta.url).href;

/** Two processes: what is posted to `url` is on the disk of both when it is answered. */
export async function openRelays(): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = tempFolder();
  const processes: Deno.ChildProcess[] = [];
  const start = async (...args: string[]) => {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", floor("relay"), ...args],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    processes.push(process);
    const reader = process.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return new TextDecoder().decode(value).trim();
  };
  const last = await start(`${folder.path}/last`);
  const url = await start(`${folder.path}/first`, last);
  return {
    url,
    async [Symbol.asyncDispose]() {
      for (const process of processes) process.kill("SIGKILL");
      await Promise.all(processes.map(({ status }) => status));
      folder[Symbol.dispose]();
    },
  };
}

async function relay(url: string, body: string): Promise<number> {
  const startMs = performance.now();
  const reply = await fetch(url, { method: "POST", body });
  await reply.arrayBuffer();
  return performance.now() - startMs;
}

/** Microseconds a message takes with `width` in flight. */
export async function relayMany(url: string, count: number, width: number, bytes: number) {
  const body = "x".repeat(bytes);
  const startMs = performance.now();
  let left = count;
  const fly = async () => {
    while (left-- > 0) await relay(url, body);
  };
  await Promise.all(Array.from({ length: width }, fly));
  return (performance.now() - startMs) * 1000 / count;
}

/** The quantile `part` of what messages take at a fixed rate, in ms. */
export async function relayAtRate(
  url: string,
  { count, perSecond, bytes, part }: {
    readonly count: number;
    readonly perSecond: number;
    readonly bytes: number;
    readonly part: number;
  },
): Promise<number> {
  const body = "x".repeat(bytes);
  const startMs = performance.now();
  const took: Promise<number>[] = [];
  for (let at = 0; at < count; at++) {
    const waitMs = startMs + at * 1000 / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    took.push(relay(url, body));
  }
  return quantile(await Promise.all(took), part);
}

/** Microseconds a message takes when OpenPGP is all there is, on all cores. */
export async function cryptoAlone(count: number, bytes: number): Promise<number> {
  const threads = navigator.hardwareConcurrency;
  const each = Math.ceil(count / threads);
  const tookMs = await Promise.all(
    Array.from({ length: threads }, () => cryptoThread(each, bytes)),
  );
  return Math.max(...tookMs) * 1000 / (each * threads);
}

/** Milliseconds of sealing, opening and verifying messages one after the other. */
export function cryptoThread(count: number, bytes: number): Promise<number> {
  const worker = new Worker(floor("crypto"), { type: "module" });
  return new Promise<number>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ count, bytes });
  }).finally(() => worker.terminate());
}

/** Milliseconds of writing a message to disk (fsync), so many times, one after the other. */
export async function syncMany(count: number, bytes: number): Promise<number> {
  using folder = tempFolder();
  using file = await Deno.open(`${folder.path}/log`, { create: true, append: true });
  const content = new Uint8Array(bytes);
  const startMs = performance.now();
  for (let at = 0; at < count; at++) {
    await file.write(content);
    await file.syncData();
  }
  return performance.now() - startMs;
}

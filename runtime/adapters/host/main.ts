/**
 * Entry of a pod host: frames of messages on standard input and output. It runs without any
 * permission and ends with its standard input, so it never outlives its periphery.
 *
 * @module
 */

import type { Cbor } from "../../model/cbor.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import { Host } from "./loop.ts";
import { type FromHost, hasBytes, MAX_TO_HOST_BYTES, type ToHost } from "./protocol.ts";

const READ_BYTES = 256 * 1024;

function send(messages: readonly FromHost[]): void {
  const frame = encodeFrame(messages as unknown as Cbor[], messages.some(hasBytes));
  for (let sent = 0; sent < frame.length;) sent += Deno.stdout.writeSync(frame.subarray(sent));
}

/** Standard output is for frames: what jco's script may have to say must not get between them. */
function silenceConsole(): void {
  for (const name of ["log", "debug", "info", "warn", "error", "trace"] as const) {
    console[name] = () => {};
  }
}

/** Guests that have ended may leave promises behind; they must not end their neighbours. */
function outliveStrayErrors(): void {
  globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());
  globalThis.addEventListener("error", (event) => event.preventDefault());
}

async function serve(): Promise<void> {
  const host = new Host(send);
  const frames = new FrameReader(MAX_TO_HOST_BYTES);
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return;
    for (const frame of frames.push(buffer.subarray(0, count))) {
      for (const message of frame as unknown as ToHost[]) host.take(message);
    }
  }
}

if (import.meta.main) {
  silenceConsole();
  outliveStrayErrors();
  try {
    await serve();
  } finally {
    Deno.exit(0);
  }
}

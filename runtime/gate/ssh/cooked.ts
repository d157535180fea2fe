/**
 * A terminal for commands that know nothing of terminals. The client's is raw, so what the system
 * does for a program on a terminal of its own is done here: echo, lines, Ctrl-C and Ctrl-D
 * (POSIX.1 chapter 11, canonical mode).
 *
 * @module
 */

import { encodeUtf8 } from "../../model/bytes.ts";
import { Input } from "../control/input.ts";
import type { Channel } from "./channel.ts";

const [INTERRUPT, END, BACKSPACE, LINE, RETURN, DELETE] = [0x03, 0x04, 0x08, 0x0a, 0x0d, 0x7f];
/** Longest line that is typed, as Linux has it. */
const MAX_LINE_BYTES = 4_096;

/** What a command sees of a terminal. */
export interface Cooked {
  /** Whole lines, as they are ended. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Aborts on Ctrl-C, and when the client is gone. */
  readonly interrupted: AbortSignal;
  write(fd: 1 | 2, bytes: Uint8Array): Promise<void>;
  /** Raw: every key comes as it is typed, and nothing is shown. */
  setRaw(raw: boolean): void;
}

/** Reads and writes a channel as a terminal. */
export function cooked(channel: Channel): Cooked {
  const lines = new Input();
  const interrupt = new AbortController();
  const write = (fd: 1 | 2, bytes: Uint8Array) => channel.write(fd, returned(bytes));
  const keys = new Keys(lines, () => interrupt.abort(), (echo) => write(1, echo));
  void keys.read(channel.incoming);
  const interrupted = AbortSignal.any([channel.interrupted, interrupt.signal]);
  return { input: lines, interrupted, write, setRaw: (raw) => keys.isRaw = raw };
}

/** A raw terminal goes down for a line feed and stays where it is; this goes to the left as well. */
function returned(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(LINE)) return bytes;
  const all: number[] = [];
  for (const byte of bytes) byte === LINE ? all.push(RETURN, LINE) : all.push(byte);
  return Uint8Array.from(all);
}

class Keys {
  isRaw = false;
  #line: number[] = [];

  constructor(
    private readonly lines: Input,
    private readonly interrupt: () => void,
    private readonly echo: (bytes: Uint8Array) => Promise<void>,
  ) {}

  /** Takes what is typed until the client is gone. Rejects never. */
  async read(typed: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const piece of typed) {
        if (this.isRaw) {
          await this.lines.push(piece);
          continue;
        }
        const shown: number[] = [];
        for (const key of piece) await this.#press(key, shown);
        if (shown.length > 0) await this.echo(Uint8Array.from(shown));
      }
    } catch {
      // The client is gone, which the channel tells as well.
    }
    await this.#flush();
    this.lines.end();
  }

  async #press(key: number, shown: number[]): Promise<void> {
    if (key === INTERRUPT) {
      this.#line = [];
      shown.push(...encodeUtf8("^C\n"));
      this.interrupt();
    } else if (key === END) {
      if (this.#line.length === 0) this.lines.end();
      else await this.#flush();
    } else if (key === RETURN || key === LINE) {
      this.#line.push(LINE);
      shown.push(LINE);
      await this.#flush();
    } else if (key === BACKSPACE || key === DELETE) this.#rubOut(shown);
    else if (this.#line.length < MAX_LINE_BYTES && (key >= 0x20 || key === 0x09)) {
      this.#line.push(key);
      shown.push(key);
    }
  }

  /** One character, however many bytes it takes. */
  #rubOut(shown: number[]): void {
    if (this.#line.length === 0) return;
    let last = this.#line.pop()!;
    while ((last & 0xc0) === 0x80 && this.#line.length > 0) last = this.#line.pop()!;
    shown.push(...encodeUtf8("\b \b"));
  }

  async #flush(): Promise<void> {
    const line = Uint8Array.from(this.#line);
    this.#line = [];
    if (line.length > 0) await this.lines.push(line);
  }
}

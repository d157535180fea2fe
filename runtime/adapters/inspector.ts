/**
 * What files say of themselves without a periphery: components by their manifest, WIT texts read in
 * a disposable process, as wasm-tools may break on what others wrote.
 *
 * @module
 */

import { join } from "node:path";
import { encodeUtf8, formatHex, sha256 } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Manifest } from "../model/pod.ts";
import type { ShownInterface } from "../model/shown.ts";
import { showOffers } from "../operations/capability/shown.ts";
import { type Child, denoDir, killChild, readComplaint, spawnChild } from "./child.ts";
import { inspectComponent } from "./jco/inspect.ts";
import type { Question, Reply } from "./wit/main.ts";

/** A component as its file shows it. */
export interface InspectedComponent {
  readonly manifest: Manifest;
  /** SHA-256 of the file. */
  readonly id: string;
  /** What others can call. */
  readonly offers: readonly ShownInterface[];
  /** What it calls of others. */
  readonly needs: readonly ShownInterface[];
}

/** Reads components and WIT texts. */
export interface Inspector {
  /** @throws {PeriError} as `Compiler.inspect`. */
  component(bytes: Uint8Array): Promise<InspectedComponent>;
  /**
   * The interfaces with functions of a WIT text's package, in order of name.
   *
   * @throws {PeriError} `invalid` when it is no WIT or a function has no canonical form.
   */
  wit(text: string): Promise<readonly ShownInterface[]>;
  /**
   * Interfaces with the documentation and names of types that a pod carries as WIT. The text is its
   * author's word: where it is not of the same capability, or no good, they stay as they are.
   */
  document(
    shown: readonly ShownInterface[],
    carried: string | undefined,
  ): Promise<readonly ShownInterface[]>;
}

/** Contracts of peri that a WIT text may name. */
const CONTRACTS = ["actor.wit", "face.wit"];
/** Time for one text; a second on a busy machine is usual. */
const READ_MS = 30_000;
const HEAP_MIB = 512;
/** Longest answer: a WIT text has at most a megabyte. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;

/** @param root folder of the checkout, absolute */
export function openInspector(root: string): Inspector {
  return {
    async component(bytes) {
      const manifest = inspectComponent(bytes);
      const [offers, needs] = [showOffers(manifest.offers), showOffers(manifest.needs)];
      const all = await document([...offers, ...needs], manifest.wit);
      const id = formatHex(sha256(bytes));
      return { manifest, id, offers: all.slice(0, offers.length), needs: all.slice(offers.length) };
    },
    document,
    async wit(text) {
      const others = await Promise.all(
        CONTRACTS.map((name) => Deno.readTextFile(join(root, "wit", name))),
      );
      // A contract itself may be shown, and stands there once.
      return await readWit({ main: text, others: others.filter((other) => other !== text) });
    },
  };
}

async function document(
  shown: readonly ShownInterface[],
  carried: string | undefined,
): Promise<readonly ShownInterface[]> {
  if (carried === undefined || shown.length === 0) return shown;
  const known = await readWit({ carried }).catch(() => []);
  return shown.map((one) => {
    const same = known.find(({ capability }) => capability === one.capability);
    return same === undefined ? one : { ...same, supersedes: one.supersedes };
  });
}

async function readWit(question: Question): Promise<readonly ShownInterface[]> {
  const child = spawnChild({
    script: new URL("./wit/main.ts", import.meta.url),
    // wasm-tools reads its own WebAssembly from there; the shims it imports read the environment.
    allow: [`--allow-read=${join(denoDir(), "npm")}`, "--allow-env"],
    heapMib: HEAP_MIB,
  });
  const complaint = readComplaint(child);
  const timer = setTimeout(() => killChild(child), READ_MS);
  try {
    const [text] = await Promise.all([readReply(child), ask(child, question)]);
    const { success } = await child.status;
    if (!success) throw refuse("it takes too long or too much memory", await complaint);
    const reply: Reply = JSON.parse(text);
    if ("error" in reply) throw refuse(reply.error.split("\n")[0]!.slice(0, 500));
    return reply.interfaces;
  } finally {
    clearTimeout(timer);
    killChild(child);
    await Promise.all([child.status, complaint]);
  }
}

async function ask(child: Child, question: Question): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(encodeUtf8(JSON.stringify(question)));
    await writer.close();
  } catch {
    // It has ended before it read everything; its status and output tell why.
  }
}

async function readReply(child: Child): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of child.stdout) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MAX_REPLY_BYTES) throw refuse("it says too much");
  }
  return text;
}

function refuse(subject: string, complaint?: string): PeriError {
  const cause = complaint === undefined ? {} : { cause: new Error(complaint) };
  return new PeriError("invalid", { op: "read WIT", subject, ...cause });
}

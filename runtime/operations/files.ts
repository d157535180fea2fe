/**
 * The files of a pod (`peri:face/files`) as the gate shows them.
 *
 * @module
 */

import type { Content, Entry, Page, PodFiles } from "../gate/files/pod.ts";
import { formatBase64Url, parseBase64Url } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Home } from "./home.ts";
import type { PodRef } from "../model/words.ts";
import type { Supervisor } from "../supervisor/mod.ts";

const FACE = "peri:face/files";

/** The files of a pod that lives here, to be closed; undefined when it shows none. */
export function filesOf(
  { supervisor, clock }: Pick<Home, "supervisor" | "clock">,
  ref: PodRef,
): PodFiles | undefined {
  return supervisor.faces.has(ref, FACE) ? new ShownFiles(supervisor, clock, ref) : undefined;
}

/** Time in which a pod says what is in a folder, or takes a file. */
const PATIENCE_MS = 30_000;
/** Most entries of one page. */
const MAX_ENTRIES = 1_000;

class ShownFiles implements PodFiles {
  readonly #over = new AbortController();
  readonly #unwatch: () => void;
  #version = 1;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly clock: Clock,
    private readonly ref: PodRef,
  ) {
    this.#unwatch = supervisor.faces.watch(ref, () => void this.#version++);
  }

  async look(path: string): Promise<Entry | undefined> {
    const said = await this.#ask("look", [path]);
    return said === null ? undefined : parseEntry(said);
  }

  async list(path: string, after: string | undefined): Promise<Page> {
    const { entries, next } = recordOf(await this.#ask("list", [path, after ?? null]));
    if (!Array.isArray(entries) || entries.length > MAX_ENTRIES) throw misshapen("a page");
    const page = { entries: entries.map(parseEntry) };
    return typeof next === "string" ? { ...page, next } : page;
  }

  async read(path: string): Promise<Content> {
    const { tag, val } = recordOf(await this.#ask("read", [path]));
    if (tag === "inline" && typeof val === "string") return { inline: parseBase64Url(val) };
    const { blob, size } = recordOf(val);
    if (typeof blob === "string" && typeof size === "number") return { blob, size };
    throw misshapen("a content");
  }

  async save(path: string, content: Content, modifiedMs: number): Promise<void> {
    const wire = "inline" in content
      ? { tag: "inline", val: formatBase64Url(content.inline) }
      : { tag: "kept", val: { blob: content.blob, size: content.size } };
    await this.#ask("save", [path, wire, modifiedMs]);
  }

  async remove(path: string): Promise<void> {
    await this.#ask("remove", [path]);
  }

  async rename(path: string, to: string): Promise<void> {
    await this.#ask("rename", [path, to]);
  }

  async make(path: string): Promise<void> {
    await this.#ask("make", [path]);
  }

  open(blob: string) {
    return this.supervisor.contents.open(this.ref, blob);
  }

  draft() {
    return this.supervisor.contents.draft(this.ref);
  }

  room() {
    return this.supervisor.contents.room(this.ref);
  }

  version(): number {
    return this.#version;
  }

  close(): void {
    this.#unwatch();
    this.#over.abort();
  }

  /** Whoever does not answer in time is not waited for. */
  async #ask(called: string, args: readonly unknown[]): Promise<unknown> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#over.signal]);
    const expired = this.clock.sleep(PATIENCE_MS, signal).then(() => {
      if (signal.aborted) return new Promise<never>(() => {});
      const subject = `${this.ref.pod} does not answer`;
      throw new PeriError("expired", { op: "look at files", subject });
    });
    try {
      const asked = this.supervisor.faces.call(this.ref, FACE, called, args, signal);
      return await Promise.race([asked, expired]);
    } finally {
      over.abort();
    }
  }
}

function parseEntry(said: unknown): Entry {
  const { name, kind, size, "modified-ms": modifiedMs, writable, blob } = recordOf(said);
  if (typeof name !== "string" || (kind !== "file" && kind !== "folder")) throw misshapen("a file");
  const bytes = Number.isSafeInteger(size) && size as number >= 0 ? size as number : 0;
  const time = typeof modifiedMs === "number" && Number.isFinite(modifiedMs) ? modifiedMs : 0;
  const entry = { name, kind, size: bytes, modifiedMs: time, writable: writable === true } as const;
  return typeof blob === "string" ? { ...entry, blob } : entry;
}

function recordOf(said: unknown): Readonly<Record<string, unknown>> {
  if (typeof said === "object" && said !== null) return said as Record<string, unknown>;
  throw misshapen("its files");
}

function misshapen(what: string): PeriError {
  return new PeriError("damaged", {
    op: "look at files",
    subject: `the pod says ${what} wrongly`,
  });
}

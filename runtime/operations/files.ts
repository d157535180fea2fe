/**
 * The files of a pod (`peri:face/files`) as the gate shows them.
 *
 * @module
 */

import { KnownFiles } from "../gate/files/cache.ts";
import type { Content, Entry, Page, PodFiles } from "../gate/files/pod.ts";
import { formatBase64Url, parseBase64Url } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Home } from "./home.ts";
import { formatPodRef, type PodRef } from "../model/words.ts";
import type { Supervisor } from "../supervisor/mod.ts";

const FACE = "peri:face/files";

/** Pods whose entries are remembered though nobody looks at them. */
const MAX_UNSEEN = 4;

/**
 * Opens the files of pods that live here. What is given is to be closed by each who asked; it is
 * undefined for a pod that shows none.
 */
export function openFiles(
  { supervisor, clock }: Pick<Home, "supervisor" | "clock">,
): (ref: PodRef) => PodFiles | undefined {
  const shown = new Map<string, ShownFiles>();
  return (ref) => {
    if (!supervisor.faces.has(ref, FACE)) return undefined;
    const name = formatPodRef(ref);
    const files = shown.get(name) ?? new ShownFiles(supervisor, clock, ref);
    // Those that were asked for last are at the end.
    shown.delete(name);
    shown.set(name, files);
    const unseen = [...shown].filter(([, one]) => one.isUnseen);
    for (const [other, one] of unseen.slice(0, -MAX_UNSEEN)) {
      one.forget();
      shown.delete(other);
    }
    return files.see();
  };
}

/** Time in which a pod says what is in a folder, or takes a file. */
const PATIENCE_MS = 30_000;
/** Most entries of one page. */
const MAX_ENTRIES = 1_000;

class ShownFiles implements PodFiles {
  readonly #known: KnownFiles;
  /** Tells no more of changes. */
  readonly forget: () => void;
  #version = 1;
  #sessions = 0;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly clock: Clock,
    private readonly ref: PodRef,
  ) {
    this.forget = supervisor.faces.watch(ref, () => void this.#version++);
    this.#known = new KnownFiles({
      look: (path) => this.#look(path),
      list: (path, after) => this.#list(path, after),
      version: () => this.#version,
    }, () => clock.nowMs());
  }

  get isUnseen(): boolean {
    return this.#sessions === 0;
  }

  /** One more looks at them. */
  see(): this {
    this.#sessions++;
    return this;
  }

  look(path: string) {
    return this.#known.look(path);
  }

  list(path: string, after: string | undefined) {
    return this.#known.list(path, after);
  }

  async #look(path: string): Promise<Entry | undefined> {
    const said = await this.#ask("look", [path]);
    return said === null ? undefined : parseEntry(said);
  }

  async #list(path: string, after: string | undefined): Promise<Page> {
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

  close(): void {
    this.#sessions--;
  }

  /** Whoever does not answer in time is not waited for. */
  async #ask(called: string, args: readonly unknown[]): Promise<unknown> {
    const over = new AbortController();
    const expired = this.clock.sleep(PATIENCE_MS, over.signal).then(() => {
      if (over.signal.aborted) return new Promise<never>(() => {});
      const subject = `${this.ref.pod} does not answer`;
      throw new PeriError("expired", { op: "look at files", subject });
    });
    try {
      const asked = this.supervisor.faces.call(this.ref, FACE, called, args, over.signal);
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

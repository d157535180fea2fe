/**
 * What a pod said last of its files, as long as it has not changed: programs ask for the same names
 * again and again.
 *
 * @module
 */

import { isName, nameOf, pathIn } from "./path.ts";
import type { Entry, Page } from "./pod.ts";

/** Entries that are remembered. */
const MAX_ENTRIES = 20_000;
/** Time after which a pod is asked again: it may look at its clock. */
const KEPT_MS = 60_000;

/** What is asked for entries. */
export interface Asked {
  look(path: string): Promise<Entry | undefined>;
  list(path: string, after: string | undefined): Promise<Page>;
  /** Another number whenever the pod may have changed. */
  version(): number;
}

/** See the module. */
export class KnownFiles {
  readonly #entries = new Map<string, Entry | undefined>();
  readonly #pages = new Map<string, Page>();
  #version = 0;
  #sinceMs = 0;

  constructor(
    private readonly pod: Asked,
    private readonly nowMs: () => number,
  ) {}

  /** As {@link PodFiles.look}; at once when it is known. */
  look(path: string): Entry | undefined | Promise<Entry | undefined> {
    this.#refresh();
    if (this.#entries.has(path)) return this.#entries.get(path);
    return this.#ask(path);
  }

  /** As {@link PodFiles.list}; entries with names that no file can have are left out. */
  async list(path: string, after: string | undefined): Promise<Page> {
    this.#refresh();
    const key = `${path}\0${after ?? ""}`;
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    const version = this.#version;
    const said = await this.pod.list(path, after);
    const entries = said.entries.filter(({ name }) => isName(name));
    // A pod that gives the same part again would be asked without end.
    const isLast = said.next === undefined || said.next === after;
    const page = isLast ? { entries } : { entries, next: said.next! };
    this.#refresh();
    if (version !== this.#version) return page;
    for (const entry of page.entries) this.#keep(pathIn(path, entry.name), entry);
    if (this.#pages.size < MAX_ENTRIES / 100) this.#pages.set(key, page);
    return page;
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#pages.clear();
  }

  async #ask(path: string): Promise<Entry | undefined> {
    const version = this.#version;
    const said = await this.pod.look(path);
    const entry = said && { ...said, name: nameOf(path) };
    this.#refresh();
    if (version === this.#version) this.#keep(path, entry);
    return entry;
  }

  #keep(path: string, entry: Entry | undefined): void {
    if (this.#entries.size >= MAX_ENTRIES) this.clear();
    this.#entries.set(path, entry);
  }

  #refresh(): void {
    const [version, nowMs] = [this.pod.version(), this.nowMs()];
    if (version === this.#version && nowMs - this.#sinceMs < KEPT_MS) return;
    this.clear();
    this.#version = version;
    this.#sinceMs = nowMs;
  }
}

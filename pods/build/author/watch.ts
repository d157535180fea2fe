/**
 * `watch.ts <folder>`: builds a pod now and after every change of its code. Speaks JSON, a line for
 * each build, on standard output, and ends when standard input does.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { buildPod } from "../build.ts";
import type { Manifest } from "../manifest.ts";
import { readProject } from "../project.ts";
import { openFolder } from "./folder.ts";
import { type Draft, draftPod, openDraft } from "./draft.ts";
import { AuthorError } from "./run.ts";
import { isSource, Sources } from "./sources.ts";
import { checkTypes } from "./types.ts";

/** What a build came to. */
export type Report =
  | {
    readonly built: {
      readonly name: string;
      readonly version: string;
      /** Base64. */
      readonly component: string;
      /** When the change was seen, or the program began: milliseconds since 1970 UTC. */
      readonly savedMs: number;
    };
  }
  | { readonly failed: string }
  /** What was built last has mistakes of types. */
  | { readonly mistyped: string }
  /** There is no pod in the folder. */
  | { readonly refused: Refused };

/** Why there is nothing to build. */
export interface Refused {
  readonly kind: AuthorError["kind"];
  readonly subject: string;
  /** What to type next. */
  readonly hint?: string;
}

/** Editors write a file in several steps. */
const QUIET_MS = 25;
/** A mistake is told when nothing has been saved for so long: it may be half of a file. */
const DOUBT_MS = 250;
/** Types are looked at once a pod is likely to be reloaded: that comes first. */
const RELOAD_MS = 1_500;

/** Builds a folder again and again. Ends only when there is no pod in it. */
export async function watchPod(folder: string, tell: (report: Report) => void): Promise<void> {
  try {
    await openFolder(folder);
  } catch (error) {
    return tell({ refused: refusedOf(error) });
  }
  // Looked at before the first build: what is saved meanwhile is not missed.
  const changes = Deno.watchFs(folder, { recursive: true });
  const builder = new Builder(folder);
  const sources = new Sources(folder);
  let built = "";
  let savedMs = Date.now();
  let checks = new AbortController();
  const build = async (): Promise<void> => {
    for (;;) {
      const hash = await sources.hash();
      if (hash === built) return;
      built = "";
      checks.abort();
      const report = await builder.build(savedMs);
      if ("failed" in report) await new Promise((resolve) => setTimeout(resolve, DOUBT_MS));
      // What was saved meanwhile may be in it or not.
      if (await sources.hash() !== hash) continue;
      built = hash;
      tell(report);
      checks = new AbortController();
      if ("built" in report) void tellMistakes(folder, tell, checks.signal);
      savedMs = Date.now();
    }
  };
  await build();
  for await (const atMs of quietly(changes, folder)) {
    savedMs = atMs;
    await build();
  }
}

/** Builds a folder whole the first time, and from a draft as soon as there is one. */
class Builder {
  #draft: Draft | undefined;

  constructor(private readonly folder: string) {}

  async build(savedMs: number): Promise<Report> {
    try {
      const { manifest: { name, version }, component } = await this.#make();
      return { built: { name, version, component: component.toBase64(), savedMs } };
    } catch (error) {
      return { failed: messageOf(error) };
    }
  }

  async #make(): Promise<{ readonly manifest: Manifest; readonly component: Uint8Array }> {
    const project = await openFolder(this.folder);
    const dist = join(this.folder, ".peri");
    const drafted = this.#draft && await draftPod(this.#draft, project, dist);
    if (drafted !== undefined) return drafted;
    const { manifest, component } = await buildPod(project, dist);
    // Without a draft every build is whole, which is slower and nothing else.
    if (this.#draft === undefined) void openDraft().then((draft) => this.#draft = draft, () => {});
    return { manifest, component: await Deno.readFile(component) };
  }
}

/** When the first of some changes was seen, each time that files have been quiet for a moment. */
async function* quietly(changes: Deno.FsWatcher, folder: string): AsyncGenerator<number> {
  let wake = Promise.withResolvers<number>();
  void (async () => {
    for await (const { paths, kind } of changes) {
      if (kind === "access" || !paths.some((path) => isSource(folder, path))) continue;
      wake.resolve(Date.now());
    }
  })();
  for (;;) {
    const atMs = await wake.promise;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    wake = Promise.withResolvers();
    yield atMs;
  }
}

/** Looks at the types of what was built; a build that comes after ends it. */
async function tellMistakes(
  folder: string,
  tell: (report: Report) => void,
  signal: AbortSignal,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
  if (signal.aborted) return;
  try {
    await checkTypes(await readProject(folder), signal);
  } catch (error) {
    if (!signal.aborted) tell({ mistyped: messageOf(error) });
  }
}

function refusedOf(error: unknown): Refused {
  const subject = messageOf(error);
  if (!(error instanceof AuthorError)) return { kind: "invalid", subject };
  const { kind, hint } = error;
  return hint === undefined ? { kind, subject } : { kind, subject, hint };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  void (async () => {
    for await (const _ of Deno.stdin.readable);
    Deno.exit(0);
  })();
  await watchPod(resolve(Deno.args[0] ?? "."), (report) => console.log(JSON.stringify(report)));
}

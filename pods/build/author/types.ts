/**
 * Whether a pod's types fit together. The build reads only what its class says to others; what
 * stands in its methods, `deno check` looks at.
 *
 * @module
 */

import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Project } from "../project.ts";
import { AuthorError } from "./run.ts";

/** Most mistakes that are shown; the rest are counted. */
const MAX_SHOWN = 20;

/**
 * Looks for mistakes of types in a pod's modules. Everything that the build writes must be there.
 *
 * @param signal ends it early; it then finds nothing
 * @throws {AuthorError} `invalid` with every mistake, each by its place.
 */
export async function checkTypes(
  { folder, entry }: Pick<Project, "folder" | "entry">,
  signal?: AbortSignal,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "-q", entry],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", RUST_BACKTRACE: "0" },
    ...signal && { signal },
  }).output();
  if (success || signal?.aborted) return;
  throw new AuthorError("invalid", formatMistakes(new TextDecoder().decode(stderr), folder));
}

/** What `deno check` says, as the build says what is wrong: `pod.ts:3:32: why`. */
export function formatMistakes(said: string, folder: string): string {
  const mistakes = said.split(/^(?=TS\d+ \[ERROR\]: )/m).flatMap((part) => {
    const [, code, what] = /^(TS\d+) \[ERROR\]: (.*)/.exec(part) ?? [];
    // Behind the first place come those of what else is meant.
    const [, url, place] = /^ {4}at (file:\S+?):(\d+:\d+)$/m.exec(part) ?? [];
    if (what === undefined || url === undefined) return [];
    return [`${relative(folder, fileURLToPath(url))}:${place}: ${what}\n    ${code}`];
  });
  if (mistakes.length === 0) return said.trim().replace(/^error: /, "");
  const more = mistakes.length - MAX_SHOWN;
  return [...mistakes.slice(0, MAX_SHOWN), ...more > 0 ? [`… and ${more} more`] : []].join("\n");
}

/**
 * From a pod's modules to one module; the one place that calls `deno bundle`.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Manifest } from "./manifest.ts";
import type { Project } from "./project.ts";

const SDK_ENTRY = join(import.meta.dirname!, "../sdk/entry.ts");

/**
 * The JavaScript of a pod: its class, the SDK and the joint between them. Only the imports of the
 * world are left.
 *
 * @param folder a folder of its own to work in; gone afterwards. Its path is in the bundle's
 * comments, so a fixed one gives the same text every time.
 * @throws {Error} with what `deno bundle` said.
 */
export async function bundlePod(
  project: Project,
  manifest: Manifest,
  folder: string,
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  try {
    const entry = join(folder, "entry.js");
    const output = join(folder, "bundle.js");
    await Deno.writeTextFile(entry, entryText(project, manifest));
    await runBundle(project.folder, entry, output);
    return await Deno.readTextFile(output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runBundle(cwd: string, entry: string, output: string): Promise<void> {
  // Without -o, `deno bundle -q` prints nothing at all.
  const args = ["bundle", "-q", "--external", "peri:*", "-o", output, entry];
  const result = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  if (result.success) return;
  const said = new TextDecoder().decode(result.stderr);
  throw new Error(said.replace(/\n*(?:error: bundling failed)?\n*(?:Stack backtrace:.*)?$/s, ""));
}

/** The module that joins host, class and SDK; the only one that imports the host. */
function entryText(project: Project, manifest: Manifest): string {
  const { name, version, about } = manifest;
  const offered = Object.fromEntries(
    manifest.offers.map((offer) => [offer.interface, Object.keys(offer.functions)]),
  );
  return [
    `import * as host from "peri:pod/host@0.1.0";`,
    `import { openGuest } from ${JSON.stringify(pathToFileURL(SDK_ENTRY).href)};`,
    `import Pod from ${JSON.stringify(pathToFileURL(project.entry).href)};`,
    `const about = ${JSON.stringify({ name, version, about })};`,
    `export const guest = openGuest(Pod, host, about, ${JSON.stringify(offered)});`,
    "",
  ].join("\n");
}

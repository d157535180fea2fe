/**
 * Folders of pods for the tests of the build.
 *
 * @module
 */

import { join } from "node:path";
import { SDK_DOOR, SDK_SPECIFIER } from "./read/program.ts";

const HEAD = `{ "name": "tiny", "version": "0.1.0", "about": "Tries." }`;

/** A pod's folder with these files beside a sound `pod.json` and `deno.json`; gone afterwards. */
export async function withPod(
  files: Readonly<Record<string, string>>,
  test: (folder: string) => Promise<void> | void,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "peri-build-test-" });
  const config = JSON.stringify({ imports: { [SDK_SPECIFIER]: SDK_DOOR } });
  try {
    for (
      const [name, text] of Object.entries({ "pod.json": HEAD, "deno.json": config, ...files })
    ) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

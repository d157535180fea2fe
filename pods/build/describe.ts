/**
 * `describe.ts <folder>`: what the build says of a pod, as one line of JSON, without building it.
 *
 * @module
 */

import { manifestOf } from "./manifest.ts";
import { readProject } from "./project.ts";
import { readWorldOf } from "./world.ts";

if (import.meta.main) {
  try {
    const project = await readProject(Deno.args[0]!);
    console.log(JSON.stringify({ manifest: manifestOf(project, await readWorldOf(project)) }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}

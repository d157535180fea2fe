/**
 * `describe.ts <folder>`: what the build says of a pod, as one line of JSON, without building it:
 * its manifest, and (unless it offers by hand) its shape and where its classes of errors are.
 *
 * @module
 */

import { planProject } from "./generate.ts";
import { readProject } from "./project.ts";

if (import.meta.main) {
  try {
    const project = await readProject(Deno.args[0]!);
    const { manifest, shape, errors } = await planProject(project);
    console.log(JSON.stringify({ manifest, shape, errors }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}

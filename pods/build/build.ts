/**
 * `deno task build`: every folder of `pods/` with a `pod.json` becomes `dist/<name>.wasm`.
 *
 * @module
 */

import { basename, join, relative } from "node:path";
import { bundlePod } from "./bundle.ts";
import { appendSection, componentizeModule, MANIFEST_SECTION } from "./component.ts";
import { type Manifest, manifestOf } from "./manifest.ts";
import { findProjects, type Project, readProject } from "./project.ts";
import { hashInputs, readStamp, writeStamp } from "./stamp.ts";
import { generateTypes } from "./typescript.ts";
import { readWorldOf } from "./world.ts";

/** What authors import. */
const SDK = join(import.meta.dirname!, "../sdk/mod.ts");

/** What a build gave. */
export interface Built {
  readonly manifest: Manifest;
  /** Path of the component. */
  readonly component: string;
  readonly sizeBytes: number;
}

/** Writes `generated.ts` and gives the manifest. Needed before the pod's own types can be checked. */
export async function generatePod(project: Project): Promise<Manifest> {
  const world = await readWorldOf(project);
  const sdk = relative(project.folder, SDK).replaceAll("\\", "/");
  await writeIfChanged(project.generated, generateTypes(world, basename(project.wit), sdk));
  return manifestOf(project, world);
}

/** Builds one pod into `<dist>/<name>.wasm`. @throws {Error} whose message is for the author. */
export async function buildPod(project: Project, dist: string): Promise<Built> {
  const manifest = await generatePod(project);
  const module = await bundlePod(project, manifest, join(dist, `.${project.name}.build`));
  const section = new TextEncoder().encode(JSON.stringify(manifest));
  const bytes = appendSection(await componentizeModule(module), MANIFEST_SECTION, section);
  const component = join(dist, `${project.name}.wasm`);
  await Deno.mkdir(dist, { recursive: true });
  const unfinished = `${component}.tmp`;
  await Deno.writeFile(unfinished, bytes);
  await Deno.rename(unfinished, component);
  return { manifest, component, sizeBytes: bytes.length };
}

async function writeIfChanged(path: string, text: string): Promise<void> {
  const before = await Deno.readTextFile(path).catch(() => undefined);
  if (before !== text) await Deno.writeTextFile(path, text);
}

async function buildAll(root: string, force: boolean): Promise<void> {
  const dist = join(root, "dist");
  for (const folder of await findProjects(join(root, "pods"))) {
    const project = await readProject(folder);
    const started = performance.now();
    const stamp = join(dist, `${project.name}.inputs`);
    const inputs = await hashInputs(root, project);
    const shown = relative(root, join(dist, `${project.name}.wasm`));
    if (!force && await readStamp(stamp, join(root, shown)) === inputs) {
      console.error(`${shown} is up to date`);
      continue;
    }
    const { sizeBytes, manifest } = await buildPod(project, dist);
    await writeStamp(stamp, await hashInputs(root, project));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const offers = manifest.offers.map((offer) => offer.interface).join(", ");
    console.error(`${shown} built in ${seconds} s: ${Math.round(sizeBytes / 1024)} KiB, ${offers}`);
  }
}

if (import.meta.main) {
  try {
    await buildAll(join(import.meta.dirname!, "../.."), Deno.args.includes("--force"));
  } catch (error) {
    console.error(`build failed: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}

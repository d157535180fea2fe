/**
 * Pods' folders to components.
 *
 *     deno task build                       every folder of pods/ with a pod.json, to dist/
 *     build.ts <folder> [--out <file>]      a pod anywhere, to <folder>/<name>.wasm
 *     build.ts <folder> --publish           and remember that its interfaces are published
 *
 * @module
 */

import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundleParts } from "./bundle.ts";
import { appendSection, componentizeParts, MANIFEST_SECTION } from "./component.ts";
import { generatePod } from "./generate.ts";
import { encodeManifest, type Manifest } from "./manifest.ts";
import { findProjects, type Project, readProject } from "./project.ts";
import { readPublished, writePublished } from "./published.ts";
import { hashInputs, readStamp, writeStamp } from "./stamp.ts";
import { COMMAND } from "./world.ts";

const ROOT = join(import.meta.dirname!, "../..");

/** What a build gave. */
export interface Built {
  readonly manifest: Manifest;
  /** Path of the component. */
  readonly component: string;
  readonly sizeBytes: number;
}

/** What a build is to do besides. */
export interface BuildOptions {
  /** Name of the component's file; `<name>.wasm` without it. */
  readonly file?: string;
  /** Whether what the pod offers is published with this. */
  readonly publish?: boolean;
  /** Looks at the pod while it is built, when all is generated; what it throws ends the build. */
  readonly check?: (project: Project) => Promise<void>;
}

/**
 * Builds one pod.
 *
 * @param dist folder of the component; it is made
 * @throws {SourceError} with everything that is wrong in its TypeScript.
 * @throws {Error} whose message is for the author.
 */
export async function buildPod(
  project: Project,
  dist: string,
  { file = `${project.name}.wasm`, publish = false, check }: BuildOptions = {},
): Promise<Built> {
  const joint = await generatePod(project);
  const checked = check?.(project);
  // Told below, if nothing else is wrong before.
  checked?.catch(() => {});
  const { manifest } = joint;
  const section = encodeManifest(manifest);
  await Deno.mkdir(dist, { recursive: true });
  const folder = join(dist, `.${project.name}.build`);
  const made = await bundleParts(project, joint, folder, componentizeParts);
  const bytes = appendSection(made, MANIFEST_SECTION, section);
  const component = join(dist, file);
  const unfinished = `${component}.tmp`;
  await checked;
  await Deno.writeFile(unfinished, bytes);
  await Deno.rename(unfinished, component);
  if (publish) {
    const offers = manifest.offers.filter((offer) => offer.interface !== COMMAND);
    await writePublished(project.published, await readPublished(project.published), offers);
  }
  return { manifest, component, sizeBytes: bytes.length };
}

async function buildAll(force: boolean): Promise<void> {
  const dist = join(ROOT, "dist");
  for (const folder of await findProjects(join(ROOT, "pods"))) {
    const project = await readProject(folder);
    const out = join(dist, `${project.name}.wasm`);
    const stamp = join(dist, `${project.name}.inputs`);
    if (!force && await readStamp(stamp, out) === await hashInputs(ROOT, project)) {
      console.error(`${relative(ROOT, out)} is up to date`);
      continue;
    }
    await buildOne(project, out, {}, relative(ROOT, out));
    await writeStamp(stamp, await hashInputs(ROOT, project));
  }
}

async function buildOne(
  project: Project,
  out: string,
  options: BuildOptions,
  shown: string,
): Promise<void> {
  const started = performance.now();
  const { sizeBytes, manifest } = await buildPod(project, dirname(out), {
    ...options,
    file: basename(out),
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const offers = manifest.offers.map((offer) => offer.interface).join(", ");
  console.error(`${shown} built in ${seconds} s: ${Math.round(sizeBytes / 1024)} KiB, ${offers}`);
}

async function main(args: string[]): Promise<void> {
  const { values, positionals: [folder, ...others] } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      force: { type: "boolean", default: false },
      out: { type: "string" },
      publish: { type: "boolean", default: false },
    },
  });
  if (others.length > 0) throw new Error("build one folder at a time");
  if (folder === undefined) return await buildAll(values.force);
  const project = await readProject(resolve(folder));
  const out = resolve(values.out ?? join(project.folder, `${project.name}.wasm`));
  await buildOne(project, out, { publish: values.publish }, out);
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(`build failed: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}

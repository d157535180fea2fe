/**
 * What the build writes into a pod's folder: classes for its WIT, and classes by which others call
 * it.
 *
 * @module
 */

import { basename, join, relative } from "node:path";
import type { Joint } from "./bundle.ts";
import { generateClient, MARK } from "./client/generate.ts";
import { planPod, type PodPlan } from "./plan.ts";
import { isFile, type Project } from "./project.ts";
import { checkPublished, readPublished } from "./published.ts";
import { SDK_DOOR, SDK_SPECIFIER } from "./read/program.ts";
import { type DocumentedWorld, readWorldOf } from "./world.ts";

const ROOT = join(import.meta.dirname!, "../..");

/**
 * Writes `generated.ts` from a pod's WIT and `client.ts` for other pods, and gives what the entry
 * module needs. Needed before the pod's own types can be checked.
 *
 * @throws {SourceError} with everything that is wrong in its TypeScript.
 * @throws {Error} whose message is for the author.
 */
export async function generatePod(project: Project): Promise<Joint> {
  const wit = await readWit(project);
  if (wit !== undefined) await writeIfChanged(project.generated, generatedText(project, wit));
  const joint = await planWith(project, wit);
  checkPublished(await readPublished(project.published), joint.manifest.offers);
  const { declared = [] } = joint;
  if (declared.length > 0) {
    const text = generateClient(declared, { source: project.name, sdk: sdkOf(project) });
    await writeOwn(project.client, text);
  }
  return joint;
}

/**
 * What the entry module needs, from a folder in which all that is generated was written before.
 * Writes nothing.
 *
 * @throws as {@link generatePod}.
 */
export async function planProject(project: Project): Promise<Joint> {
  return await planWith(project, await readWit(project));
}

/** The text of `generated.ts`. */
export function generatedText(project: Project, wit: DocumentedWorld): string {
  const source = basename(project.wit);
  return generateClient([...wit.exports, ...wit.imports], { source, sdk: sdkOf(project) });
}

async function planWith(
  project: Project,
  wit: DocumentedWorld | undefined,
): Promise<Joint & { readonly declared?: PodPlan["declared"] }> {
  const { manifest, shape, model, declared } = await planPod(project, wit);
  return { manifest, shape, errors: model.errors, declared };
}

async function readWit(project: Project): Promise<DocumentedWorld | undefined> {
  return await isFile(project.wit) ? await readWorldOf(project) : undefined;
}

/** Pods in this checkout name the SDK by its path. */
function sdkOf(project: Project): string {
  const isOurs = !relative(ROOT, project.folder).startsWith("..");
  return isOurs ? relativeSdk(project) : SDK_SPECIFIER;
}

function relativeSdk({ folder }: Project): string {
  return relative(folder, SDK_DOOR).replaceAll("\\", "/");
}

async function writeIfChanged(path: string, text: string): Promise<void> {
  const before = await Deno.readTextFile(path).catch(() => undefined);
  if (before !== text) await Deno.writeTextFile(path, text);
}

/** Writes a file that an author may have written under the same name. */
async function writeOwn(path: string, text: string): Promise<void> {
  const before = await Deno.readTextFile(path).catch(() => undefined);
  if (before === text) return;
  if (before !== undefined && !before.includes(MARK)) {
    throw new Error(`${path} is not of the build, which writes the pod's client there: rename it`);
  }
  await Deno.writeTextFile(path, text);
}

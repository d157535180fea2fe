/**
 * The folder of a pod as an author names it.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { type Project, readProject } from "../project.ts";
import { refreshConfig } from "./config.ts";
import { AuthorError } from "./run.ts";

/**
 * The pod of a folder, whose `deno.json` finds this checkout from now on.
 *
 * @throws {AuthorError} `not-found` when there is none; {@link Error} when `pod.json` is wrong.
 */
export async function openFolder(folder: string): Promise<Project> {
  const path = resolve(folder);
  try {
    await Deno.stat(join(path, "pod.json"));
  } catch {
    throw new AuthorError(
      "not-found",
      `there is no pod.json in ${path}`,
      "peri pod new <name> begins a pod; else name the folder of one",
    );
  }
  const project = await readProject(path);
  await refreshConfig(path);
  return project;
}

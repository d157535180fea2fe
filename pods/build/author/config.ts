/**
 * The `deno.json` of a pod's folder: it says where this checkout is, for editors, tests and the
 * build. The author's own settings in it are kept.
 *
 * @module
 */

import { join } from "node:path";
import { AuthorError } from "./run.ts";
import { readText } from "./sources.ts";

/** The checkout. */
export const ROOT = join(import.meta.dirname!, "../../..");

const SDK = "@peri/sdk";
const TESTING = "@peri/testing";
/** Packages that the test kit needs, which a folder elsewhere would not find. */
const PACKAGES = ["cborg", "valibot"] as const;
const SDK_PATH = "/pods/sdk/mod.ts";

type Json = Record<string, unknown>;

/**
 * The text of a `deno.json` that finds the checkout.
 *
 * @param before what stands there
 * @param packages the checkout's own `imports`
 * @throws {AuthorError} when it is no JSON object.
 */
export function formatConfig(before: string, root: string, packages: Json): string {
  const config = parseConfig(before);
  const imports = { ...config.imports as Json };
  const scopes = { ...config.scopes as Json };
  const old = imports[SDK];
  if (typeof old === "string" && old.endsWith(SDK_PATH)) {
    delete scopes[`${old.slice(0, -SDK_PATH.length)}/`];
  }
  imports[SDK] = `${root}${SDK_PATH}`;
  imports[TESTING] = `${root}/runtime/testing/mod.ts`;
  scopes[`${root}/`] = Object.fromEntries(PACKAGES.map((name) => [name, packages[name]]));
  return `${JSON.stringify({ lock: false, ...config, imports, scopes }, null, 2)}\n`;
}

/** Brings a folder's `deno.json` up to date. @throws {AuthorError} when it is no JSON object. */
export async function refreshConfig(folder: string): Promise<void> {
  const path = join(folder, "deno.json");
  const before = await readText(path);
  const text = formatConfig(before ?? "{}", ROOT, await packagesOf(ROOT));
  if (text !== before) await Deno.writeTextFile(path, text);
}

async function packagesOf(root: string): Promise<Json> {
  return JSON.parse(await Deno.readTextFile(join(root, "deno.json"))).imports;
}

function parseConfig(text: string): Json {
  try {
    const config = JSON.parse(text);
    if (typeof config === "object" && config !== null && !Array.isArray(config)) return config;
  } catch {
    // told below
  }
  throw new AuthorError(
    "invalid",
    "deno.json is no JSON object without comments, so it cannot be told where peri is",
    "take the comments out, or move deno.json away",
  );
}

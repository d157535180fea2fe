/**
 * `client.ts <file>`: prints the classes by which another pod calls what a component offers or a WIT
 * package holds.
 *
 * @module
 */

import { basename, join } from "node:path";
import { describeInterface } from "../../../wit/describe.ts";
import { readDocs } from "../../../wit/docs.ts";
import type { DocumentedInterface } from "../../../wit/format.ts";
import { resolvePackage } from "../../../wit/package.ts";
import { resolveWorld } from "../../../wit/tree.ts";
import { type FunctionType, isFunctionType } from "../../../wit/types.ts";
import { generateClient } from "../client/generate.ts";
import { MANIFEST_SECTION, readSection } from "../component.ts";
import { SDK_SPECIFIER } from "../read/program.ts";
import { CONTRACTS, WORLD } from "../world.ts";
import { run } from "./run.ts";

/** Interfaces that only a pod's own periphery calls. */
const FACES = "peri:face/";

/** The text of a module for other pods. @throws {Error} for the author. */
export async function clientOf(path: string): Promise<string> {
  const all = path.endsWith(".wit") ? await ofWit(path) : await ofComponent(path);
  const interfaces = all.filter(({ name }) => !name.startsWith(FACES));
  if (interfaces.length === 0) throw new Error(`${path} offers nothing that others can call`);
  return generateClient(interfaces, { source: basename(path), sdk: SDK_SPECIFIER });
}

async function ofWit(path: string): Promise<readonly DocumentedInterface[]> {
  const main = await Deno.readTextFile(path);
  const face = await Deno.readTextFile(join(CONTRACTS, "face.wit"));
  return await resolvePackage(main, face === main ? [] : [face]);
}

async function ofComponent(path: string): Promise<readonly DocumentedInterface[]> {
  const section = readSection(await Deno.readFile(path), MANIFEST_SECTION);
  if (section === undefined) throw new Error(`${path} is no pod: it has no manifest`);
  const { offers, wit } = JSON.parse(new TextDecoder().decode(section));
  if (!Array.isArray(offers)) throw new Error(`${path} has a manifest of another format`);
  const known = typeof wit === "string" ? await carried(wit) : [];
  return offers.map((offer) => {
    const bare = bareInterface(offer);
    const { capability } = describeInterface(bare);
    return known.find((one) => describeInterface(one).capability === capability) ?? bare;
  });
}

/** The interfaces that a component carries as text; none when it is no good. */
async function carried(wit: string): Promise<readonly DocumentedInterface[]> {
  const docs = readDocs(wit);
  const { exports } = await resolveWorld(wit, WORLD).catch(() => ({ exports: [] }));
  return exports.map((one) => ({ ...one, docs: docs.get(one.name) ?? new Map() }));
}

/** An offer as its canonical forms alone say it. */
function bareInterface(offer: unknown): DocumentedInterface {
  const { interface: name, functions } = offer as Record<string, unknown>;
  const types = Object.entries(functions ?? {}).map(([called, value]): [string, FunctionType] => {
    const type: unknown = value?.type;
    if (isFunctionType(type)) return [called, type];
    throw new Error(`${name}#${called} is not of a type that can travel`);
  });
  return { name: String(name), types: new Map(), functions: new Map(types), docs: new Map() };
}

if (import.meta.main) {
  await run("print a client", async () => {
    console.log((await clientOf(Deno.args[0] ?? "")).trimEnd());
    return 0;
  });
}

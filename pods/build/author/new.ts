/**
 * `new.ts <name> [--wit file]`: a folder with a pod that does something small and has a test, or with
 * one whose interfaces are given and whose functions are to be written.
 *
 * @module
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { generatedText } from "../generate.ts";
import { readProject } from "../project.ts";
import { readWorldOf } from "../world.ts";
import { refreshConfig } from "./config.ts";
import { AuthorError, run } from "./run.ts";
import { skeletonText } from "./skeleton.ts";

/** As names of pods are (`pods/build/project.ts`). */
const NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Where a pod begins. */
export interface Beginning {
  /** The folder that its folder is made in; else where one stands. */
  readonly within?: string;
  /** Path of a WIT file whose world `pod` says what it offers. */
  readonly wit?: string;
}

/**
 * Makes the folder of a pod.
 *
 * @returns its path
 * @throws {AuthorError} when the name is none, or something of that name is there; {@link Error} for
 * WIT that cannot be read. Nothing is left of it then.
 */
export async function makePod(
  name: string,
  { within = Deno.cwd(), wit }: Beginning = {},
): Promise<string> {
  if (!NAME.test(name) || name.includes("--")) {
    throw new AuthorError(
      "invalid",
      `${JSON.stringify(name)} is no name of a pod`,
      "1 to 32 of a-z, 0-9 and -, a letter first: peri pod new guest-book",
    );
  }
  const folder = join(within, name);
  try {
    await Deno.mkdir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new AuthorError(
      "exists",
      `${name} is there already`,
      "choose another name, or go on in that folder: peri pod dev",
    );
  }
  try {
    await fill(folder, name, wit);
    return folder;
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

async function fill(folder: string, name: string, wit: string | undefined): Promise<void> {
  const write = (files: Record<string, string>) =>
    Promise.all(
      Object.entries(files).map(([file, text]) => Deno.writeTextFile(join(folder, file), text)),
    );
  const className = classNameOf(name);
  const about = wit === undefined ? "Notes that friends may read." : `What ${name}.wit says.`;
  await write({
    "pod.json": `${JSON.stringify({ name, version: "0.1.0", about }, null, 2)}\n`,
    "README.md": readmeText(name),
    ".gitignore": "/.peri/\n/*.wasm\n",
  });
  await refreshConfig(folder);
  if (wit === undefined) {
    return void await write({
      "pod.ts": podText(className),
      "pod_test.ts": testText(name, className),
    });
  }
  await write({ [`${name}.wit`]: await readText(wit) });
  const project = await readProject(folder);
  const world = await readWorldOf(project);
  const generated = generatedText(project, world);
  await write({
    "generated.ts": generated,
    "pod.ts": skeletonText(
      className,
      generated,
      world.exports.map((one) => one.name),
      `${name}.wit`,
    ),
    "pod_test.ts": emptyTestText(name, className),
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    throw new AuthorError("not-found", `${path} cannot be read`);
  }
}

/** `guest-book` is `GuestBook`. */
export function classNameOf(name: string): string {
  return name.split("-").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
}

function podText(className: string): string {
  return `import { Pod } from "@peri/sdk";

/** Notes that friends may read. */
export default class ${className} extends Pod {
  readonly #notes = this.table<string>("notes");

  /** Keeps a note.
   *  @param text what to remember */
  async note(text: string): Promise<void> {
    this.#notes.put(\`\${this.run.nowMs}\`, text);
  }

  /** All notes, oldest first. */
  async notes(): Promise<string[]> {
    return (await this.#notes.list()).map(([, text]) => text);
  }
}
`;
}

function testText(name: string, className: string): string {
  return `import assert from "node:assert/strict";
import { openVillage } from "@peri/testing";
import ${className} from "./pod.ts";

Deno.test("a friend reads what was noted", async () => {
  await using village = openVillage();
  const [alice, bob] = await village.friends("alice", "bob");
  for (const person of [alice, bob]) await person.install(${className});
  await alice.run("${name}", "note", "buy", "milk");
  assert.equal((await bob.run("${name}", "notes", "--of", "alice")).out, "buy milk\\n");
});
`;
}

function emptyTestText(name: string, className: string): string {
  return `import assert from "node:assert/strict";
import { openVillage } from "@peri/testing";
import ${className} from "./pod.ts";

Deno.test("it can be installed", async () => {
  await using village = openVillage();
  const alice = await village.person("alice");
  await alice.install(${className});
  assert.equal((await alice.run("${name}", "--help")).code, 0);
});
`;
}

function readmeText(name: string): string {
  return `# ${name}

    peri pod test       tries it with people who are not there
    peri pod dev        installs it for you, and again whenever you save
    peri pod build      makes ${name}.wasm, which others can install
    peri ${name} --help

\`pod.ts\` is the whole pod: its public methods are what others can call and what you can type.
`;
}

if (import.meta.main) {
  await run("make a pod", async () => {
    const { values: { wit }, positionals: [name = ""] } = parseArgs({
      args: Deno.args,
      allowPositionals: true,
      options: { wit: { type: "string" } },
    });
    await makePod(name, wit === undefined ? {} : { wit });
    console.log(`${name} is a pod; next: cd ${name}, then peri pod test and peri pod dev`);
    return 0;
  });
}

/**
 * `new.ts <name>`: a folder with a pod that does something small and has a test.
 *
 * @module
 */

import { join } from "node:path";
import { refreshConfig } from "./config.ts";
import { AuthorError, run } from "./run.ts";

/** As names of pods are (`pods/build/project.ts`). */
const NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/**
 * Makes the folder of a pod where one stands.
 *
 * @returns its path
 * @throws {AuthorError} when the name is none, or something of that name is there.
 */
export async function makePod(name: string, within = Deno.cwd()): Promise<string> {
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
  for (const [file, text] of Object.entries(filesOf(name))) {
    await Deno.writeTextFile(join(folder, file), text);
  }
  await refreshConfig(folder);
  return folder;
}

function filesOf(name: string): Record<string, string> {
  const about = `Notes that friends may read.`;
  return {
    "pod.ts": podText(classNameOf(name)),
    "pod_test.ts": testText(name, classNameOf(name)),
    "pod.json": `${JSON.stringify({ name, version: "0.1.0", about }, null, 2)}\n`,
    "README.md": readmeText(name),
    ".gitignore": "/.peri/\n/*.wasm\n",
  };
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
    const [name = ""] = Deno.args;
    await makePod(name);
    console.log(`${name} is a pod; next: cd ${name}, then peri pod test and peri pod dev`);
    return 0;
  });
}

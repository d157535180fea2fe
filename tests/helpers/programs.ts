/**
 * The hey pod's program, made once for all homes of a run of tests: making it takes a core some
 * seconds, and every new server would do so again. That servers make programs by themselves is
 * tested where programs are (`runtime/adapters/compiler_test.ts`), and by the demo.
 *
 * @module
 */

import { openCompiler } from "../../runtime/adapters/compiler.ts";

const component = new URL("../../dist/hey.wasm", import.meta.url);

/** Makes the program, unless another test has, and gives what puts it into a home that is new. */
export async function lendPrograms(): Promise<(home: string) => void> {
  const cacheDir = `${Deno.env.get("TMPDIR") ?? "/tmp"}/peri-programs`;
  const compiler = openCompiler({ cacheDir });
  let name: string;
  try {
    name = (await compiler.compile(await Deno.readFile(component))).component;
  } finally {
    await compiler.close();
  }
  return (home) => {
    const folder = `${home}/cache/programs`;
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Copies: some tests damage what is in a home.
    for (const { name: file } of Deno.readDirSync(cacheDir)) {
      const isMeant = file.startsWith(name) && !file.endsWith(".tmp");
      if (isMeant) Deno.copyFileSync(`${cacheDir}/${file}`, `${folder}/${file}`);
    }
  };
}

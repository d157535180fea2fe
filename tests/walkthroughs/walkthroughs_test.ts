/**
 * Every story beside this file is a test.
 *
 * @module
 */

import { dirname } from "node:path";
import { formatLauncher } from "../../tools/install/launcher.ts";
import { playStory } from "./play.ts";
import { Stage } from "./stage.ts";

const folder = import.meta.dirname!;
const root = dirname(dirname(folder));

const stories = [...Deno.readDirSync(folder)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".md") && name !== "README.md")
  .sort();

for (const name of stories) {
  Deno.test(`the walkthrough ${name} goes as told`, async () => {
    const programs = Deno.makeTempDirSync({ prefix: "peri-bin-" });
    try {
      const launcher = formatLauncher({ deno: Deno.execPath(), root });
      Deno.writeTextFileSync(`${programs}/peri`, launcher, { mode: 0o755 });
      await using stage = new Stage(programs, {
        DENO_DIR: await packageFolder(),
        // Nobody sits at a terminal, and all servers are on this machine.
        PERI_PASSPHRASE_FILE: "pass",
        PERI_ALLOW_PRIVATE: "127.0.0.0/8",
        PERI_LOG_LEVEL: "error",
      });
      const path = `tests/walkthroughs/${name}`;
      await playStory(path, Deno.readTextFileSync(`${folder}/${name}`), stage);
    } finally {
      Deno.removeSync(programs, { recursive: true });
    }
  });
}

/** Where this Deno keeps packages, which follows HOME and would be fetched again otherwise. */
async function packageFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return (JSON.parse(new TextDecoder().decode(stdout)) as { denoDir: string }).denoDir;
}

/**
 * Stories in Markdown as tests: what is typed in them is typed, and what they show must come.
 *
 * @module
 */

import { dirname } from "node:path";
import { formatLauncher } from "../../tools/install/launcher.ts";
import { lendPrograms } from "../helpers/programs.ts";
import { playStory } from "./play.ts";
import { Stage } from "./stage.ts";

const root = dirname(dirname(import.meta.dirname!));

/** Paths of the stories in a folder, from the root. */
function storiesIn(path: string): string[] {
  return [...Deno.readDirSync(`${root}/${path}`)]
    .map(({ name }) => `${path}/${name}`)
    .filter((story) => story.endsWith(".md") && !story.endsWith("/README.md"))
    .sort();
}

/** Makes every story in a folder a test. @param folder from the root */
export function testStories(folder: string): void {
  for (const path of storiesIn(folder)) {
    Deno.test(`${path} goes as told`, async () => await playOnStage(path));
  }
}

async function playOnStage(path: string): Promise<void> {
  const programs = Deno.makeTempDirSync({ prefix: "peri-bin-" });
  try {
    const launcher = formatLauncher({ deno: Deno.execPath(), root });
    Deno.writeTextFileSync(`${programs}/peri`, launcher, { mode: 0o755 });
    const lend = await lendPrograms();
    const variables = {
      DENO_DIR: await packageFolder(),
      // Pods that somebody has written, for those who read along.
      PODS: `${root}/tests/pods`,
      // Nobody sits at a terminal, and all servers are on this machine.
      PERI_PASSPHRASE_FILE: "pass",
      PERI_ALLOW_PRIVATE: "127.0.0.0/8",
      PERI_LOG_LEVEL: "error",
    };
    await using stage = new Stage(programs, variables, (home) => lend(`${home}/.local/share/peri`));
    await playStory(path, Deno.readTextFileSync(`${root}/${path}`), stage);
  } finally {
    Deno.removeSync(programs, { recursive: true });
  }
}

/** Where this Deno keeps packages, which follows HOME and would be fetched again otherwise. */
async function packageFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return (JSON.parse(new TextDecoder().decode(stdout)) as { denoDir: string }).denoDir;
}

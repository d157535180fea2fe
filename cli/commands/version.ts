/** `peri version`. @module */

import { command } from "../command.ts";
import { printLine } from "../output.ts";

export default command({
  about: "Print the version",
  json: true,
  async run(context, flags) {
    const bytes = await context.files.read(`${context.root}/deno.json`, 64 * 1024);
    const { version } = JSON.parse(new TextDecoder().decode(bytes));
    await printLine(
      context.streams.stdout,
      flags.json ? JSON.stringify({ version }) : `peri ${version}`,
    );
    return 0;
  },
});

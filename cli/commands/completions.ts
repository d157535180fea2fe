/** `peri completions`. @module */

import { PeriError } from "../../runtime/model/errors.ts";
import { command } from "../command.ts";
import { isShell, SCRIPTS, SETUPS } from "../shells.ts";

const shells = Object.keys(SCRIPTS);

export default command({
  about: "Print a completion script for your shell",
  details: Object.values(SETUPS).join("\n"),
  arguments: [{
    name: "shell",
    about: shells.join(", "),
    complete: () => Promise.resolve(shells),
  }],
  async run(context, _flags, shell = "") {
    if (isShell(shell)) {
      await context.streams.stdout.write(new TextEncoder().encode(SCRIPTS[shell]));
      return 0;
    }
    throw new PeriError("invalid", {
      op: "print completions",
      subject: `there is no script for ${JSON.stringify(shell)}`,
      hint: `peri completions ${shells.join("|")}`,
    });
  },
});

/** `peri pod build`. @module */

import { command, text } from "../../command.ts";

export default command({
  about: "Build a pod: a component that others can install",
  flags: { out: text("file", "Where it goes; else <name>.wasm in its folder") },
  arguments: [{ name: "folder", about: "Where the pod stands; else here", count: "optional" }],
  async run(context, flags, folder = ".") {
    const out = flags.out === undefined ? [] : ["--out", flags.out];
    return await (await context.workshop()).run("author/build", [folder, ...out]);
  },
});

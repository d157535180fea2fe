/** `peri pod build`. @module */

import { command, text, toggle } from "../../command.ts";

export default command({
  about: "Build a pod: a component that others can install",
  flags: {
    out: text("file", "Where it goes; else <name>.wasm in its folder"),
    publish: toggle("Others rely on its interfaces from now on: later builds cannot change them"),
  },
  arguments: [{ name: "folder", about: "Where the pod stands; else here", count: "optional" }],
  async run(context, flags, folder = ".") {
    const out = flags.out === undefined ? [] : ["--out", flags.out];
    const publish = flags.publish ? ["--publish"] : [];
    return await (await context.workshop()).run("author/build", [folder, ...out, ...publish]);
  },
});

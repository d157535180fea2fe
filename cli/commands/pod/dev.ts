/** `peri pod dev`. @module */

import { command, text, toggle } from "../../command.ts";

export default command({
  about: "Build a pod and install it for you, now and whenever you save",
  details: "You sign once; what the pod logs is shown, and a build that fails leaves the version " +
    "before in its place. Ctrl-C ends it; the pod stays.",
  flags: {
    as: text("name", "Call it so; else by the name it gives itself"),
    yes: toggle("Sign without asking"),
  },
  arguments: [{ name: "folder", about: "Where the pod stands; else here", count: "optional" }],
  async run(context, flags, folder = ".") {
    const { develop } = await import("../../develop.ts");
    return await develop(context, { folder, as: flags.as, yes: flags.yes });
  },
});

/** `peri pod test`. @module */

import { command } from "../../command.ts";

export default command({
  about: "Run a pod's tests, with a village of people in one process",
  details: "Words behind -- go to deno test: peri pod test . -- --filter pond.",
  arguments: [{
    name: "folder",
    about: "Where the pod stands, else here; then words for deno test",
    count: "many",
  }],
  async run(context, _flags, folder = ".", ...words) {
    return await (await context.workshop()).run("author/try", [folder, ...words]);
  },
});

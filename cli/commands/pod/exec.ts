/** `peri pod exec`. @module */

import { command } from "../../command.ts";
import { podNames } from "../../lookup.ts";

export default command({
  about: "Run a command of a pod whose name is a word of peri",
  details: "Everything after the pod's name goes to the pod as it is, flags too: " +
    "peri pod exec status --help.",
  arguments: [
    {
      name: "pod",
      about: "Name of the pod, then what it is to do",
      count: "many",
      complete: podNames,
    },
  ],
  // With a pod's name right behind it the line never comes here: `cli/dispatch.ts` passes it on.
  async run(context, _flags, ...words) {
    const { PeriError } = await import("../../../runtime/model/errors.ts");
    if (words.length > 0) return await (await import("../../external.ts")).runPod(words, context);
    throw new PeriError("invalid", {
      op: "run peri pod exec",
      subject: "it needs the name of a pod",
      hint: "peri pod list shows your pods",
    });
  },
});

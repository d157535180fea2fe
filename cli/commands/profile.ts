/** `peri profile`. @module */

import { command } from "../command.ts";

export default command({
  about: "Show what others see of you, or what you see of somebody",
  details: "Your hey pod keeps the profile and answers: the same as peri hey profile. " +
    "peri profile set name|about|links <words…> changes yours; who sees what is said by " +
    "peri hey rules.",
  arguments: [
    {
      name: "who",
      about: "Whose; without it your own, and who sees each part. Or set, a field and its words",
      count: "many",
    },
  ],
  json: true,
  async run(context, { json }, ...words) {
    const flags = json ? ["--json"] : [];
    return await (await import("../external.ts")).runPod(
      ["hey", "profile", ...flags, ...words],
      context,
    );
  },
});

/** `peri pod new`. @module */

import { command, text } from "../../command.ts";

export default command({
  about: "Begin a pod of your own: a folder with a class and its test",
  details: "The pod works at once: peri pod test tries it, peri pod dev installs it for you. " +
    "docs/guides/capybara.md goes on from there.",
  flags: { wit: text("file", "Begin with interfaces that are given: a WIT file with a world pod") },
  arguments: [{ name: "name", about: "What it is called, and its folder here" }],
  async run(context, { wit }, name) {
    const given = wit === undefined ? [] : ["--wit", wit];
    return await (await context.workshop()).run("author/new", [name!, ...given]);
  },
});

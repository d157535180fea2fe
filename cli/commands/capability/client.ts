/** `peri capability client`. @module */

import { command } from "../../command.ts";

export default command({
  about: "Print a TypeScript client: the classes by which your pod calls another",
  details:
    'Save it beside your pod.ts, and call with peer(this, Birds, { of: "alice" }).report(…).',
  arguments: [{ name: "file", about: "A component or a WIT file: birds.wasm, birds.wit" }],
  async run(context, _flags, file) {
    return await (await context.workshop()).run("author/client", [file!]);
  },
});

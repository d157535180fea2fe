/** `peri server use`. @module */

import { command } from "../../command.ts";
import { LOCAL, serverMeant } from "../../far.ts";
import { printLine } from "../../output.ts";

export default command({
  about: "Choose the server that your commands are for",
  details: "local is the one on this computer, and what it is until you say otherwise. --on and " +
    "PERI_ON stand over it.",
  arguments: [{ name: "server|local", about: "A server that you have met" }],
  async run(context, _flags, name) {
    const server = await serverMeant(context, name);
    const far = await context.far();
    const { use: _use, ...servers } = await far.read();
    await far.write({ ...servers, ...(server && { use: server.name }) });
    const { stdout } = context.streams;
    await printLine(stdout, `your commands are for ${server?.name ?? `the ${LOCAL} server`}`);
    return 0;
  },
});

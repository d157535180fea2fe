/**
 * A process that starts a saved program and says so: the floor of a cold start.
 *
 * @module
 */

import { joinProgram } from "./program.ts";

const join = await joinProgram(Deno.args[0]!);
await join();
Deno.stdout.writeSync(new TextEncoder().encode("started\n"));

/**
 * Entry of the process that transpiles one component: component on standard input, CBOR
 * `{script, modules}` or `{error}` on standard output.
 *
 * @module
 */

import { encodeCbor } from "../../model/cbor.ts";
import { toPeriError } from "../../model/errors.ts";
import { transpile } from "./transpile.ts";

async function answer(): Promise<Uint8Array> {
  try {
    const component = new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
    const { script, modules } = await transpile(component);
    return encodeCbor({ script, modules: Object.fromEntries(modules) });
  } catch (thrown) {
    return encodeCbor({ error: { ...toPeriError(thrown, "compile component").toRecord() } });
  }
}

if (import.meta.main) {
  const bytes = await answer();
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
}

/**
 * A plugin of Extism that does nothing, in a worker. Waits for lines: an empty one loads it, a number
 * calls it so often; each is answered by a line.
 *
 * In JavaScript and loaded by name, so that a bench alone depends on it.
 *
 * @module
 */

const EXTISM = "npm:@extism/extism@1.0.3";
const { createPlugin } = await import(EXTISM);

/** `(module (func (export "noop") (result i32) (i32.const 0)))` */
const NOOP = "AGFzbQEAAAABBQFgAAF/AwIBAAcIAQRub29wAAAKBgEEAEEACw==";

const say = (line) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
const data = Uint8Array.fromBase64(NOOP);
let plugin;
say("ready");
let rest = "";
for await (const piece of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + piece).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    if (line === "") {
      await plugin?.close();
      plugin = await createPlugin({ wasm: [{ data }] }, { useWasi: false, runInWorker: true });
    }
    for (let at = 0; at < Number(line || 1); at++) await plugin.call("noop", "");
    say("done");
  }
}
Deno.exit(0);

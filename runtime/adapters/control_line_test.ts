import assert from "node:assert/strict";
import { dialControl } from "./control_line.ts";

async function withSocket(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/s`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("nobody listens where there is no socket, or an old one, or no folder", () =>
  withSocket(async (path) => {
    assert.equal(await dialControl(path), undefined);
    const listener = Deno.listen({ transport: "unix", path: `${path}.new` });
    // Under its own name it would be removed when it is closed.
    Deno.renameSync(`${path}.new`, path);
    listener.close();
    assert(Deno.statSync(path).isSocket);
    assert.equal(await dialControl(path), undefined);
    assert.equal(await dialControl(`${path}/below`), undefined);
  }));

Deno.test("a server that goes away is a reset, never a broken pipe", () =>
  withSocket(async (path) => {
    using listener = Deno.listen({ transport: "unix", path });
    const [line, far] = await Promise.all([dialControl(path), listener.accept()]);
    far.close();
    await assert.rejects(line!.send(new Uint8Array(10)), Deno.errors.ConnectionReset);
    await line!.close();
  }));

import assert from "node:assert/strict";
import { join } from "node:path";
import { componentizeModule, readSection } from "./component.ts";

const GUEST = `import * as host from "peri:pod/host@0.1.0";
export const guest = { dispatch: async () => [] };
`;

Deno.test("a module that does not come to its end is given up, with what to write instead", async () => {
  await assert.rejects(
    componentizeModule(`${GUEST}for (;;);`, 500),
    /not loaded after 0\.5 s: the top level of pod\.ts.* may only declare; put .* into a method/,
  );
});

Deno.test("what a module throws as it is loaded is told without where in the bundle", async () => {
  await assert.rejects(
    componentizeModule(`${GUEST}throw new Error("a bad day");`),
    { message: "the pod breaks as it is loaded: a bad day" },
  );
});

Deno.test("a module is given up when nobody waits for it any more", async () => {
  const program = join(import.meta.dirname!, "componentize.ts");
  const bytes = new TextEncoder().encode(`${GUEST}for (;;);`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", program, `${bytes.length}`, "30000"],
    stdin: "piped",
    stdout: "null",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(bytes);
  await input.close();
  assert.equal((await child.status).code, 1);
});

Deno.test("a component of many megabytes comes whole", async () => {
  const component = await componentizeModule(
    `${GUEST}globalThis.room = new Uint8Array(10 << 20).fill(7);`,
  );
  assert.ok(component.length > 10 << 20);
  // Goes from section to section, and refuses what is torn.
  assert.equal(readSection(component, "nothing"), undefined);
});

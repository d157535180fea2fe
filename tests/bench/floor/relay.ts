/**
 * The least that carrying a message can be: a server that writes what it is given to disk (fsync),
 * passes it on when it knows where, and answers. Arguments: file, next server or nothing.
 *
 * @module
 */

const [path, next] = Deno.args;
const file = Deno.openSync(path!, { create: true, append: true });

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
}, async (request) => {
  await file.write(new Uint8Array(await request.arrayBuffer()));
  await file.syncData();
  if (next) {
    const reply = await fetch(next, { method: "POST", body: "a message" });
    await reply.arrayBuffer();
  }
  return new Response("taken");
});

/**
 * A server of Fedify as its manual builds one, with its state and its queues in a Deno KV file
 * (SQLite; the npm package of its own SQLite driver has no queue and does not load). Arguments:
 * folder. Says where it listens; then takes JSON lines: `{send: count, to: url, bytes}` posts
 * activities, `{handled: count}` is answered when so many have been handled.
 *
 * In JavaScript and loaded by name, so that a bench alone depends on it.
 *
 * @module
 */

const FEDIFY = "npm:@fedify/fedify@1.10.12";
const {
  Create,
  createExponentialBackoffPolicy,
  createFederation,
  generateCryptoKeyPair,
  Note,
  Person,
} = await import(FEDIFY);

const [folder] = Deno.args;
const kv = await Deno.openKv(`${folder}/kv`);

/** Fedify's contract of a store (`KvStore`). */
const store = {
  async get(key) {
    return (await kv.get(key)).value ?? undefined;
  },
  async set(key, value, options) {
    await kv.set(key, value, { expireIn: options?.ttl?.total("millisecond") });
  },
  async delete(key) {
    await kv.delete(key);
  },
};

/** Fedify's contract of a queue (`MessageQueue`). */
const queue = {
  async enqueue(message, options) {
    await kv.enqueue(message, { delay: options?.delay?.total("millisecond") ?? 0 });
  },
  async listen(handler, { signal } = {}) {
    signal?.addEventListener("abort", () => kv.close(), { once: true });
    await kv.listenQueue(handler);
  },
};

let handled = 0;
let goal = { count: Infinity, reached: () => {} };
const federation = createFederation({
  kv: store,
  queue,
  allowPrivateAddress: true,
  outboxRetryPolicy: createExponentialBackoffPolicy({ maxAttempts: 3 }),
});
const keys = await generateCryptoKeyPair("RSASSA-PKCS1-v1_5");
federation.setActorDispatcher("/users/{identifier}", async (context, identifier) =>
  new Person({
    id: context.getActorUri(identifier),
    preferredUsername: identifier,
    inbox: context.getInboxUri(identifier),
    publicKey: (await context.getActorKeyPairs(identifier))[0].cryptographicKey,
  })).setKeyPairsDispatcher(() => [keys]);
federation.setInboxListeners("/users/{identifier}/inbox").on(Create, () => {
  if (++handled === goal.count) goal.reached();
});

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  (request) => federation.fetch(request, { contextData: undefined }),
);
const self = `http://127.0.0.1:${server.addr.port}`;
const context = federation.createContext(new URL(self), undefined);

async function send({ send: count, to, bytes }) {
  const recipient = { id: new URL(`${to}/users/bob`), inboxId: new URL(`${to}/users/bob/inbox`) };
  const content = "x".repeat(bytes);
  for (let at = 0; at < count; at++) {
    const id = new URL(`#${crypto.randomUUID()}`, context.getActorUri("alice"));
    const object = new Note({ id: new URL(`${id}-note`), content });
    const create = new Create({ id, actor: context.getActorUri("alice"), object });
    await context.sendActivity({ identifier: "alice" }, recipient, create);
  }
}

async function await_(count) {
  if (handled < count) {
    const reached = Promise.withResolvers();
    goal = { count, reached: reached.resolve };
    await reached.promise;
  }
  handled -= count;
}

const say = (value) =>
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
say({ url: self });
let rest = "";
for await (const piece of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + piece).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    const order = JSON.parse(line);
    ("send" in order ? send(order) : await_(order.handled)).then(
      () => say({ done: true }),
      (error) => say({ error: String(error?.stack ?? error) }),
    );
  }
}
Deno.exit(0);

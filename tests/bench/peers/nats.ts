/**
 * NATS JetStream over a leaf: a server that keeps a stream on disk, and one that forwards to it. What
 * is published at the leaf counts when the other server has said that it is kept. Nothing is sealed
 * or signed, and the disk is synced every two minutes.
 *
 * @module
 */

import { tempFolder } from "../floor/process.ts";

const PROGRAM = "nats-server";
const STREAM = "bench";
const SUBJECT = "bench.letters";
const INBOX = "_INBOX.bench";
const DOMAIN = "house";
const STARTING_MS = 5_000;

/** A leaf and the server behind it. */
export interface NatsPair extends AsyncDisposable {
  /** Microseconds per message until the other server has said that it keeps all of them. */
  oneWay(count: number, bytes: number, inFlight: number): Promise<number>;
}

/** Opens both servers. @throws {Error} when there is no `nats-server`; its message says so. */
export async function openNats(): Promise<NatsPair> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = stack.use(tempFolder());
    const [house, leafs, leaf] = [freePort(), freePort(), freePort()];
    const store = `jetstream { store_dir: "${folder.path}/store", domain: ${DOMAIN} }`;
    const door = `leafnodes { listen: "127.0.0.1:${leafs}" }`;
    const home = `server_name: house\nlisten: "127.0.0.1:${house}"\n${store}\n${door}\n`;
    stack.use(startServer(`${folder.path}/house.conf`, home));
    const remote = `leafnodes { remotes: [{ url: "nats://127.0.0.1:${leafs}" }] }`;
    const away = `server_name: leaf\nlisten: "127.0.0.1:${leaf}"\n${remote}\n`;
    stack.use(startServer(`${folder.path}/leaf.conf`, away));
    const owner = stack.use(await Client.connect(house));
    await makeStream(owner);
    const client = stack.use(await Client.connect(leaf));
    await isThrough(client);
    return {
      oneWay: (count, bytes, inFlight) => publish(client, count, bytes, inFlight),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function publish(
  client: Client,
  count: number,
  bytes: number,
  inFlight: number,
): Promise<number> {
  const text = "x".repeat(bytes);
  const startMs = performance.now();
  let left = count;
  const fly = async () => {
    while (left-- > 0) await client.request(SUBJECT, text);
  };
  await Promise.all(Array.from({ length: inFlight }, fly));
  return (performance.now() - startMs) * 1000 / count;
}

async function makeStream(client: Client): Promise<void> {
  const wish = { name: STREAM, subjects: [SUBJECT], storage: "file", max_bytes: 1 << 28 };
  const said = await client.request(`$JS.API.STREAM.CREATE.${STREAM}`, JSON.stringify(wish));
  if (said.includes('"error"')) throw new Error(`nats-server makes no stream: ${said}`);
}

/** The leaf takes a moment to learn who listens behind it. */
async function isThrough(client: Client): Promise<void> {
  const untilMs = performance.now() + STARTING_MS;
  while (!(await client.request(SUBJECT, "first")).includes('"seq"')) {
    if (performance.now() > untilMs) {
      throw new Error("the leaf of nats-server does not get through");
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function startServer(path: string, config: string): AsyncDisposable {
  Deno.writeTextFileSync(path, config);
  const process = new Deno.Command(PROGRAM, {
    args: ["--config", path],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.status;
    },
  };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    return listener.addr.port;
  } finally {
    listener.close();
  }
}

/** As much of the client protocol of NATS as a request and its answer need. */
class Client implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #asked = new Map<string, (answer: string) => void>();
  #ids = 0;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    connection.setNoDelay(true);
    this.#writer = connection.writable.getWriter();
    void this.#listen().catch(() => {});
  }

  /** Connects as soon as the server listens. @throws {Error} when it does not within seconds. */
  static async connect(port: number): Promise<Client> {
    for (const untilMs = performance.now() + STARTING_MS;;) {
      try {
        const client = new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
        const wish = JSON.stringify({ verbose: false, no_responders: true, headers: true });
        client.#say(`CONNECT ${wish}\r\nSUB ${INBOX}.* 1\r\n`);
        return client;
      } catch (error) {
        if (performance.now() > untilMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** The answer to a message; empty when nobody listens. */
  request(subject: string, text: string): Promise<string> {
    const inbox = `${INBOX}.${++this.#ids}`;
    return new Promise((resolve) => {
      this.#asked.set(inbox, resolve);
      this.#say(`PUB ${subject} ${inbox} ${text.length}\r\n${text}\r\n`);
    });
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  #say(text: string): void {
    this.#writer.write(new TextEncoder().encode(text)).catch(() => {});
  }

  async #listen(): Promise<void> {
    let text = "";
    for await (const piece of this.#connection.readable.pipeThrough(new TextDecoderStream())) {
      text = this.#take(text + piece);
    }
  }

  /** Takes whole messages; the rest is given back. */
  #take(text: string): string {
    for (;;) {
      const end = text.indexOf("\r\n");
      if (end < 0) return text;
      const [word, subject = "", ...numbers] = text.slice(0, end).split(" ");
      const size = word === "MSG" || word === "HMSG" ? Number(numbers.at(-1)) + 2 : 0;
      if (text.length < end + 2 + size) return text;
      if (word === "PING") this.#say("PONG\r\n");
      if (size > 0) {
        this.#asked.get(subject)?.(word === "MSG" ? text.slice(end + 2, end + size) : "");
        this.#asked.delete(subject);
      }
      text = text.slice(end + 2 + size);
    }
  }
}

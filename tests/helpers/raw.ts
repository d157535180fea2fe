/**
 * A client without manners: bytes on a socket.
 *
 * @module
 */

/** What came back on a connection, and whether the server ended it. */
export interface RawReply {
  readonly text: string;
  readonly closed: boolean;
  /** Bytes the server let us send. */
  readonly sentBytes: number;
}

/** What to send on one connection. */
export interface RawRequest {
  readonly port: number;
  readonly head: string;
  /** Sent after the head as fast as the server takes it. */
  readonly bodyBytes?: number;
  /** What the body repeats; zeros when absent. */
  readonly part?: Uint8Array;
  /** Most time until the server is expected to have closed. */
  readonly waitMs?: number;
}

/** Sends bytes and reads until the server closes or the time is over. */
export async function sendRaw(request: RawRequest): Promise<RawReply> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: request.port });
  const reading = readAll(connection, request.waitMs ?? 3_000);
  const sentBytes = await writeAll(connection, request);
  const { text, closed } = await reading;
  try {
    connection.close();
  } catch {
    // The reader's timer closed it.
  }
  return { text, closed, sentBytes };
}

async function writeAll(connection: Deno.Conn, request: RawRequest): Promise<number> {
  let sent = 0;
  try {
    const head = new TextEncoder().encode(request.head);
    for (let at = 0; at < head.length;) at += await connection.write(head.subarray(at));
    const part = request.part ?? new Uint8Array(65_536);
    while (sent < (request.bodyBytes ?? 0)) {
      for (let at = 0; at < part.length;) at += await connection.write(part.subarray(at));
      sent += part.length;
    }
  } catch {
    // The server had enough.
  }
  return sent;
}

async function readAll(connection: Deno.Conn, waitMs: number) {
  let text = "";
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.close();
  }, waitMs);
  const part = new Uint8Array(16_384);
  try {
    for (let size = await connection.read(part); size !== null;) {
      text += new TextDecoder().decode(part.subarray(0, size));
      size = await connection.read(part);
    }
  } catch {
    // Reset counts as closed; the timer's close does not.
  }
  clearTimeout(timer);
  return { text, closed: !late };
}

/** A POST of the envelope route without its body. */
export function postHead(contentLength: number | "chunked", more = ""): string {
  const length = contentLength === "chunked"
    ? "transfer-encoding: chunked"
    : `content-length: ${contentLength}`;
  return `POST /peri/v1/envelopes HTTP/1.1\r\nhost: x\r\ncontent-type: application/cbor\r\n` +
    `${more}${length}\r\n\r\n`;
}

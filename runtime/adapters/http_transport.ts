/**
 * {@link Transport} over HTTP/1.1. The one owner of `node:http` clients.
 *
 * `node:http` rather than `fetch`, because it connects to exactly the addresses that were checked:
 * with `fetch` a name could be resolved a second time, to something else, between check and
 * connection (DNS rebinding). TLS still verifies the name of the URL.
 *
 * @module
 */

import { lookup as resolveName } from "node:dns/promises";
import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import {
  type IpAddress,
  type IpRange,
  isInRanges,
  isPublicAddress,
  parseIpAddress,
} from "../model/address.ts";
import { type Bytes, concatBytes, equalBytes } from "../model/bytes.ts";
import { PeriError } from "../model/errors.ts";
import { IDLE_CLIENT_MS } from "../model/limits.ts";
import type { Reply, Request, Transport } from "../ports/transport.ts";

/** Connections to one server: one for messages, others for questions. */
const MAX_SOCKETS_PER_SERVER = 8;

/** The addresses of this machine are read again after this. */
const OWN_FRESH_MS = 10_000;

/** Resolves a host name to the literals of its addresses. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** What an {@link openHttpTransport} may reach. */
export interface HttpTransportOptions {
  /** Ranges beyond the public ones that may be called; the operator's choice. */
  readonly allow: readonly IpRange[];
  /** The addresses of this machine itself; those of its interfaces unless tests say otherwise. */
  readonly own?: () => readonly string[];
  /** How names are resolved; the system's way unless tests say otherwise. */
  readonly resolve?: Resolve;
  /** Certificate authorities in PEM instead of the system's; for tests. */
  readonly authorities?: string;
}

/** A transport over HTTP. Close it. */
export function openHttpTransport(options: HttpTransportOptions): Transport {
  const pool = { keepAlive: true, maxSockets: MAX_SOCKETS_PER_SERVER, timeout: IDLE_CLIENT_MS };
  const agents = {
    http: new HttpAgent(pool),
    https: new HttpsAgent(
      options.authorities === undefined ? pool : { ...pool, ca: options.authorities },
    ),
  };
  const may = { allow: options.allow, own: options.own ?? addressesHere() };
  const lookup = checkedLookup(may, options.resolve ?? resolveBySystem);
  return {
    async send(request) {
      refuseLiteral(request, may);
      if (request.signal?.aborted) throw unreachable(request, "given up");
      // A kept connection that the server closed at this moment is replaced by node:http itself.
      return await exchange(request, agents, lookup);
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

function exchange(request: Request, agents: Agents, lookup: LookupFunction): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = start(request, agents, lookup);
    const stop = (error: PeriError) => {
      end();
      reject(error);
      outgoing.destroy();
    };
    const timer = setTimeout(
      () => stop(unreachable(request, `no whole reply within ${request.timeoutMs} ms`)),
      request.timeoutMs,
    );
    const abort = () => stop(unreachable(request, "given up"));
    const end = () => {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", abort);
    };
    request.signal?.addEventListener("abort", abort);
    outgoing.on("error", (cause) => stop(failure(request, cause)));
    outgoing.on("response", (response) => {
      readReply(request, response, stop, (reply) => {
        end();
        resolve(reply);
      });
    });
    outgoing.end(request.body);
  });
}

function start(request: Request, agents: Agents, lookup: LookupFunction): ClientRequest {
  const url = new URL(request.path, request.server);
  if (url.origin !== request.server) throw unreachable(request, "the path leaves the server");
  const { body } = request;
  const options = {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined
      ? { accept: "application/cbor" }
      : { "content-type": "application/cbor", "content-length": body.length },
    lookup,
  };
  return url.protocol === "https:"
    ? httpsRequest(url, { ...options, agent: agents.https })
    : httpRequest(url, { ...options, agent: agents.http });
}

function readReply(
  request: Request,
  response: IncomingMessage,
  stop: (error: PeriError) => void,
  done: (reply: Reply) => void,
): void {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    return stop(unreachable(request, "it points elsewhere, which is not followed"));
  }
  const tooLong = () =>
    new PeriError("too-large", {
      op: `reach ${request.server}`,
      subject: `its reply is longer than ${request.maxReplyBytes} bytes`,
    });
  if (Number(response.headers["content-length"] ?? 0) > request.maxReplyBytes) {
    return stop(tooLong());
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  response.on("data", (part: Uint8Array) => {
    size += part.length;
    if (size > request.maxReplyBytes) return stop(tooLong());
    parts.push(part);
  });
  response.on("end", () => {
    if (response.complete) done({ status, body: concatBytes(parts) as Bytes });
    else stop(unreachable(request, "the reply was cut short"));
  });
  response.on("error", () => stop(unreachable(request, "the reply was cut short")));
}

function unreachable(request: Request, why: string, cause?: unknown): PeriError {
  return new PeriError("unreachable", {
    op: `reach ${request.server}`,
    subject: why,
    hint: "it is tried again; peri friend list shows which servers answer",
    cause,
  });
}

function failure(request: Request, cause: Error & { code?: string }): PeriError {
  if (cause instanceof PeriError) return cause;
  return unreachable(request, cause.message || String(cause.code), cause);
}

/** Whom the operator allows, and what is this machine. */
interface Bounds {
  readonly allow: readonly IpRange[];
  readonly own: () => readonly string[];
}

/**
 * Public addresses but for those of this machine: from within they lead past what a firewall keeps
 * from outside. Nobody lives at our own server whom we do not know.
 */
function mayReach(literal: string, { allow, own }: Bounds): boolean {
  const address = parseIpAddress(literal);
  if (address === undefined) return false;
  if (isInRanges(address, allow)) return true;
  return isPublicAddress(address) && !own().some((one) => isSame(address, parseIpAddress(one)));
}

function isSame(address: IpAddress, other: IpAddress | undefined): boolean {
  return other !== undefined && equalBytes(address, other);
}

/** The addresses of the interfaces, which may change while a server runs. */
function addressesHere(): () => readonly string[] {
  let [found, atMs]: [readonly string[], number] = [[], -Infinity];
  return () => {
    if (performance.now() - atMs > OWN_FRESH_MS) {
      found = interfacesHere();
      atMs = performance.now();
    }
    return found;
  };
}

function refuse(host: string, literals: readonly string[]): PeriError {
  return new PeriError("denied", {
    op: `reach ${host}`,
    subject: `it is at an address of this machine or its network, ` +
      literals.join(", ").slice(0, 200),
    hint: "if you want that, add the range to allow-private in config.toml",
  });
}

/** Hosts that are addresses are connected to without asking `lookup`. */
function refuseLiteral(request: Request, may: Bounds): void {
  const { hostname } = new URL(request.server);
  if (parseIpAddress(hostname) !== undefined && !mayReach(hostname, may)) {
    throw refuse(request.server, [hostname]);
  }
}

async function resolveBySystem(host: string): Promise<string[]> {
  const found = await resolveName(host, { all: true });
  return found.map(({ address }) => address);
}

function interfacesHere(): readonly string[] {
  try {
    return Deno.networkInterfaces().map(({ address }) => address);
  } catch (cause) {
    // A launcher of before does not give this permission; private addresses are refused all the same.
    if (cause instanceof Deno.errors.NotCapable) return [];
    throw cause;
  }
}

/** Gives the connection only those addresses of a name that may be called. */
function checkedLookup(may: Bounds, resolve: Resolve): LookupFunction {
  return (host, options, done) => {
    resolve(host).then((literals) => {
      const good = literals.filter((literal) => mayReach(literal, may));
      if (good.length === 0) return done(refuse(host, literals), "");
      const addresses = good.map((address) => ({
        address,
        family: address.includes(":") ? 6 : 4,
      }));
      if (options.all === true) done(null, addresses);
      else done(null, addresses[0]!.address, addresses[0]!.family);
    }, (cause) => done(cause, ""));
  };
}

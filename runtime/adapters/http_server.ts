/**
 * The federation port: HTTP/1.1 for a {@link Gate}. The one owner of `node:http` servers.
 *
 * `Deno.serve` would answer twice as many empty requests, but it keeps a connection whose head or
 * body never comes open for ever (denoland/deno#3515); here every wait has an end.
 *
 * @module
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Gate, GateRequest } from "../gate/federation.ts";
import { formatPeer, isLoopback, type ListenAddress } from "../model/address.ts";
import {
  HEAD_TIMEOUT_MS,
  IDLE_SERVER_MS,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_PEER,
  POST_TIMEOUT_MS,
} from "../model/limits.ts";
import type { Log } from "../ports/log.ts";
import { keepHeadroom } from "./headroom.ts";
import { listenError } from "./listening.ts";

/** Longest head of a request; ours are below 500 bytes. */
const MAX_HEAD_BYTES = 8 * 1024;
/** The gate ends a late body first; this is the net below it. */
const REQUEST_TIMEOUT_MS = POST_TIMEOUT_MS + 5_000;

/** A running server. */
export interface HttpServer {
  /** Where it listens, with the port the system chose. */
  readonly address: ListenAddress;
  /**
   * Takes no new connections, lets running requests end for at most `deadlineMs`, then cuts them.
   * Repeating it changes nothing.
   */
  close(deadlineMs: number): Promise<void>;
}

/** What may be set otherwise in tests. */
export interface HttpServerOptions {
  readonly headTimeoutMs?: number;
  readonly maxConnections?: number;
}

/**
 * Opens the federation port.
 *
 * @throws {PeriError} `busy` when the port is taken, `denied` when it may not be used, `invalid`
 * when the address is not of this machine.
 */
export async function openHttpServer(
  listen: ListenAddress,
  gate: Gate,
  log: Log,
  options: HttpServerOptions = {},
): Promise<HttpServer> {
  const headTimeoutMs = options.headTimeoutMs ?? HEAD_TIMEOUT_MS;
  const server = createServer({
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: headTimeoutMs,
    requestTimeout: Math.max(REQUEST_TIMEOUT_MS, headTimeoutMs),
    keepAliveTimeout: IDLE_SERVER_MS,
    connectionsCheckingInterval: Math.min(1_000, headTimeoutMs),
  }, (request, response) => {
    answer(gate, request, response).catch((cause) => {
      log.error("request failed", cause);
      response.destroy();
    });
  });
  keepHeadroom(server, options.maxConnections ?? MAX_CONNECTIONS, log);
  server.on("connection", boundPeers());
  // Torn connections and heads that are no HTTP: what strangers send is not our error.
  server.on("clientError", (_error, socket) => socket.destroy());
  await startListening(server, listen);
  server.on("error", (cause) => log.error("federation port failed", cause));
  const { port } = server.address() as { port: number };
  return { address: { host: listen.host, port }, close: closer(server) };
}

function startListening(server: Server, listen: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(listenError("--listen", listen, cause)));
    server.listen(listen.port, listen.host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

/** Drops connections of a peer that has too many; a proxy on this machine speaks for many. */
function boundPeers(): (socket: Socket) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const remote = socket.remoteAddress ?? "";
    if (isLoopback(remote)) return;
    const peer = formatPeer(remote);
    const count = (open.get(peer) ?? 0) + 1;
    open.set(peer, count);
    socket.once("close", () => {
      const left = open.get(peer)! - 1;
      if (left === 0) open.delete(peer);
      else open.set(peer, left);
    });
    if (count > MAX_CONNECTIONS_PER_PEER) socket.destroy();
  };
}

async function answer(gate: Gate, request: IncomingMessage, response: ServerResponse) {
  // Without a listener an aborted request would be an uncaught error.
  request.on("error", () => {});
  response.on("error", () => {});
  const reply = await gate(gateRequest(request));
  if (response.destroyed) return;
  const headers: Record<string, string | number> = {
    "content-type": reply.contentType,
    "content-length": reply.body.length,
  };
  if (reply.retryAfterS !== undefined) headers["retry-after"] = reply.retryAfterS;
  if (reply.allow !== undefined) headers["allow"] = reply.allow;
  const isWhole = request.complete || !hasBody(request);
  // What nobody reads is not waited for: the connection ends with the reply.
  if (!isWhole) headers["connection"] = "close";
  response.writeHead(reply.status, headers);
  response.end(reply.body);
}

function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function gateRequest(request: IncomingMessage): GateRequest {
  const declared = request.headers["content-length"];
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    contentType: request.headers["content-type"],
    declaredBytes: declared === undefined ? undefined : Number(declared),
    body: () => ({ [Symbol.asyncIterator]: () => partsOf(request) }),
  };
}

/**
 * The parts of a body, one asked for at a time. Node's own iterator takes twice the time of a whole
 * small request, and ends the connection when reading is given up, over which the refusal goes.
 */
function partsOf(request: IncomingMessage): AsyncIterator<Uint8Array> {
  const ready: Uint8Array[] = [];
  let wanted: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  let isTorn = false;
  const settle = (part?: Uint8Array) => {
    wanted?.resolve(part === undefined ? DONE : { done: false, value: part });
    wanted = undefined;
  };
  const tear = () => {
    isTorn = true;
    wanted?.reject(new Error("the connection was closed"));
  };
  request.on("data", (part: Uint8Array) => {
    if (wanted !== undefined) return settle(part);
    ready.push(part);
    request.pause();
  });
  request.on("end", () => settle());
  request.on("close", () => request.complete ? settle() : tear());
  return {
    next() {
      const part = ready.shift();
      if (part !== undefined) return Promise.resolve({ done: false, value: part });
      if (request.readableEnded) return Promise.resolve(DONE);
      if (isTorn) return Promise.reject(new Error("the connection was closed"));
      wanted = Promise.withResolvers();
      request.resume();
      return wanted.promise;
    },
    return() {
      request.pause();
      settle();
      return Promise.resolve(DONE);
    },
  };
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

function closer(server: Server): (deadlineMs: number) => Promise<void> {
  let closing: Promise<void> | undefined;
  return (deadlineMs) =>
    closing ??= new Promise((resolve) => {
      const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
      server.close(() => {
        clearTimeout(deadline);
        resolve();
      });
    });
}

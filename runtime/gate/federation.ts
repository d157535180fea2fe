/**
 * Where other peripheries come in (PROTOCOL.md, "Carriage" and "Directory"): requests over HTTP to
 * envelopes for the boxes and questions for the directory. Sockets are an adapter's.
 *
 * @module
 */

import type { Answers } from "../directory/answer.ts";
import type { Bytes } from "../model/bytes.ts";
import { decodePost, encodeReplies, type Envelope, type EnvelopeReply } from "../model/envelope.ts";
import { PeriError, toPeriError } from "../model/errors.ts";
import {
  MAX_GATE_BYTES,
  MAX_GATE_REQUESTS,
  MAX_POST_BYTES,
  POST_TIMEOUT_MS,
} from "../model/limits.ts";
import { parsePodRef } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { readBody, Room } from "./federation/body.ts";
import {
  cborReply,
  errorReply,
  type Gate,
  type GateReply,
  type GateRequest,
  textReply,
} from "./federation/request.ts";

export type { Gate, GateReply, GateRequest } from "./federation/request.ts";

/** What the gate hands requests to. */
export interface FederationParts {
  /** The boxes: one reply per envelope, in the same order, after what it says is on disk. */
  receive(envelopes: readonly Envelope[]): Promise<readonly EnvelopeReply[]>;
  /** The directory. */
  readonly answers: Answers;
  /** Takes a guest who comes by an invitation; absent: there are none. */
  meet?(body: Bytes): Promise<Bytes>;
  /** Lets in who comes with an invitation; the reply after it is on disk. Absent: nobody. */
  join?(body: Bytes): Promise<Bytes>;
  /** Takes what is said of who stands in whose place; the reply after it is on disk. */
  hear?(body: Bytes): Promise<Bytes>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Bounds of the gate; those of `limits.ts` unless a test says otherwise. */
export interface FederationBounds {
  readonly requests: number;
  readonly bytes: number;
  readonly timeoutMs: number;
}

const BOUNDS: FederationBounds = {
  requests: MAX_GATE_REQUESTS,
  bytes: MAX_GATE_BYTES,
  timeoutMs: POST_TIMEOUT_MS,
};

const ROOT = "/peri/v1/";

type Read = (query: URLSearchParams, rest: string) => Promise<Bytes>;
type Write = (body: Bytes) => Promise<Bytes>;

/** What can be done with one path. */
interface Route {
  readonly get?: Read;
  readonly post?: Write;
}

/** The gate of a periphery for others. */
export function openFederation(
  parts: FederationParts,
  bounds: FederationBounds = BOUNDS,
): Gate {
  const room = new Room(bounds);
  const routes = routesTo(parts);
  return async (request) => {
    using place = room.enter();
    if (place === undefined) return errorReply(full());
    try {
      return await dispatch(
        request,
        routes,
        (body) =>
          readBody(body, place, { ...bounds, maxBytes: MAX_POST_BYTES, clock: parts.clock }),
      );
    } catch (thrown) {
      const error = toPeriError(thrown, "answer a request");
      if (error.kind === "internal") parts.log.error("request failed", thrown);
      return error.kind === "expired" && error.op === "read request"
        ? textReply(408, error.message)
        : errorReply(error);
    }
  };
}

function routesTo(
  { receive, answers, meet, join, hear }: FederationParts,
): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    ["envelopes", { post: async (body) => encodeReplies(await receive(decodePost(body))) }],
    ...(meet === undefined ? [] : [["meeting", { post: meet }] as const]),
    ...(join === undefined ? [] : [["join", { post: join }] as const]),
    ...(hear === undefined ? [] : [["lineage", { post: hear }] as const]),
    ["hello", { get: () => answers.hello() }],
    ["book", {
      get: (query) => answers.book(parsePlace(query.get("after"))),
      post: (body) => answers.notice(body),
    }],
    ["who", { get: (_query, rest) => answers.who(parsePodRef(rest)) }],
  ]);
}

async function dispatch(
  request: GateRequest,
  routes: ReadonlyMap<string, Route>,
  read: (request: GateRequest) => Promise<Bytes>,
): Promise<GateReply> {
  const [path = "", query = ""] = request.target.split("?", 2);
  const [name = "", rest = ""] = splitOnce(path.startsWith(ROOT) ? path.slice(ROOT.length) : "");
  const route = routes.get(name);
  if (route === undefined || (rest !== "") !== (name === "who")) {
    return textReply(404, "not-found: a periphery answers below /peri/v1/");
  }
  if (request.method === "GET" && route.get !== undefined) {
    return cborReply(await route.get(new URLSearchParams(query), rest));
  }
  if (request.method !== "POST" || route.post === undefined) return notAllowed(route);
  if (request.contentType?.split(";")[0]?.trim().toLowerCase() !== "application/cbor") {
    return textReply(415, "invalid: the content type is application/cbor");
  }
  return cborReply(await route.post(await read(request)));
}

function splitOnce(path: string): readonly [string, string] {
  const slash = path.indexOf("/");
  return slash < 0 ? [path, ""] : [path.slice(0, slash), path.slice(slash + 1)];
}

function notAllowed(route: Route): GateReply {
  const allow = [route.get && "GET", route.post && "POST"].filter(Boolean).join(", ");
  return { ...textReply(405, `invalid: this path takes ${allow}`), allow };
}

function parsePlace(text: string | null): number {
  if (text === null) return 0;
  if (/^(?:0|[1-9]\d{0,15})$/.test(text)) return Number(text);
  const subject = `${JSON.stringify(text.slice(0, 40))} is no place of a book`;
  throw new PeriError("invalid", { op: "read a book", subject });
}

function full(): PeriError {
  return new PeriError("busy", { op: "answer a request", subject: "too many at once" });
}

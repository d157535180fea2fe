/**
 * A pod that lives here, as it is kept: one CBOR record in as many rows as it needs, because a
 * certificate alone may fill one.
 *
 * @module
 */

import {
  type Budget,
  DEFAULT_BUDGET,
  LIMIT_RULES,
  type Limits,
  withLimits,
} from "../model/budget.ts";
import type { Bytes } from "../model/bytes.ts";
import { concatBytes } from "../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../model/cbor.ts";
import { PeriError } from "../model/errors.ts";
import type { Manifest } from "../model/pod.ts";
import {
  type BlobId,
  type Fingerprint,
  formatPodRef,
  parseFingerprint,
  parsePodName,
  parseServerUrl,
  type PodRef,
  type ServerUrl,
} from "../model/words.ts";
import type { RevocationReason } from "../ports/keysmith.ts";
import type { Resident } from "../ports/mailbox.ts";
import type { Change, Key, Store } from "../ports/store.ts";
import { keptKey, partitionKey, type StatePlace } from "./rows.ts";

/** A pod that lives here. */
export interface ResidentPod extends Resident {
  readonly endpoint: ServerUrl;
  readonly installedMs: number;
  /** When its behalf ends. */
  readonly expiresMs: number;
  readonly budget: Budget;
  /** What its owner has set of the budget. */
  readonly limits: Limits;
  /** What runs; absent for the server's own pod, which is a key and a behalf only. */
  readonly component?: BlobId;
  /** Empty for the server's own pod. What it needs and offers its person has granted. */
  readonly manifest: Manifest;
  /** Which of its states it works on; see {@link StatePlace}. */
  readonly generation: number;
  /** The version before, kept until the person confirms this one; see {@link Previous}. */
  readonly previous?: Previous;
  /**
   * It has gone back to an earlier state at least once, and may believe in streams that have ended
   * since.
   */
  readonly hasGoneBack?: boolean;
  /** Present when its behalf is its person's last word on it: then it does not run. */
  readonly revoked?: Revoked;
  /** It came from `peri pod dev`: a version in its place leaves nothing of it. */
  readonly isDraft?: boolean;
}

/** Why a pod may not act any more, and since when. */
export interface Revoked {
  readonly reason: RevocationReason;
  readonly sinceMs: number;
}

/** A version that `peri pod rollback` brings back. */
export interface Previous {
  readonly version: string;
  readonly generation: number;
  readonly component: BlobId;
  /** When another took its place. */
  readonly sinceMs: number;
  /** From then on it is no way back; 0 when its person has confirmed the other. */
  readonly untilMs: number;
}

/** Where a pod keeps its state. */
export function placeOf({ ref, generation }: ResidentPod): StatePlace {
  return { ...ref, generation };
}

/** Bytes of the record in one row: with its key it fits one value of the store. */
const ROW_BYTES = 48 * 1024;
/** Rows a record may have; the commit that writes it stays below the bounds of the store. */
const MAX_ROWS = 12;

/**
 * What writes a pod's record in place of an earlier one.
 *
 * @throws {PeriError} `too-large` when certificate and manifest together are over 576 KiB.
 */
export function planResidentRows(pod: ResidentPod): Change {
  return planRecordRows(pod, partitionKey(pod.ref, "resident"));
}

/** What keeps the record of a version beside that of the one in its place; as the former. */
export function planKeptRows(pod: ResidentPod): Change {
  return planRecordRows(pod, keptKey(pod.ref, pod.generation));
}

/** What writes a record below any key; as the former. */
export function planRecordRows(pod: ResidentPod, prefix: Key): Change {
  const bytes = encodeResident(pod);
  const count = Math.ceil(bytes.length / ROW_BYTES);
  if (count > MAX_ROWS) {
    const subject = `manifest and certificate of ${pod.ref.pod} are ${bytes.length} bytes`;
    throw new PeriError("too-large", { op: "keep a pod", subject });
  }
  const rows = Array.from({ length: MAX_ROWS }, (_, index) => index);
  const key = (index: number) => [...prefix, index];
  return {
    puts: rows.slice(0, count).map((index) => ({
      key: key(index),
      value: bytes.slice(index * ROW_BYTES, (index + 1) * ROW_BYTES),
    })),
    deletes: rows.slice(count).map(key),
  };
}

/**
 * The record of a pod.
 *
 * @throws {PeriError} `damaged` when its rows are missing or torn.
 */
export async function readResident(
  store: Store,
  ref: PodRef,
  read = readManifest,
): Promise<ResidentPod> {
  return await readRows(store, ref, partitionKey(ref, "resident"), read);
}

/** The manifest of a component, from the text in a record. */
export type ReadManifest = (component: BlobId | undefined, text: string) => Manifest;

function readManifest(_component: BlobId | undefined, text: string): Manifest {
  return JSON.parse(text);
}

/** The record of a version that is kept; as the former. */
export async function readKept(
  store: Store,
  ref: PodRef,
  generation: number,
): Promise<ResidentPod> {
  return await readRows(store, ref, keptKey(ref, generation));
}

async function readRows(
  store: Store,
  ref: PodRef,
  prefix: Key,
  read: ReadManifest = readManifest,
): Promise<ResidentPod> {
  const rows = await store.list<Bytes>({ prefix, limit: MAX_ROWS });
  return decodeResident(concatBytes(rows.map(({ value }) => value)), ref, read);
}

function encodeResident(pod: ResidentPod): Bytes {
  const { ref, introduction, budget, limits } = pod;
  return encodeCbor({
    v: 1,
    person: ref.person,
    pod: ref.pod,
    podKey: pod.podKey,
    secretKey: pod.secretKey,
    certificate: introduction.certificate,
    document: introduction.document,
    signature: introduction.signature,
    serial: pod.serial,
    endpoint: pod.endpoint,
    installed: pod.installedMs,
    expires: pod.expiresMs,
    component: pod.component ?? null,
    manifest: JSON.stringify(pod.manifest),
    // What a version before limits asks for.
    memory: budget.memoryBytes,
    slice: budget.sliceMs,
    quota: budget.stateBytes,
    generation: pod.generation,
    previous: pod.previous === undefined ? null : { ...pod.previous },
    draft: pod.isDraft ?? false,
    back: pod.hasGoneBack ?? false,
    revoked: pod.revoked === undefined ? null : { ...pod.revoked },
    limits: { ...limits },
  });
}

function decodeResident(bytes: Bytes, ref: PodRef, readManifest: ReadManifest): ResidentPod {
  const read = new Fields(decodeCbor(bytes, ROW_BYTES * MAX_ROWS, "pod record"), ref);
  read.demand("v", 1);
  const component = read.optional("component") as BlobId | undefined;
  const limits = read.limits("limits");
  return {
    ref: { person: parseFingerprint(read.text("person")), pod: parsePodName(read.text("pod")) },
    podKey: parseFingerprint(read.text("podKey")) as Fingerprint,
    secretKey: read.bytes("secretKey"),
    introduction: {
      certificate: read.bytes("certificate"),
      document: read.text("document"),
      signature: read.bytes("signature"),
    },
    serial: read.number("serial"),
    endpoint: parseServerUrl(read.text("endpoint")),
    installedMs: read.number("installed"),
    expiresMs: read.number("expires"),
    ...(component === undefined ? {} : { component }),
    manifest: readManifest(component, read.text("manifest")),
    budget: withLimits(DEFAULT_BUDGET, limits),
    limits,
    // Of a record that was written before there were generations.
    generation: read.has("generation") ? read.number("generation") : 0,
    ...(read.has("previous") ? { previous: decodePrevious(read.fields("previous")) } : {}),
    ...(read.is("draft") ? { isDraft: true } : {}),
    ...(read.is("back") ? { hasGoneBack: true } : {}),
    ...(read.has("revoked") ? { revoked: decodeRevoked(read.fields("revoked")) } : {}),
  };
}

function decodePrevious(read: Fields): Previous {
  return {
    version: read.text("version"),
    generation: read.number("generation"),
    component: read.text("component") as BlobId,
    sinceMs: read.number("sinceMs"),
    untilMs: read.number("untilMs"),
  };
}

function decodeRevoked(read: Fields): Revoked {
  return { reason: read.text("reason") as RevocationReason, sinceMs: read.number("sinceMs") };
}

/** Typed fields of a record that this periphery wrote itself. */
class Fields {
  readonly #fields: Readonly<Record<string, Cbor | undefined>>;

  constructor(value: Cbor, readonly ref: PodRef) {
    this.#fields = value as Readonly<Record<string, Cbor>>;
  }

  demand(name: string, value: number): void {
    if (this.#fields[name] !== value) throw this.#torn(name);
  }

  /** Whether it is there and not null. */
  has(name: string): boolean {
    return (this.#fields[name] ?? null) !== null;
  }

  is(name: string): boolean {
    return this.#fields[name] === true;
  }

  fields(name: string): Fields {
    const value = this.#fields[name];
    if (typeof value !== "object" || value === null) throw this.#torn(name);
    return new Fields(value, this.ref);
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== "string") throw this.#torn(name);
    return value;
  }

  optional(name: string): string | undefined {
    return this.#fields[name] === null ? undefined : this.text(name);
  }

  number(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== "number") throw this.#torn(name);
    return value;
  }

  /** Records of an earlier version have none. */
  limits(name: string): Limits {
    const value = (this.#fields[name] ?? {}) as Readonly<Record<string, Cbor>>;
    const known = LIMIT_RULES.filter(({ field }) => value[field] !== undefined);
    return Object.fromEntries(known.map(({ field }) => {
      if (typeof value[field] !== "number") throw this.#torn(field);
      return [field, value[field]];
    }));
  }

  bytes(name: string): Bytes {
    const value = this.#fields[name];
    if (!(value instanceof Uint8Array)) throw this.#torn(name);
    return value as Bytes;
  }

  #torn(name: string): PeriError {
    const subject = `the record of ${formatPodRef(this.ref)} has no ${name}`;
    return new PeriError("damaged", { op: "load a pod", subject });
  }
}

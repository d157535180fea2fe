/**
 * What guest and host say to each other, as bytes (PROTOCOL.md, "Trust").
 *
 * @module
 */

import type { Introduction } from "../../identity/behalf.ts";
import {
  introductionFromCbor,
  introductionToCbor,
  MAX_INTRODUCTION_BYTES,
} from "../../identity/introduction.ts";
import type { Bytes } from "../../model/bytes.ts";
import { type Cbor, decodeCbor, encodeCbor } from "../../model/cbor.ts";
import { readFields } from "../../model/fields.ts";
import { MAX_CERTIFICATE_BYTES, MAX_SIGNATURE_BYTES } from "../../model/limits.ts";

/** What a guest brings. */
export interface Guest {
  /** See `identity/trust/invitation.ts`. */
  readonly document: string;
  /** Detached, by the guest's key. */
  readonly signature: Bytes;
  /** By the key of the invitation. */
  readonly proof: Bytes;
  readonly certificate: Bytes;
  /** How the guest is reached. */
  readonly introduction?: Introduction;
}

/** What a host answers. */
export interface Host {
  readonly certificate: Bytes;
  readonly introduction?: Introduction;
}

/** Longest reply. */
export const MAX_HOST_BYTES = MAX_INTRODUCTION_BYTES + MAX_CERTIFICATE_BYTES + 1_024;
const MAX_GUEST_BYTES = MAX_HOST_BYTES + MAX_SIGNATURE_BYTES + 1_024;

/** The body of `POST /peri/v1/meeting`. */
export function writeGuest(
  { document, signature, proof, certificate, introduction }: Guest,
): Bytes {
  return encodeCbor({
    v: 1,
    document,
    signature,
    proof,
    certificate,
    introduction: toCbor(introduction),
  });
}

/** @throws {PeriError} `too-large`, `damaged`. */
export function readGuest(body: Uint8Array): Guest {
  const keys = ["v", "document", "signature", "proof", "certificate", "introduction"];
  const fields = readFields("a guest", decodeCbor(body, MAX_GUEST_BYTES, "a guest"), keys);
  fields.integer("v", 1, 1);
  return {
    document: fields.text("document", 1_024),
    signature: fields.bytes("signature"),
    proof: fields.bytes("proof", 64),
    certificate: fields.bytes("certificate"),
    ...fromCbor(fields.value("introduction")),
  };
}

/** The reply to it. */
export function writeHost({ certificate, introduction }: Host): Bytes {
  return encodeCbor({ v: 1, certificate, introduction: toCbor(introduction) });
}

/** @throws {PeriError} `too-large`, `damaged`. */
export function readHost(body: Uint8Array): Host {
  const keys = ["v", "certificate", "introduction"];
  const fields = readFields("a host", decodeCbor(body, MAX_HOST_BYTES, "a host"), keys);
  fields.integer("v", 1, 1);
  return { certificate: fields.bytes("certificate"), ...fromCbor(fields.value("introduction")) };
}

function toCbor(introduction: Introduction | undefined): Cbor {
  return introduction === undefined ? null : introductionToCbor(introduction);
}

function fromCbor(value: Cbor): { readonly introduction?: Introduction } {
  return value === null ? {} : { introduction: introductionFromCbor(value) };
}

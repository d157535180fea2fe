/**
 * Recipients of a post as authors write them, each once.
 *
 * @module
 */

import type { PodAddress } from "../reference.ts";
import { Refusal } from "../refusal.ts";

/**
 * Whom a post is for: a person, or a pod of a person. A person is a fingerprint in any usual form,
 * a petname or a part of a user id. Without a pod the one with the poster's own name is meant.
 */
export type Recipient = string | { readonly person: string; readonly pod?: string };

/** One recipient, several, or anything that gives them one by one. */
export type Recipients = Recipient | Iterable<Recipient>;

/** A recipient as its outcome names it. */
export interface Addressee {
  /** OpenPGP fingerprint, upper-case hex; absent when nobody could be found. */
  readonly person?: string;
  readonly pod: string;
  /** What was written, when nobody could be found. */
  readonly named?: string;
}

/** A recipient before anybody was looked for. */
export interface Wanted {
  /** A fingerprint, upper-case hex, when `isKnown`; else the text to look for. */
  readonly who: string;
  readonly pod: string;
  readonly isKnown: boolean;
}

/** Most recipients of one post; as `MAX_RECIPIENTS` of the periphery. */
export const MAX_RECIPIENTS = 1_000;

const FINGERPRINT = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;

/** A fingerprint in any usual form as upper-case hex; undefined when the text is none. */
export function readFingerprint(text: string): string | undefined {
  if (FINGERPRINT.test(text)) return text;
  const digits = text.slice(0, 200).replace(/^\s*0x/i, "").replace(/[\s:]/g, "").toUpperCase();
  return FINGERPRINT.test(digits) ? digits : undefined;
}

/**
 * Recipients in the order in which they were first named, each once as far as their texts tell.
 *
 * @param pod the pod that is meant where none is said
 * @throws {Refusal} `too-large` over {@link MAX_RECIPIENTS}.
 */
export function listRecipients(to: Recipients, pod: string): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const one of isMany(to) ? to : [to]) {
    const { person: text, pod: named = pod } = typeof one === "string" ? { person: one } : one;
    const person = readFingerprint(text);
    const who = person ?? text.trim();
    wanted.set(`${who}/${named}`, { who, pod: named, isKnown: person !== undefined });
    if (wanted.size > MAX_RECIPIENTS) throw tooMany();
  }
  return [...wanted.values()];
}

/** Addresses with those left out that stand there twice; two names may be one person. */
export function withoutDoubles(addresses: readonly PodAddress[]): PodAddress[] {
  const unique = new Map<string, PodAddress>();
  for (const address of addresses) {
    const key = `${address.person}/${address.pod}`;
    if (!unique.has(key)) unique.set(key, address);
  }
  return [...unique.values()];
}

function isMany(to: Recipients): to is Iterable<Recipient> {
  return typeof to !== "string" && Symbol.iterator in to;
}

function tooMany(): Refusal {
  return new Refusal("too-large", {
    op: "post a message",
    subject: `more than ${MAX_RECIPIENTS} recipients`,
    hint: "post to them in parts",
  });
}

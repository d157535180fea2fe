/**
 * What pods keep and never see: contents of files, from and to the people who come in.
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { type BlobId, formatPodRef, type PodRef } from "../../model/words.ts";
import type { BlobReader, Blobs, Draft } from "../../ports/blobs.ts";
import type { Store } from "../../ports/store.ts";
import { placeOf } from "../resident.ts";
import type { ResidentMap } from "../residents.ts";
import { readUsedBytes } from "../state/account.ts";
import { openContent } from "../state/content.ts";
import { headOf, readUses } from "../state/large.ts";

/** See the module. */
export class Contents {
  /** Of each pod, what is being written in all sessions together. */
  readonly #drafted = new Map<string, { bytes: number; count: number }>();

  constructor(
    private readonly parts: {
      readonly residents: ResidentMap;
      readonly store: Store;
      readonly blobs: Blobs;
    },
  ) {}

  /** Begins a content that the pod may keep; whoever begins it discards it. */
  draft(ref: PodRef): Draft {
    const { residents, blobs } = this.parts;
    const pod = residents.get(ref);
    const name = formatPodRef(ref);
    const drafted = this.#drafted.get(name) ?? { bytes: 0, count: 0 };
    this.#drafted.set(name, drafted);
    const account = {
      take: (bytes: number) => {
        if (bytes > 0 && drafted.bytes + bytes > pod.budget.stateBytes) throw tooMuch();
        drafted.bytes += bytes;
      },
      end: () => void (--drafted.count === 0 && this.#drafted.delete(name)),
    };
    drafted.count++;
    return new CountedDraft(blobs.draft(headOf(placeOf(pod))), account);
  }

  /**
   * Opens a content that the pod keeps; whoever opens it closes it.
   *
   * @throws {PeriError} `not-found` for anything else, whoever has it
   */
  async open(ref: PodRef, blob: string): Promise<BlobReader> {
    const { residents, store, blobs } = this.parts;
    const place = placeOf(residents.get(ref));
    const isOwn = /^[0-9a-f]{64}$/.test(blob) && await readUses(store, place, blob as BlobId) > 0;
    if (isOwn) return await openContent(blobs, blob as BlobId);
    const subject = `${formatPodRef(ref)} shows a file whose content it does not keep`;
    throw new PeriError("not-found", { op: "read a content", subject });
  }

  /** Bytes that its tables may take, and those of them that are free. */
  async room(ref: PodRef): Promise<{ readonly mostBytes: number; readonly freeBytes: number }> {
    const pod = this.parts.residents.get(ref);
    const mostBytes = pod.budget.stateBytes;
    const usedBytes = await readUsedBytes(this.parts.store, placeOf(pod));
    return { mostBytes, freeBytes: Math.max(0, mostBytes - usedBytes) };
  }
}

/** A draft that takes part of what all drafts of a pod may take. */
class CountedDraft implements Draft {
  #counted = 0;
  #isOver = false;

  constructor(
    private readonly draft: Draft,
    private readonly account: { take(bytes: number): void; end(): void },
  ) {}

  get bytes(): number {
    return this.draft.bytes;
  }

  get head(): Uint8Array {
    return this.draft.head;
  }

  read(at: number, length: number) {
    return this.draft.read(at, length);
  }

  write(at: number, bytes: Uint8Array): void | Promise<void> {
    this.#count(Math.max(this.#counted, at + bytes.length));
    return this.draft.write(at, bytes);
  }

  truncate(bytes: number): Promise<void> {
    this.#count(bytes);
    return this.draft.truncate(bytes);
  }

  seal(): Promise<BlobId> {
    return this.draft.seal();
  }

  keep(): Promise<void> {
    return this.draft.keep();
  }

  async discard(): Promise<void> {
    if (!this.#isOver) {
      this.#count(0);
      this.#isOver = true;
      this.account.end();
    }
    await this.draft.discard();
  }

  #count(bytes: number): void {
    this.account.take(bytes - this.#counted);
    this.#counted = bytes;
  }
}

function tooMuch(): PeriError {
  const subject = "files that are being written take all that the pod may keep";
  return new PeriError("over-quota", { op: "write a file", subject, hint: "peri pod limit" });
}

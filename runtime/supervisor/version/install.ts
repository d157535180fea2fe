/**
 * Pods come to live here, get another version or a new behalf, and leave. Each happens as a whole:
 * what a crash leaves half-done is swept away at the next start.
 *
 * @module
 */

import { type Budget, DEFAULT_BUDGET } from "../../model/budget.ts";
import type { Known } from "../../identity/behalf.ts";
import type { Bytes } from "../../model/bytes.ts";
import { PeriError } from "../../model/errors.ts";
import { DRAIN_MS } from "../../model/limits.ts";
import type { Manifest } from "../../model/pod.ts";
import { Queue } from "../../model/queue.ts";
import { type Fingerprint, parsePodName, type PodRef, type ServerUrl } from "../../model/words.ts";
import type { RevocationReason } from "../../ports/keysmith.ts";
import { type Change, mergeChanges } from "../../ports/store.ts";
import type { Watcher } from "./copy.ts";
import { type Draft, type DraftPorts, Drafts, type DraftSecret } from "./draft.ts";
import type { Shares } from "../guests/shares.ts";
import type { PodLogs } from "../log.ts";
import type { Recorder } from "../replay/recorder.ts";
import { erase, leave, leavingRow, ownPod, SERVER_POD } from "./leave.ts";
import { recordOf } from "./record.ts";
import {
  placeOf,
  planResidentRows,
  type Previous,
  readKept,
  type ResidentPod,
} from "../resident.ts";
import { indexKey, type IndexRow, OWNER_KEY, type OwnerRow } from "../rows.ts";
import { Sweeper } from "./sweep.ts";
import { changed, serialRow, type VersionPorts, Versions } from "./versions.ts";

/** What installing works with. */
export interface InstallPorts extends DraftPorts, VersionPorts {
  readonly logs: PodLogs;
  readonly recorder: Recorder;
  readonly shares: Shares;
  /** Of a pod that comes; absent: the default. */
  readonly budget?: Budget;
}

/** What is to be installed. */
export interface InstallWish {
  readonly person: Fingerprint;
  readonly certificate: Bytes;
  readonly endpoint: ServerUrl;
  readonly component: Uint8Array;
  /** Else the name the component gives itself. */
  readonly name?: string;
  /** Replace the installed version; the new one begins with a copy of its state. */
  readonly isUpgrade?: boolean;
  /** It comes from `peri pod dev`, which tries many: none of them is kept for a way back. */
  readonly isDraft?: boolean;
}

const EMPTY: Manifest = { name: SERVER_POD, version: "", about: "", offers: [], needs: [] };

/** Installs, upgrades, renews, claims and removes; one at a time. */
export class Installs {
  /** Runs something while no pod comes, changes or leaves. */
  readonly queue = new Queue();
  readonly #ports: InstallPorts;
  readonly #drafts: Drafts;
  readonly #sweeper: Sweeper;
  readonly #versions: Versions;
  readonly #ending = new AbortController();

  constructor(ports: InstallPorts) {
    this.#ports = ports;
    this.#drafts = new Drafts(ports);
    this.#sweeper = new Sweeper(ports.store, ports.blobs);
    this.#versions = new Versions(ports, this.#sweeper);
  }

  /**
   * Looks at a component and drafts the behalf for it.
   *
   * @throws {PeriError} `invalid` when it is no pod, `exists` when the name is taken, `not-found`
   * when there is nothing to upgrade, `damaged` when what is there cannot be read, `denied` for the
   * certificate of another.
   */
  async planInstall(wish: InstallWish): Promise<Draft> {
    const { person, certificate, component, endpoint, isUpgrade = false, isDraft = false } = wish;
    const manifest = await this.#ports.compiler.inspect(component);
    const ref = { person, pod: parsePodName(wish.name ?? manifest.name) };
    if (ref.pod === SERVER_POD) {
      const subject = `${ref.pod} is the name of the server's own pod`;
      throw new PeriError("denied", { op: "install pod", subject, hint: "choose another name" });
    }
    const before = this.#ports.residents.byRef(ref);
    if (!isUpgrade) this.#refuseNew(ref);
    const kept = isUpgrade ? { before: before ?? this.#ports.residents.get(ref) } : {};
    const kind = isUpgrade ? "upgrade" : "install";
    return await this.#drafts.draft(
      { kind, ref, certificate, endpoint, manifest, component, isDraft, ...kept },
    );
  }

  /**
   * Drafts the way back to the version that a pod had before.
   *
   * @throws {PeriError} `not-found` when none is kept.
   */
  async planRollback(ref: PodRef, certificate: Bytes, endpoint: ServerUrl): Promise<Draft> {
    const before = this.#ports.residents.get(ref);
    const { generation } = this.#keptOf(before);
    const kept = await readKept(this.#ports.store, ref, generation);
    const { manifest } = kept;
    return await this.#drafts.draft(
      { kind: "rollback", ref, certificate, endpoint, manifest, before, kept },
    );
  }

  /**
   * Drafts a behalf for a pod as it is; also for one that was revoked, which runs again with it.
   *
   * @param lifeMs how long it is to be valid; absent: a year
   * @throws {PeriError} `not-found`; `denied` when its key is in other hands.
   */
  async planRenew(
    ref: PodRef,
    certificate: Bytes,
    endpoint: ServerUrl,
    lifeMs?: number,
  ): Promise<Draft> {
    const before = this.#ports.residents.get(ref);
    const { manifest } = before;
    const wish = { kind: "renew", ref, certificate, endpoint, manifest, before } as const;
    return await this.#drafts.draft(lifeMs === undefined ? wish : { ...wish, lifeMs });
  }

  /**
   * Drafts the last word on a pod: once it is signed the pod stops, until its behalf is renewed.
   *
   * @throws {PeriError} `not-found`; `denied` for the server's own pod.
   */
  async planRevoke(ref: PodRef, revoked: RevocationReason): Promise<Draft> {
    const before = this.#ports.residents.get(ref);
    if (before.component === undefined) throw ownPod(ref, "revoke the behalf");
    const { manifest, endpoint, introduction: { certificate } } = before;
    return await this.#drafts.draft(
      { kind: "revoke", ref, certificate, endpoint, manifest, before, revoked },
    );
  }

  /**
   * Drafts the last word on a pod that lived elsewhere; for {@link Installs.certify}.
   *
   * @throws {PeriError} `denied` for a server's own pod: the server that comes after it replaces it.
   */
  async planRevokeElsewhere(known: Known, revoked: RevocationReason): Promise<Draft> {
    const { behalf } = known;
    if (behalf.pod === SERVER_POD) throw ownPod(behalf, "revoke the behalf");
    return await this.#drafts.draftEnd(known, revoked);
  }

  /**
   * A behalf with the person's signature, checked, of a pod that does not live here; nothing is kept.
   *
   * @throws {PeriError} `denied` when the signature does not hold, `invalid` for a used draft.
   */
  async certify(draft: Draft, signature: Bytes): Promise<Known> {
    return (await this.#drafts.accept(draft, signature)).known;
  }

  /**
   * Drafts what makes a person the owner of this server; for the owner again, a renewal.
   *
   * @throws {PeriError} `denied` when it is another's.
   */
  async planClaim(
    person: Fingerprint,
    certificate: Bytes,
    endpoint: ServerUrl,
  ): Promise<Draft> {
    await this.#refuseClaimed(person);
    const ref = { person, pod: SERVER_POD };
    const before = this.#ports.residents.byRef(ref);
    const kept = before === undefined ? {} : { before };
    return await this.#drafts.draft(
      { kind: "claim", ref, certificate, endpoint, manifest: EMPTY, ...kept },
    );
  }

  /**
   * Carries out a draft with the person's signature over its document. When it resolves, all of
   * it is on disk and the pod works.
   *
   * @throws {PeriError} `denied` when the signature does not hold, `exists` or `conflict` when
   * the pod was changed meanwhile, `invalid` when the component cannot be run, and what a version
   * refuses to begin with; then the pod is what it was.
   */
  complete(draft: Draft, signature: Bytes, watcher: Watcher = {}): Promise<ResidentPod> {
    return this.queue.alone(async () => {
      const { secret, known } = await this.#drafts.accept(draft, signature);
      const { clock, budget = DEFAULT_BUDGET } = this.#ports;
      const pod = recordOf(draft, secret, known.introduction, clock.nowMs(), budget);
      const watched = this.#untilEnd(watcher);
      switch (draft.kind) {
        case "install":
          return await this.#install(pod, secret, watched);
        case "upgrade":
        case "rollback":
          return await this.#succeed(pod, secret, watched);
        case "renew":
        case "revoke":
          return await this.#renew(pod, secret);
        case "claim":
          return await this.#claim(pod, secret);
        case "succeed":
          throw changed(pod.ref); // `takeover/` completes these.
      }
    });
  }

  /**
   * Forgets the version before; there is no way back from then on.
   *
   * @throws {PeriError} `not-found` when none is kept.
   */
  confirm(ref: PodRef): Promise<void> {
    return this.queue.alone(async () => {
      const { residents, store } = this.#ports;
      const pod = residents.get(ref);
      if (pod.previous === undefined) throw nothingKept(ref, "confirm a version");
      // From here on it is no way back, though it may not all be gone when the process dies.
      const over = { ...pod, previous: { ...pod.previous, untilMs: 0 } };
      await store.commit(planResidentRows(over));
      residents.put(over);
      try {
        await this.#sweeper.forgetPrevious(over);
        const { previous: _, ...alone } = residents.get(ref);
        await store.commit(planResidentRows(alone));
        residents.put(alone);
      } finally {
        // What failed is made up for by and by.
        this.#ports.kept();
      }
    });
  }

  /**
   * Removes a pod with all its state, also one whose record cannot be read. A crash on the way is
   * made up for at the next start.
   *
   * @throws {PeriError} `not-found`; `denied` for the server's own pod.
   */
  remove(ref: PodRef): Promise<void> {
    return this.queue.alone(() => leave(this.#ports, this.#sweeper, ref));
  }

  /** Removes what is there of a pod that does not work. To be run within {@link Installs.queue}. */
  async erase(ref: PodRef): Promise<void> {
    await erase(this.#ports, this.#sweeper, ref);
  }

  /** The index with what half-done changes left behind swept away; for the start. */
  async recover(): Promise<PodRef[]> {
    return await this.#sweeper.recover();
  }

  /** Who owns this server. */
  async owner(): Promise<Fingerprint | undefined> {
    const row = await this.#ports.store.get<OwnerRow>(OWNER_KEY);
    return row?.value.person as Fingerprint | undefined;
  }

  async #install(
    pod: ResidentPod,
    { wish }: DraftSecret,
    watcher: Watcher,
  ): Promise<ResidentPod> {
    const { store } = this.#ports;
    this.#refuseNew(pod.ref);
    const key = indexKey(pod.ref);
    // A removal of this name may have stopped half-way because the disk failed.
    const left = await store.get<IndexRow>(key);
    if (left?.value.state === "leaving") await this.#sweeper.sweep(pod.ref);
    // Marked as leaving until all is there: then a crash leaves something to sweep.
    const mark = { key, value: leavingRow([pod.component!]) };
    const isNew = await store.commit({ checks: [{ key, version: null }], puts: [mark] });
    if (!isNew) this.#throwTaken(pod.ref);
    try {
      // Rows of an earlier pod of this name whose writers came too late.
      await this.#sweeper.clear(pod.ref);
      await this.#versions.first(pod, wish.component!, watcher);
    } catch (cause) {
      await this.#sweeper.sweep(pod.ref);
      throw cause;
    }
    return pod;
  }

  async #succeed(
    after: ResidentPod,
    { wish }: DraftSecret,
    watcher: Watcher,
  ): Promise<ResidentPod> {
    const before = this.#unchanged(wish);
    const source = placeOf(wish.kept ?? before);
    const component = wish.component ?? await this.#ports.blobs.get(after.component!);
    await this.#versions.succeed({ before, after, source, component }, watcher);
    return this.#ports.residents.get(after.ref);
  }

  async #renew(pod: ResidentPod, { wish }: DraftSecret): Promise<ResidentPod> {
    this.#unchanged(wish);
    await this.#commit([planResidentRows(pod), serialRow(pod)]);
    this.#ports.residents.put(pod);
    const life = this.#ports.lives.get(pod.ref);
    await life?.adopt(pod);
    if (pod.revoked !== undefined) await life?.halt(DRAIN_MS);
    else if (wish.before?.revoked !== undefined) life?.resume();
    return pod;
  }

  async #claim(pod: ResidentPod, { wish }: DraftSecret): Promise<ResidentPod> {
    await this.#refuseClaimed(pod.ref.person);
    if (this.#ports.residents.byRef(pod.ref) !== wish.before) throw changed(pod.ref);
    const row: IndexRow = { state: "installed", blobs: [] };
    await this.#commit([
      { puts: [{ key: OWNER_KEY, value: { person: pod.ref.person } satisfies OwnerRow }] },
      { puts: [{ key: indexKey(pod.ref), value: row }] },
      planResidentRows(pod),
      serialRow(pod),
    ]);
    this.#ports.residents.put(pod);
    return pod;
  }

  async #commit(parts: readonly Change[]): Promise<void> {
    await this.#ports.store.commit(mergeChanges(parts));
  }

  /** The version that a pod keeps. @throws {PeriError} `not-found` when there is none. */
  #keptOf({ ref, previous }: ResidentPod): Previous {
    if (previous !== undefined && previous.untilMs > this.#ports.clock.nowMs()) return previous;
    throw nothingKept(ref);
  }

  /** The pod a draft was made for. @throws {PeriError} `conflict` when it is no longer so. */
  #unchanged(wish: DraftSecret["wish"]): ResidentPod {
    const now = this.#ports.residents.get(wish.ref);
    if (now === wish.before) return now;
    throw changed(wish.ref);
  }

  /** @throws {PeriError} when no other pod of this name, or of this person, may come. */
  #refuseNew(ref: PodRef): void {
    const { residents, shares } = this.#ports;
    if (residents.isUnreadable(ref)) residents.get(ref);
    if (residents.byRef(ref) !== undefined) this.#throwTaken(ref);
    shares.checkPods(ref.person, residents.countOf(ref.person));
  }

  #throwTaken({ pod }: PodRef): never {
    throw new PeriError("exists", {
      op: "install pod",
      subject: `there is a pod ${pod} already`,
      hint: "--upgrade puts a new version in its place, --as gives another name",
    });
  }

  async #refuseClaimed(person: Fingerprint): Promise<void> {
    const owner = await this.owner();
    if (owner === undefined || owner === person) return;
    throw new PeriError("denied", {
      op: "claim this server",
      subject: "it has another owner",
      hint: "a server has one owner; start one of your own with peri serve",
    });
  }

  /** Ends: a version that begins is refused, and whatever else is under way is waited for. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.queue.ended();
  }

  #untilEnd({ signal, ...watcher }: Watcher): Watcher {
    const { signal: ending } = this.#ending;
    return {
      ...watcher,
      signal: signal === undefined ? ending : AbortSignal.any([signal, ending]),
    };
  }
}

function nothingKept({ pod }: PodRef, op = "go back"): PeriError {
  const subject = `no version of ${pod} before this one is kept`;
  return new PeriError("not-found", { op, subject, hint: `peri pod info ${pod}` });
}

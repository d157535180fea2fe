/**
 * Inbox: takes envelopes from outside, checks them, and acknowledges what is on disk.
 *
 * The checks are those of PROTOCOL.md, "What a recipient checks", in that order: 1 to 4 in
 * `open.ts`, 5 to 7 in `check.ts`, 8 to 10 in `accept.ts`; this file performs what they decide.
 *
 * @module
 */

import type { Directory } from "../directory/directory.ts";
import type { Envelope, EnvelopeReply, Hint } from "../model/envelope.ts";
import { type ErrorRecord, toPeriError } from "../model/errors.ts";
import { MAX_CLOCK_SKEW_MS, MAX_INBOX_PER_SENDER, MAX_OPENING } from "../model/limits.ts";
import type { Answer, InboxEvent } from "../model/message.ts";
import { type Fingerprint, formatPodRef, type PodRef, type ServerUrl } from "../model/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Door } from "../ports/door.ts";
import type { Log } from "../ports/log.ts";
import type { PlannedMail, Residents } from "../ports/mailbox.ts";
import type { Pgp } from "../ports/pgp.ts";
import { type Change, mergeChanges, type Store } from "../ports/store.ts";
import { type Acceptance, planAcceptance, planMarks } from "./accept.ts";
import type { Arrivals, Arrived } from "./arrivals.ts";
import type { Bundle } from "./bundle.ts";
import type { Calls, Claim } from "./calls.ts";
import { type Checked, checkSender } from "./check.ts";
import type { Lanes } from "./lanes.ts";
import type { MarkBook } from "./marks.ts";
import type { BoxMeters } from "./meters.ts";
import { openEnvelope } from "./open.ts";
import type { Outbox } from "./outbox.ts";
import { type Receipt, sealReceipt } from "./receipt.ts";
import {
  deletesOfOpen,
  encodeEvent,
  encodeMarks,
  encodeOpen,
  keys,
  type Mark,
  type OpenCall,
} from "./rows.ts";
import { Serial } from "./serial.ts";
import type { Trace, TracedAnswer } from "./trace.ts";
import type { Traces } from "./traces.ts";

/** What {@link Inbox} works with. */
export interface InboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly pgp: Pgp;
  readonly directory: Directory;
  readonly residents: Residents;
  /** Absent: everybody may leave something. */
  readonly door?: Door | undefined;
  readonly outbox: Outbox;
  readonly lanes: Lanes;
  readonly calls: Calls;
  readonly arrivals: Arrivals;
  readonly marks: MarkBook;
  readonly traces: Traces;
  readonly meters: BoxMeters;
  /** A pod was heard of, at its server. */
  contact(from: PodRef, server: ServerUrl): void;
}

/** The open calls that a bundle answers. */
interface Claims {
  readonly claims: Map<string, Claim>;
  /** Tokens of calls that somebody else is just ending or answering. */
  readonly busy: ReadonlySet<string>;
}

/** An answer to a call that is just ending, for about a commit. */
const BUSY_RETRY_MS = 50;
/** A periphery that cannot write is asked again after this. */
const BROKEN_RETRY_MS = 30_000;
/** One that opens as much as it can is asked again after this. */
const CROWDED_RETRY_MS = 1_000;

/** See the module. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #lanes = new Serial();
  #opening = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /**
   * One reply for each envelope, in order; never rejects. What a receipt says is taken is on
   * disk. Envelopes of one lane take effect in their order.
   *
   * @param maxAgeMs how long ago they may have been sent
   */
  async receive(
    envelopes: readonly Envelope[],
    maxAgeMs = MAX_CLOCK_SKEW_MS,
  ): Promise<EnvelopeReply[]> {
    const opening = envelopes.map((envelope) => this.#open(envelope, maxAgeMs));
    const replies: Promise<EnvelopeReply>[] = [];
    for (const one of opening) {
      const found = await one;
      replies.push("bundle" in found ? this.#take(found) : Promise.resolve(found));
    }
    const said = await Promise.all(replies);
    for (const reply of said) this.#options.meters.arrived("mac" in reply ? "answered" : "hinted");
    return said;
  }

  async #open(envelope: Envelope, maxAgeMs: number): Promise<Checked | EnvelopeReply> {
    const { residents, pgp, directory, clock, log } = this.#options;
    if (this.#opening >= MAX_OPENING) return { hint: "busy", retryAfterMs: CROWDED_RETRY_MS };
    this.#opening++;
    try {
      const opened = await openEnvelope(envelope, residents, pgp, directory);
      const refusal = () => this.#refusal(opened.bundle);
      const found = await checkSender(opened, { directory, refusal }, clock.nowMs(), maxAgeMs);
      if ("bundle" in found) return found;
      return sealReceipt(opened.bundle.receiptKey, found);
    } catch (thrown) {
      const error = toPeriError(thrown, "open an envelope");
      if (error.kind === "internal") {
        log.error("envelope not opened", thrown);
        return { hint: "busy", retryAfterMs: BROKEN_RETRY_MS };
      }
      log.info("envelope not taken", { kind: error.kind, why: error.subject });
      return { hint: error.kind };
    } finally {
      this.#opening--;
    }
  }

  /** Why the recipient's person takes nothing of a sender who is who they say. */
  async #refusal({ from, to }: Bundle): Promise<ErrorRecord | undefined> {
    return await this.#options.door?.refusal(to, from, () => this.#hasPosted(to, from));
  }

  /** Also under a key in whose place the other one stands by now. */
  async #hasPosted(pod: PodRef, other: PodRef): Promise<boolean> {
    const { store, directory } = this.#options;
    for (const person of [other.person, ...await directory.formersOf(other.person)]) {
      if (await store.get(keys.to(pod, { person, pod: other.pod })) !== undefined) return true;
    }
    return false;
  }

  async #take({ bundle, behalf }: Checked): Promise<EnvelopeReply> {
    const { log, contact } = this.#options;
    contact(bundle.from, behalf.endpoint);
    const lane = `${formatPodRef(bundle.from)} ${formatPodRef(bundle.to)}`;
    try {
      const receipt = await this.#lanes.run(lane, () => this.#accept(bundle));
      return sealReceipt(bundle.receiptKey, receipt);
    } catch (error) {
      log.error("bundle not taken", error, { lane });
      return { hint: "busy", retryAfterMs: BROKEN_RETRY_MS } satisfies Hint;
    }
  }

  async #accept(bundle: Bundle): Promise<Receipt> {
    const { clock, arrivals, residents, directory } = this.#options;
    const nowMs = clock.nowMs();
    const formers = await directory.formersOf(bundle.from.person);
    const known = await this.#marksOf(bundle, formers);
    const through = known.find(({ epoch }) => epoch === bundle.epoch)?.through ?? 0;
    if (bundle.messages.at(-1)!.sequence <= through) return { through };
    const to = residents.byRef(bundle.to);
    // Its person's own signature says so; the sender need not believe this server.
    if (to?.revoked !== undefined) return { through, moved: to.introduction };
    const room = await arrivals.room(bundle.to, bundle.from);
    const { claims, busy } = await this.#claim(bundle, through);
    try {
      const open = new Map([...claims].map(([token, { call }]) => [token, call]));
      const refusal = residents.refusal.bind(residents, bundle.to);
      const accepted = planAcceptance(bundle, {
        ...{ through, room, nowMs, open, busy, refusal, formers },
      });
      const after = planMarks(known, bundle, accepted.through, nowMs);
      if (!after) return { through, retryAfterMs: BROKEN_RETRY_MS };
      if (accepted.through > through) await this.#commit(bundle, accepted, after, claims, nowMs);
      return {
        through: accepted.through,
        ...accepted.isFull
          ? { retryAfterMs: await this.#waitOf(accepted, bundle.to, room, nowMs) }
          : {},
      };
    } finally {
      for (const claim of claims.values()) claim.settle(false);
    }
  }

  /** The marks of a lane, with those of the key before when the epoch goes on from there. */
  async #marksOf(
    { to, from, epoch }: Bundle,
    formers: readonly Fingerprint[],
  ): Promise<readonly Mark[]> {
    const { marks } = this.#options;
    const own = await marks.read(to, from);
    if (own.some((mark) => mark.epoch === epoch)) return own;
    for (const person of formers) {
      const before = await marks.read(to, { person, pod: from.pod });
      const mark = before.find((one) => one.epoch === epoch);
      if (mark !== undefined) return [mark, ...own];
    }
    return own;
  }

  /** When what was left is to come again. */
  async #waitOf(
    { isBusy, events }: Acceptance,
    to: PodRef,
    room: number,
    nowMs: number,
  ): Promise<number> {
    if (isBusy) return BUSY_RETRY_MS;
    // It was too much for one commit, not for the inbox.
    if (events.length < room) return 0;
    return await this.#options.arrivals.retryAfterMs(to, nowMs);
  }

  /** The open calls that the bundle answers, for this bundle alone, and those of others. */
  async #claim({ messages, to }: Bundle, through: number): Promise<Claims> {
    const { calls } = this.#options;
    const answers = messages.flatMap(({ sequence, body }) =>
      body.kind === "answer" && sequence > through ? [body.token] : []
    );
    // Were one dropped now and its end not committed, a stream would have a gap.
    const busy = new Set<string>(answers.filter((token) => calls.isClaimed(to, token)));
    // Read together: one after the other, each would wait for its turn in a busy process.
    const asked = await Promise.allSettled(
      [...new Set(answers)].map((token) => calls.claim(to, token)),
    );
    const claims = new Map<string, Claim>();
    for (const one of asked) {
      if (one.status === "fulfilled" && one.value) claims.set(one.value.token, one.value);
    }
    const failed = asked.find((one) => one.status === "rejected");
    if (!failed) return { claims, busy };
    for (const claim of claims.values()) claim.settle(false);
    throw failed.reason;
  }

  /** Rows, mark and answers in one commit; nobody hears of anything before it is on disk. */
  async #commit(
    bundle: Bundle,
    accepted: Acceptance,
    marks: readonly Mark[],
    claims: Map<string, Claim>,
    nowMs: number,
  ): Promise<void> {
    const { store, arrivals, residents, traces, log } = this.#options;
    const { from, to } = bundle;
    const mail = await this.#planReplies(bundle, accepted);
    let places: Arrived | undefined;
    let events: InboxEvent[] = [];
    let committed = false;
    try {
      places = await arrivals.take(to, accepted.events.map(() => from), nowMs);
      events = eventsOf(accepted, places.first, nowMs);
      const rows = planRows(to, events, accepted, claims);
      const mark = { puts: [{ key: keys.from(to, from), value: encodeMarks(marks) }] };
      const trace = await traces.plan(to, traceOf(bundle, accepted, nowMs));
      committed = await store.commit(mergeChanges([rows, mark, trace, mail?.change ?? {}]));
    } finally {
      places?.settle(committed, events);
      mail?.settle(committed);
      if (committed) this.#settleClaims(accepted, claims);
      // Committed or not: events that came meanwhile were held back behind these.
      if (accepted.events.length > 0) residents.wake(to);
    }
    this.#options.marks.written(to, from, marks);
    for (const why of accepted.dropped) {
      log.warn("answer dropped", { from: formatPodRef(from), why });
    }
    const { length: count } = accepted.events;
    log.info("received", { from: formatPodRef(from), to: to.pod, count });
  }

  /** Who does not take answers is not owed ever more of them for calls that were wrong. */
  async #planReplies(
    { from, to }: Bundle,
    { replies }: Acceptance,
  ): Promise<PlannedMail | undefined> {
    const { outbox, lanes } = this.#options;
    const isOwed = lanes.backlog(to, from) < MAX_INBOX_PER_SENDER;
    return replies.length > 0 && isOwed ? await outbox.plan(to, [], replies) : undefined;
  }

  #settleClaims({ answered }: Acceptance, claims: Map<string, Claim>): void {
    for (const [token, left] of answered) {
      claims.get(token)?.settle(true, left);
      claims.delete(token);
    }
  }
}

/** What the recipient is to work on, in order. */
function eventsOf({ events }: Acceptance, first: number, receivedMs: number): InboxEvent[] {
  return events.map((event, index) => ({
    arrival: first + index,
    receivedMs,
    attempts: 0,
    ...event,
  }));
}

/** The rows of accepted messages. */
function planRows(
  to: PodRef,
  events: readonly InboxEvent[],
  { answered }: Acceptance,
  claims: ReadonlyMap<string, Claim>,
): Change {
  const puts = events.map((event) => ({
    key: keys.inbox(to, event.arrival),
    value: encodeEvent(event),
  }));
  const ended = [...answered].map(([token, left]) => planAnswered(to, claims.get(token)!, left));
  return mergeChanges([{ puts }, ...ended]);
}

/** What the traces of the recipient say of the answers that were taken. */
function traceOf({ from }: Bundle, { events, silent }: Acceptance, atMs: number): Trace {
  const heard = events.flatMap(({ message: { body } }) => body.kind === "answer" ? [body] : []);
  return { kind: "answered", atMs, to: from, answers: [...heard, ...silent].map(tracedAnswer) };
}

function tracedAnswer({ token, end, outcome }: Answer): TracedAnswer {
  return "error" in outcome ? { token, end, error: outcome.error.kind } : { token, end };
}

function planAnswered(pod: PodRef, { token, call }: Claim, left: OpenCall | undefined): Change {
  if (left) return { puts: [{ key: keys.open(pod, token), value: encodeOpen(left) }] };
  return { deletes: deletesOfOpen(pod, token, call) };
}

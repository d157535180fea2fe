/**
 * What one pod may use: every limit with its unit, its bounds and their reasons, as people write it
 * and read it (`peri pod limit`).
 *
 * @module
 */

import { PeriError } from "./errors.ts";
import {
  MAX_PAYLOAD_BYTES,
  MAX_STREAMS,
  POD_LOG_PER_MINUTE,
  POD_MEMORY_BYTES,
  POD_MESSAGES_PER_MINUTE,
  POD_SLICE_MS,
  STATE_QUOTA_BYTES,
} from "./limits.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** What one pod may use. */
export interface Budget {
  /** Linear memory of its instance. */
  readonly memoryBytes: number;
  /** Bytes of all its tables. */
  readonly stateBytes: number;
  /** Time it may compute without coming back. */
  readonly sliceMs: number;
  /** Messages it may post in a minute; answers are not counted. */
  readonly messagesPerMinute: number;
  /** Payload of one message, as UTF-8: what it posts, answers and is asked. */
  readonly messageBytes: number;
  /** Calls that wait for its later answers. */
  readonly streams: number;
  /** Lines it may write into its log in a minute. */
  readonly logPerMinute: number;
}

/** What the owner of a pod has set; the rest follows the server. */
export type Limits = Partial<Budget>;

/** The budget of a pod unless its owner or the server's configuration says otherwise. */
export const DEFAULT_BUDGET: Budget = {
  memoryBytes: POD_MEMORY_BYTES,
  stateBytes: STATE_QUOTA_BYTES,
  sliceMs: POD_SLICE_MS,
  messagesPerMinute: POD_MESSAGES_PER_MINUTE,
  messageBytes: MAX_PAYLOAD_BYTES,
  streams: MAX_STREAMS,
  logPerMinute: POD_LOG_PER_MINUTE,
};

/** One amount as a person types it. */
export interface AmountRule {
  /** As it is typed: `message-size`. */
  readonly name: string;
  readonly unit: "bytes" | "ms" | "a minute" | "at once";
  readonly least: number;
  readonly most: number;
  /** What it is about, for help. */
  readonly about: string;
  /** Why it is not below `least` or above `most`. */
  readonly why: string;
}

/** One limit as a person knows it. */
export interface LimitRule extends AmountRule {
  readonly field: keyof Budget;
}

/** All limits, in the order in which they are shown. */
export const LIMIT_RULES: readonly LimitRule[] = [
  {
    name: "memory",
    field: "memoryBytes",
    unit: "bytes",
    least: 4 * MIB,
    most: 4 * GIB,
    about: "memory of its instance",
    why: "no pod starts with less, and WebAssembly addresses no more",
  },
  {
    name: "state",
    field: "stateBytes",
    unit: "bytes",
    least: 64 * KIB,
    most: 1024 * GIB,
    about: "what it keeps on disk",
    why: "one value needs that much, and no disk is expected to have more",
  },
  {
    name: "slice",
    field: "sliceMs",
    unit: "ms",
    least: 10,
    most: 10_000,
    about: "time it may compute without coming back",
    why: "the clock is looked at every few milliseconds, and pods beside it wait that long",
  },
  {
    name: "messages",
    field: "messagesPerMinute",
    unit: "a minute",
    least: 1,
    most: 1_000_000,
    about: "messages it may post",
    why: "a pod that posts nothing needs no limit, and no server takes more",
  },
  {
    name: "message-size",
    field: "messageBytes",
    unit: "bytes",
    least: KIB,
    most: MAX_PAYLOAD_BYTES,
    about: "one message that it posts, answers or is sent",
    why: "an error must fit, and a message is one value of the store",
  },
  {
    name: "streams",
    field: "streams",
    unit: "at once",
    least: 0,
    most: MAX_STREAMS,
    about: "calls that wait for its later answers",
    why: "each has a row that is looked after",
  },
  {
    name: "log",
    field: "logPerMinute",
    unit: "a minute",
    least: 0,
    most: 60_000,
    about: "lines it may write into its log",
    why: "more than a thousand a second nobody reads and every disk feels",
  },
];

/** A budget with what a pod's owner has set in it. */
export function withLimits(budget: Budget, limits: Limits): Budget {
  // Most pods have none, and then all have one budget.
  return Object.keys(limits).length === 0 ? budget : { ...budget, ...limits };
}

/**
 * A limit as a person writes it: `128M`, `500ms`, `600/min`, `1000`.
 *
 * @throws {PeriError} `invalid` when it is no such value or out of its bounds; the reason is said.
 */
export function parseLimit(rule: AmountRule, text: string): number {
  const value = parseAmount(rule, text);
  if (value === undefined) {
    const subject = `${JSON.stringify(text.slice(0, 80))} is no ${rule.name}`;
    const hint = `write for example --${rule.name} ${EXAMPLES[rule.unit]}, or default`;
    throw new PeriError("invalid", { op: "set a limit", subject, hint });
  }
  checkLimit(rule, value);
  return value;
}

/** @throws {PeriError} `invalid` when a value is not whole or out of its bounds. */
export function checkLimit(rule: AmountRule, value: number): void {
  const { name, least, most, why } = rule;
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new PeriError("invalid", {
    op: "set a limit",
    subject: `${name} ${formatLimit(rule, value)} is not from ${formatLimit(rule, least)} ` +
      `to ${formatLimit(rule, most)}`,
    hint: why,
  });
}

/** A value as {@link parseLimit} takes it. */
export function formatLimit({ unit }: Pick<AmountRule, "unit">, value: number): string {
  if (unit === "ms") return `${value}ms`;
  if (unit === "a minute") return `${value}/min`;
  if (unit === "at once") return String(value);
  const [letter, size] = SIZES.find(([, size]) => value >= size && value % size === 0) ?? ["", 1];
  return `${value / size}${letter}`;
}

const EXAMPLES = { bytes: "128M", ms: "500ms", "a minute": "600/min", "at once": "1000" } as const;

const SIZES = [["G", GIB], ["M", MIB], ["K", KIB]] as const;

function parseAmount({ unit }: AmountRule, text: string): number | undefined {
  const [, digits, suffix] = /^(\d{1,15})([A-Za-z/]*)$/.exec(text.trim()) ?? [];
  const scale = digits === undefined ? undefined : scaleOf(unit, suffix!);
  return scale === undefined ? undefined : Number(digits) * scale;
}

function scaleOf(unit: AmountRule["unit"], suffix: string): number | undefined {
  if (suffix === "") return 1;
  if (unit === "ms") return suffix === "ms" ? 1 : suffix === "s" ? 1000 : undefined;
  if (unit === "a minute") return suffix === "/min" ? 1 : undefined;
  if (unit === "at once") return undefined;
  const [, letter] = /^([KMG])(?:iB|B)?$/i.exec(suffix) ?? [];
  return SIZES.find(([name]) => name === letter?.toUpperCase())?.[1];
}

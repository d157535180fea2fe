/**
 * The periphery's log on a stream: lines for people on a terminal, JSON Lines for programs. The
 * one owner of LogTape.
 *
 * @module
 */

import { configureSync, getLogger, type LogRecord, resetSync } from "@logtape/logtape";
import type { Log, LogValue } from "../ports/log.ts";

/** Longest text of one value; the rest is cut. */
const MAX_VALUE = 1_000;
/** Causes of causes that are followed. */
const MAX_CAUSES = 5;

const LEVELS = { info: "info", warn: "warning", error: "error" } as const;

/** How to log. */
export interface LogOptions {
  readonly level: keyof typeof LEVELS;
  /** Whether people read it: one aligned line a record, instead of one JSON object. */
  readonly isTerminal: boolean;
  /** Takes whole lines with their ends, in order. */
  readonly write: (lines: string) => void;
}

/** What was thrown, as data. `stack` only for what is not a refusal with a kind of its own. */
interface Thrown {
  readonly message: string;
  readonly kind?: string;
  readonly stack?: string;
}

/** Opens the log of this process; an earlier one ends, because LogTape knows one configuration. */
export function openLog({ level, isTerminal, write }: LogOptions): Log & Disposable {
  const format = isTerminal ? formatLine : formatJson;
  configureSync({
    reset: true,
    sinks: { stream: (record) => write(format(record)) },
    loggers: [
      { category: "peri", sinks: ["stream"], lowestLevel: LEVELS[level] },
      { category: ["logtape", "meta"], sinks: ["stream"], lowestLevel: "warning" },
    ],
  });
  const logger = getLogger("peri");
  return {
    info: (event, fields) => logger.info(event, { fields }),
    warn: (event, fields) => logger.warn(event, { fields }),
    error: (event, cause, fields) => logger.error(event, { fields, thrown: describe(cause) }),
    [Symbol.dispose]: resetSync,
  };
}

/** A log on standard error, for people when it is a terminal. */
export function openStderrLog(level: LogOptions["level"]): Log & Disposable {
  const encoder = new TextEncoder();
  const write = (lines: string) => {
    Deno.stderr.writeSync(encoder.encode(lines));
  };
  return openLog({ level, isTerminal: Deno.stderr.isTerminal(), write });
}

function formatJson({ timestamp, level, rawMessage, properties }: LogRecord): string {
  const { thrown } = properties as { thrown?: Thrown };
  const record = {
    ...Object.fromEntries(fieldsOf(properties)),
    time: new Date(timestamp).toISOString(),
    level: level === "warning" ? "warn" : level,
    event: String(rawMessage),
    ...thrown ? { error: thrown } : {},
  };
  return `${JSON.stringify(record)}\n`;
}

function formatLine({ timestamp, level, rawMessage, properties }: LogRecord): string {
  const time = new Date(timestamp).toISOString().slice(11, 23);
  const word = (level === "warning" ? "warn" : level).padEnd(5);
  const { thrown } = properties as { thrown?: Thrown };
  const parts = [
    `${time} ${word} ${visible(String(rawMessage))}`,
    ...fieldsOf(properties).map(([name, value]) => `${name}=${readable(value)}`),
  ];
  const reason = thrown ? `: ${visible(thrown.message)}` : "";
  const stack = thrown?.stack?.split("\n").slice(1).map((line) => `\n  ${visible(line.trim())}`);
  return `${parts.join(" ")}${reason}${stack?.join("") ?? ""}\n`;
}

function fieldsOf(properties: Record<string, unknown>): [string, LogValue][] {
  const { fields = {} } = properties as { fields?: Readonly<Record<string, LogValue>> };
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [[name, typeof value === "string" ? value.slice(0, MAX_VALUE) : value]];
  });
}

/** A value that reads as one word, in quotes when it is none. */
function readable(value: LogValue): string {
  const text = visible(String(value));
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

/** Nothing that moves a cursor, breaks a line or turns the direction of writing. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}

function describe(thrown: unknown): Thrown {
  const messages: string[] = [];
  for (let cause = thrown; cause !== undefined && messages.length < MAX_CAUSES;) {
    messages.push((cause instanceof Error ? cause.message : String(cause)).slice(0, MAX_VALUE));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  const kind = (thrown as { kind?: unknown } | null | undefined)?.kind;
  const message = messages.join(": ") || "no reason given";
  if (typeof kind === "string") return { message, kind };
  const stack = thrown instanceof Error ? thrown.stack?.slice(0, 4 * MAX_VALUE) : undefined;
  return stack === undefined ? { message } : { message, stack };
}

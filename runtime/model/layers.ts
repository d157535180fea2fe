/**
 * Where settings are written and which of them count: a command line stands over the environment,
 * that over `config.toml` in the home, that over defaults. Each value remembers where it was
 * written.
 *
 * @module
 */

import { checkSetting, type Config, type Setting, SETTINGS } from "./config.ts";
import { PeriError } from "./errors.ts";
import { nearestWord } from "./nearest.ts";

const OP = "read the configuration";

/** Where a value was written. */
export type Where =
  | { readonly kind: "flag" | "environment" | "default" }
  | { readonly kind: "file"; readonly path: string; readonly line: number };

/** A value as it was written, not yet believed. Flags and variables are texts. */
export interface Given {
  readonly key: string;
  readonly value: unknown;
  readonly where: Where;
}

/** One line of what a configuration came to. */
export interface ConfigRow {
  readonly key: string;
  readonly value: unknown;
  readonly where: Where;
  /** Values of lower layers that do not count, nearest first. */
  readonly over: readonly Given[];
}

/** What a configuration came to. It may be used when there are no problems. */
export interface ConfigPlan {
  readonly config: Config;
  readonly rows: readonly ConfigRow[];
  readonly problems: readonly PeriError[];
}

/** The environment variable of a setting: `PERI_LOG_LEVEL` of `log-level`. */
export function variableOf(key: string): string {
  return `PERI_${key.replaceAll("-", "_").toUpperCase()}`;
}

/** The settings among the environment variables; an empty one counts as not there. */
export function givenByEnvironment(env: (name: string) => string | undefined): Given[] {
  return SETTINGS.flatMap(({ key }) => {
    const value = env(variableOf(key));
    return value ? [{ key, value, where: { kind: "environment" } }] : [];
  });
}

/** The settings among flags, named in camel case (`logLevel`) as the command line knows them. */
export function givenByFlags(flags: Readonly<Record<string, unknown>>): Given[] {
  return SETTINGS.flatMap(({ key }) => {
    const value = flags[key.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    return typeof value === "string" ? [{ key, value, where: { kind: "flag" } }] : [];
  });
}

/**
 * Decides what counts.
 *
 * @param layers what was given, the strongest layer first
 */
export function planConfig(layers: readonly (readonly Given[])[]): ConfigPlan {
  const given = layers.flat();
  const problems = given.flatMap((item) => isSetting(item.key) ? [] : [refuseKey(item)]);
  const rows: ConfigRow[] = [];
  const fields: Partial<Record<keyof Config, unknown>> = {};
  for (const setting of SETTINGS) {
    const [first, ...over] = given.filter(({ key }) => key === setting.key);
    const { value, where } = first ?? { value: setting.fallback, where: { kind: "default" } };
    rows.push({ key: setting.key, value, where, over });
    if (value === undefined) continue;
    const checked = checkSetting(setting, typedValue(setting, value));
    if ("value" in checked) fields[setting.field] = checked.value;
    else problems.push(refuseValue(setting, where, checked.not, checked.input));
  }
  return { config: { url: undefined, ssh: undefined, ...fields } as Config, rows, problems };
}

/** The configuration of a plan. @throws {PeriError} `invalid`, its first problem. */
export function configOf(plan: ConfigPlan): Config {
  const [problem] = plan.problems;
  if (problem) throw problem;
  return plan.config;
}

/** All settings with their values and where these were written, one a line, then the problems. */
export function explainConfig(plan: ConfigPlan): string {
  const cells = plan.rows.map(({ key, value, where, over }) => [
    key,
    value === undefined ? "(where it listens)" : writtenValue(value),
    [formatWhere(key, where), ...over.map((item) => `over ${formatWhere(key, item.where)}`)]
      .join(", "),
  ]);
  const width = (at: number) => Math.max(...cells.map((row) => row[at]!.length));
  const lines = cells.map(([key, value, where]) =>
    `${key!.padEnd(width(0))}  ${value!.padEnd(width(1))}  ${where}`
  );
  const problems = plan.problems.map(({ message, hint }) =>
    hint ? `${message}\n  ${hint}` : message
  );
  return `${[...lines, ...problems].join("\n")}\n`;
}

/** Where a value of a setting was written, as a person finds it again. */
export function formatWhere(key: string, where: Where): string {
  switch (where.kind) {
    case "flag":
      return `--${key}`;
    case "environment":
      return variableOf(key);
    case "file":
      return `${where.path}:${where.line}`;
    case "default":
      return "default";
  }
}

function isSetting(key: string): boolean {
  return SETTINGS.some((setting) => setting.key === key);
}

/** Flags and variables are texts; a list is written with commas there. */
function typedValue(setting: Setting, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (Array.isArray(setting.fallback)) return value.split(",").map((item) => item.trim());
  const isNumber = typeof setting.fallback === "number" && /^\d{1,15}$/.test(value);
  return isNumber ? Number(value) : value;
}

function refuseKey({ key, where }: Given): PeriError {
  const nearest = nearestWord(key, SETTINGS.map((setting) => setting.key));
  return new PeriError("invalid", {
    op: OP,
    subject: `${formatWhere(key, where)} has ${JSON.stringify(key.slice(0, 80))}, no such setting`,
    hint: nearest ? `write ${nearest}` : "peri serve --help names all settings",
  });
}

function refuseValue(setting: Setting, where: Where, not: string, input: unknown): PeriError {
  const { key, example } = setting;
  const hints = {
    flag: `--${key} ${example}`,
    environment: `${variableOf(key)}=${example}`,
    file: `${key} = ${exampleToml(setting)}`,
    default: example,
  };
  return new PeriError("invalid", {
    op: OP,
    subject: `${key} ${writtenValue(input).slice(0, 120)} (${formatWhere(key, where)}) ${not}`,
    hint: `write for example ${hints[where.kind]}`,
  });
}

function exampleToml({ example, fallback }: Setting): string {
  if (typeof fallback === "number") return example;
  return Array.isArray(fallback) ? `["${example}"]` : `"${example}"`;
}

function writtenValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? String(value);
}

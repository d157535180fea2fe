/**
 * The settings of a periphery: what they mean and what is allowed. Where they are written is in
 * `layers.ts`. The one owner of valibot.
 *
 * @module
 */

import * as v from "valibot";
import {
  formatListenAddress,
  type IpRange,
  type ListenAddress,
  parseIpRange,
  parseListenAddress,
} from "./address.ts";
import { MAX_RESTING_PODS, POD_MEMORY_BYTES, POD_SLICE_MS, STATE_QUOTA_BYTES } from "./limits.ts";
import { parseServerUrl, type ServerUrl } from "./words.ts";

const MIB = 1024 * 1024;

/** How a periphery is to run. */
export interface Config {
  readonly listen: ListenAddress;
  /** Where others reach it; absent when it is where it listens ({@link serverUrl}). */
  readonly url: ServerUrl | undefined;
  /** Where people come in by SSH; absent: nowhere. */
  readonly ssh: ListenAddress | undefined;
  /** Private address ranges it may call; without them none. */
  readonly allowPrivate: readonly IpRange[];
  readonly logLevel: "info" | "warn" | "error";
  /** Processes that run pods. */
  readonly podHosts: number;
  /** Linear memory of one pod. */
  readonly podMemoryBytes: number;
  /** Time a pod may compute without coming back. */
  readonly podSliceMs: number;
  /** State of one pod. */
  readonly podStateBytes: number;
  /** Pods without work that are not put to sleep yet. */
  readonly podsResting: number;
}

/** A setting as a person writes it: `key` in `config.toml`, `--key`, `PERI_KEY`. */
export interface Setting {
  readonly key: string;
  /** One line for help. */
  readonly about: string;
  /** A value as it is written, for help and hints. */
  readonly example: string;
  /** What is written nowhere, as TOML would have it; undefined when it follows from others. */
  readonly fallback: unknown;
  /** A value of TOML to the value of {@link Config}; its issues end the phrase `"x" …`. */
  readonly schema: v.GenericSchema<unknown, unknown>;
  readonly field: keyof Config;
}

/** A text that `parse` takes; whatever it throws means that it does not. */
function parsed<Value>(parse: (text: string) => Value, not: string) {
  return v.pipe(
    v.string(not),
    v.rawTransform<string, Value>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch {
        addIssue({ message: not });
        return NEVER;
      }
    }),
  );
}

function whole(least: number, most: number, unit = 1) {
  const not = `is not a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(not),
    v.integer(not),
    v.minValue(least, not),
    v.maxValue(most, not),
    v.transform((number) => number * unit),
  );
}

/** All settings, in the order in which help and `--check` show them. */
export const SETTINGS: readonly Setting[] = [
  {
    key: "listen",
    field: "listen",
    about: "address and port to listen on",
    example: "127.0.0.1:7777",
    fallback: "127.0.0.1:7777",
    schema: parsed(parseListenAddress, "is not address:port"),
  },
  {
    key: "url",
    field: "url",
    about: "where others reach this server; unless given, where it listens",
    example: "https://peri.example",
    fallback: undefined,
    schema: parsed(parseServerUrl, "is not https://host or http://host:port"),
  },
  {
    key: "ssh",
    field: "ssh",
    about: "address and port where people come in by SSH, or off",
    example: "0.0.0.0:2222",
    fallback: "off",
    schema: parsed(
      (text) => text === "off" ? undefined : parseListenAddress(text),
      "is not address:port or off",
    ),
  },
  {
    key: "allow-private",
    field: "allowPrivate",
    about: "private address ranges this server may call",
    example: "10.0.0.0/8",
    fallback: [],
    schema: v.array(
      parsed(parseIpRange, "is not an address range such as 10.0.0.0/8 or fd00::/8"),
      "is not a list of address ranges",
    ),
  },
  {
    key: "log-level",
    field: "logLevel",
    about: "least weight of what is logged: info, warn, error",
    example: "info",
    fallback: "info",
    schema: v.picklist(["info", "warn", "error"], "is not info, warn or error"),
  },
  {
    key: "pod-hosts",
    field: "podHosts",
    about: "processes that run pods",
    example: "2",
    fallback: 2,
    schema: whole(1, 64),
  },
  {
    key: "pod-memory-mib",
    field: "podMemoryBytes",
    about: "memory of one pod, in MiB",
    example: "64",
    fallback: POD_MEMORY_BYTES / MIB,
    schema: whole(4, 4096, MIB),
  },
  {
    key: "pod-slice-ms",
    field: "podSliceMs",
    about: "time a pod may compute without coming back, in ms",
    example: "200",
    fallback: POD_SLICE_MS,
    schema: whole(10, 60_000),
  },
  {
    key: "pod-state-mib",
    field: "podStateBytes",
    about: "state of one pod, in MiB",
    example: "64",
    fallback: STATE_QUOTA_BYTES / MIB,
    schema: whole(1, 1024 * 1024, MIB),
  },
  {
    key: "pods-resting",
    field: "podsResting",
    about: "pods without work that stay in memory for five minutes; the others sleep at once",
    example: "64",
    fallback: MAX_RESTING_PODS,
    schema: whole(0, 10_000),
  },
];

/** A value of a setting, or what is wrong with which part of it. */
export type Checked =
  | { readonly value: unknown }
  | { readonly not: string; readonly input: unknown };

/** Holds a written value, typed as in TOML, against the schema of its setting. */
export function checkSetting(setting: Setting, written: unknown): Checked {
  const result = v.safeParse(setting.schema, written);
  if (result.success) return { value: result.output };
  const [issue] = result.issues;
  return { not: issue.message, input: issue.input };
}

/** The server's URL unless one is configured: `http` and where it listens. */
export function serverUrl(config: Config, port = config.listen.port): ServerUrl {
  if (config.url !== undefined) return config.url;
  const { host } = config.listen;
  const isAny = host === "0.0.0.0" || host === "::";
  return parseServerUrl(
    `http://${formatListenAddress({ host: isAny ? "localhost" : host, port })}`,
  );
}

/**
 * Reads `config.toml`; the one owner of smol-toml.
 *
 * @module
 */

import { parse, TomlError } from "smol-toml";
import type { Given } from "../model/layers.ts";
import { PeriError } from "../model/errors.ts";

/** Longest configuration file: settings are few. */
const MAX_CONFIG_BYTES = 64 * 1024;

const OP = "read the configuration";

/**
 * What a configuration file says, for `planConfig`; nothing when there is no file. A table
 * becomes one value, which no setting takes.
 *
 * @throws {PeriError} `invalid` when it is not TOML, with file, line and column; `denied` when it
 * may not be read, `too-large` over 64 KiB.
 */
export async function readConfigFile(path: string): Promise<Given[]> {
  const text = await readBounded(path);
  return text === undefined ? [] : parseConfigFile(text, path);
}

/** What the text of a configuration file says. `path` is for errors. @throws {PeriError} `invalid`. */
export function parseConfigFile(text: string, path: string): Given[] {
  try {
    return Object.entries(parse(text, { maxDepth: 8 })).map(([key, value]) => ({
      key,
      value,
      where: { kind: "file", path, line: lineOf(text, key) },
    }));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = cause.message.replace(/^Invalid TOML document: /, "").split("\n")[0];
    throw new PeriError("invalid", {
      op: OP,
      subject: `${path}:${cause.line}:${cause.column}: ${reason}`,
      hint: 'a setting is written key = "text", key = 5 or key = ["text"]',
      cause,
    });
  }
}

async function readBounded(path: string): Promise<string | undefined> {
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_CONFIG_BYTES) {
      const subject = `${path} has ${size} bytes, ${MAX_CONFIG_BYTES} allowed`;
      throw new PeriError("too-large", { op: OP, subject });
    }
    return await Deno.readTextFile(path);
  } catch (cause) {
    // What is wrong with a home that is no folder is said when it is opened.
    const { NotADirectory, NotFound } = Deno.errors;
    if (cause instanceof NotFound || cause instanceof NotADirectory) return undefined;
    if (cause instanceof PeriError) throw cause;
    const hint = `let the user of the server read it: chmod u+r ${path}`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PeriError("denied", { op: OP, subject: `${path}: ${reason}`, hint, cause });
  }
}

/** The line of a top-level key or table; 1 when it is written in an unusual way. */
function lineOf(text: string, key: string): number {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => {
    const word = line.match(/^\s*\[{0,2}\s*["']?(?<key>[^"'\]=.\s]+)/)?.groups?.key;
    return word === key;
  });
  return Math.max(at, 0) + 1;
}

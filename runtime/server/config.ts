/**
 * The configuration of a home: flags over environment over `config.toml` over defaults.
 *
 * @module
 */

import { readConfigFile } from "../adapters/config_file.ts";
import { type ConfigPlan, givenByEnvironment, givenByFlags, planConfig } from "../model/layers.ts";

/** Reads every layer. Problems are part of the plan, except those of reading the file itself. */
export async function readConfig(
  home: string,
  env: (name: string) => string | undefined,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<ConfigPlan> {
  const file = await readConfigFile(`${home}/config.toml`);
  return planConfig([givenByFlags(flags), givenByEnvironment(env), file]);
}

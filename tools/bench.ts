/**
 * Measures what people wait for against floors of the same machine in the same moment:
 * `deno task bench [group …] [--json]`. A group is a file in `tests/bench/`; `boxes/pods` is the part
 * of the group `boxes` that its file exports as `pods`.
 *
 * @module
 */

import { formatTable, type Group, type Measured, measureRow } from "./bench/row.ts";

const FOLDER = new URL("../tests/bench/", import.meta.url);

function groupNames(): string[] {
  return [...Deno.readDirSync(FOLDER)]
    .flatMap(({ name }) => name.match(/^(?<group>[a-z0-9_]+)\.ts$/)?.groups?.group ?? [])
    .filter((name) => !name.endsWith("_test"))
    .sort();
}

/** The group of a word, or a part of one. */
async function findGroup(word: string): Promise<Group | undefined> {
  const [name, part = "default"] = word.split("/");
  if (!groupNames().includes(name!)) return undefined;
  const module = await import(new URL(`${name}.ts`, FOLDER).href) as Record<string, Group>;
  return module[part];
}

async function runGroup(
  name: string,
  group: Group,
  isJson: boolean,
): Promise<(Measured & { floor: string })[]> {
  const rows: (Measured & { floor: string })[] = [];
  for await (const row of group()) {
    if (!isJson) console.error(`measuring ${name}: ${row.row}`);
    const measured = await measureRow(name, row);
    if (isJson) console.log(JSON.stringify(measured));
    rows.push({ ...measured, floor: row.floor });
  }
  return rows;
}

async function main(args: readonly string[]): Promise<number> {
  const isJson = args.includes("--json");
  const known = groupNames();
  const wanted = args.filter((word) => word !== "--json");
  const groups: [string, Group][] = [];
  for (const name of wanted.length > 0 ? wanted : known) {
    const group = await findGroup(name);
    if (group === undefined) {
      console.error(`there is no group ${name}; groups: ${known.join(" ")}`);
      return 2;
    }
    groups.push([name, group]);
  }
  const rows: (Measured & { floor: string })[] = [];
  for (const [name, group] of groups) rows.push(...await runGroup(name, group, isJson));
  if (!isJson) console.log(formatTable(rows));
  return 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

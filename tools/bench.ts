/**
 * Measures what people wait for against floors of the same machine in the same moment:
 * `deno task bench [group …] [--json]`. A group is a file in `tests/bench/`.
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

async function runGroup(name: string, isJson: boolean): Promise<(Measured & { floor: string })[]> {
  const { default: group } = await import(new URL(`${name}.ts`, FOLDER).href) as {
    default: Group;
  };
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
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`there is no group ${unknown}; groups: ${known.join(" ")}`);
    return 2;
  }
  const rows: (Measured & { floor: string })[] = [];
  for (const name of wanted.length > 0 ? wanted : known) rows.push(...await runGroup(name, isJson));
  if (!isJson) console.log(formatTable(rows));
  return 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

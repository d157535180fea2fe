/**
 * What a bench measures, and what it came to.
 *
 * @module
 */

/** One thing to measure against a floor: the least that something of the kind can take. */
export interface Row {
  readonly row: string;
  /** What the floor is, in a few words. */
  readonly floor: string;
  readonly unit: "ms" | "us" | "KiB" | "MiB";
  /** Pairs that are measured; more make the median steadier. */
  readonly runs: number;
  /** Does it once; returns what it took. */
  readonly ours: () => Promise<number>;
  /** Does the floor once; returns what it took. */
  readonly against: () => Promise<number>;
}

/**
 * The default export of `tests/bench/<group>.ts`: makes what its rows need, gives the rows one by
 * one, and takes everything away in `finally`. A row is measured before the next one is asked for.
 */
export type Group = () => AsyncGenerator<Row, void, void>;

/** What a row came to: medians of paired, alternating runs. */
export interface Measured {
  readonly group: string;
  readonly row: string;
  readonly ours: number;
  readonly against: number;
  readonly unit: string;
  /** Median of ours / against of the pairs; below 1 ours is faster. */
  readonly ratio: number;
  readonly runs: number;
  /** The middle half of the pairs' ratios lies within this much of the median, relative. */
  readonly spread: number;
}

/** Pairs that are run before measuring, so that caches are as they will be. */
const WARM_RUNS = 2;

/** Measures a row: ours and the floor take turns in who goes first. */
export async function measureRow(group: string, row: Row): Promise<Measured> {
  const pairs: [number, number][] = [];
  for (let run = -WARM_RUNS; run < row.runs; run++) {
    const isOursFirst = run % 2 === 0;
    const first = await (isOursFirst ? row.ours() : row.against());
    const second = await (isOursFirst ? row.against() : row.ours());
    if (run >= 0) pairs.push(isOursFirst ? [first, second] : [second, first]);
  }
  return summarize(group, row, pairs);
}

/** The medians of pairs of (ours, against). */
export function summarize(
  group: string,
  { row, unit }: Pick<Row, "row" | "unit">,
  pairs: readonly (readonly [number, number])[],
): Measured {
  const ratios = pairs.map(([ours, against]) => ours / against);
  const ratio = quantile(ratios, 0.5);
  return {
    group,
    row,
    ours: round(quantile(pairs.map(([ours]) => ours), 0.5)),
    against: round(quantile(pairs.map(([, against]) => against), 0.5)),
    unit,
    ratio: round(ratio),
    runs: pairs.length,
    spread: round((quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2 / ratio),
  };
}

/** Rows as a table for people, numbers aligned. */
export function formatTable(rows: readonly (Measured & { readonly floor: string })[]): string {
  const cells = [
    ["", "ours", "floor", "", "ratio", "±", "against"],
    ...rows.map(({ group, row, ours, against, unit, ratio, spread, floor }) => [
      `${group}: ${row}`,
      String(ours),
      String(against),
      unit,
      ratio.toFixed(2),
      `${Math.round(spread * 100)} %`,
      floor,
    ]),
  ];
  const widths = cells[0]!.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
  const isNumber = [false, true, true, false, true, true, false];
  return cells.map((row) =>
    row.map((cell, at) => isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))
      .join("  ").trimEnd()
  ).join("\n");
}

/** The value below which a part of the values lies, between neighbours in proportion. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at % 1);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

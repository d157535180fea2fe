/**
 * Holds lines that were seen against lines that were promised. In a promised line `[..]` stands
 * for anything, `[NAME=..]` for anything that is remembered as NAME, `[NAME]` for what was
 * remembered; a line `...` stands for any lines.
 *
 * @module
 */

/** One row of the comparison, as a diff shows it. */
export interface Row {
  /** `same`: seen as promised; `missing`: promised, not seen; `extra`: seen, not promised. */
  readonly kind: "same" | "missing" | "extra" | "skipped";
  readonly text: string;
}

/** Whether all is as promised, how it compares line by line, and what was remembered. */
export interface Aligned {
  readonly isSame: boolean;
  readonly rows: readonly Row[];
  readonly remembered: ReadonlyMap<string, string>;
}

/** The comparison with the fewest differences. */
export function alignLines(
  promised: readonly string[],
  seen: readonly string[],
  known: ReadonlyMap<string, string> = new Map(),
): Aligned {
  const patterns = promised.map((line) => line === "..." ? undefined : patternOf(line, known));
  const costs = costTable(patterns, seen);
  const rows: Row[] = [];
  const remembered = new Map<string, string>();
  let [i, j] = [0, 0];
  while (i < promised.length || j < seen.length) {
    const cost = costs[i]![j]!;
    const pattern = patterns[i];
    const found = pattern && j < seen.length ? pattern.exec(seen[j]!) : null;
    if (i < promised.length && pattern === undefined) {
      if (costs[i + 1]![j] === cost) i++;
      else rows.push({ kind: "skipped", text: seen[j++]! });
    } else if (found && costs[i + 1]![j + 1] === cost) {
      for (const [name, value] of Object.entries(found.groups ?? {})) remembered.set(name, value);
      rows.push({ kind: "same", text: seen[j]! });
      i++;
      j++;
    } else if (i < promised.length && costs[i + 1]![j] === cost - 1) {
      rows.push({ kind: "missing", text: promised[i++]! });
    } else rows.push({ kind: "extra", text: seen[j++]! });
  }
  return { isSame: costs[0]![0] === 0, rows, remembered };
}

/** A comparison as a person reads it. */
export function formatRows(rows: readonly Row[]): string {
  const marks = { same: " ", skipped: ".", missing: "-", extra: "+" };
  return rows.map(({ kind, text }) => `${marks[kind]} ${text}`).join("\n");
}

/** Differences between what is left of both from every pair of places; `undefined` is `...`. */
function costTable(patterns: readonly (RegExp | undefined)[], seen: readonly string[]): number[][] {
  const costs = Array.from(
    { length: patterns.length + 1 },
    () => new Array<number>(seen.length + 1).fill(0),
  );
  for (let i = patterns.length; i >= 0; i--) {
    for (let j = seen.length; j >= 0; j--) {
      if (i === patterns.length) costs[i]![j] = seen.length - j;
      else if (patterns[i] === undefined) {
        costs[i]![j] = Math.min(costs[i + 1]![j]!, costs[i]![j + 1] ?? Infinity);
      } else {
        const same = j < seen.length && patterns[i]!.test(seen[j]!)
          ? costs[i + 1]![j + 1]!
          : Infinity;
        costs[i]![j] = Math.min(same, 1 + costs[i + 1]![j]!, 1 + (costs[i]![j + 1] ?? Infinity));
      }
    }
  }
  return costs;
}

function patternOf(line: string, known: ReadonlyMap<string, string>): RegExp {
  const parts = line.trimEnd().split(/(\[\.\.\]|\[[A-Z][A-Z0-9_]*(?:=\.\.)?\])/);
  const source = parts.map((part) => {
    if (part === "[..]") return ".*?";
    const { name, sets } = part.match(/^\[(?<name>[A-Z][A-Z0-9_]*)(?<sets>=\.\.)?\]$/)?.groups ??
      {};
    if (name !== undefined && sets) return `(?<${name}>.+?)`;
    return RegExp.escape(name === undefined ? part : known.get(name) ?? part);
  }).join("");
  return new RegExp(`^${source}\\s*$`, "u");
}

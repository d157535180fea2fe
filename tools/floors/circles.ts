/**
 * Circles in a graph of imports.
 *
 * @module
 */

/**
 * One circle for every knot of files that import each other, as the files on the way, the first
 * one repeated at the end. A knot is reported once (Tarjan's strongly connected components).
 */
export function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  return findKnots(graph).map((knot) => shortestCircle(graph, knot));
}

function findKnots(graph: ReadonlyMap<string, readonly string[]>): Set<string>[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const knots: Set<string>[] = [];
  const visit = (node: string) => {
    order.set(node, order.size);
    low.set(node, order.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== order.get(node)) return;
    const knot = new Set(stack.splice(stack.indexOf(node)));
    if (knot.size > 1 || graph.get(node)?.includes(node)) knots.push(knot);
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return knots;
}

function shortestCircle(
  graph: ReadonlyMap<string, readonly string[]>,
  knot: ReadonlySet<string>,
): string[] {
  const start = [...knot].sort()[0]!;
  const queue = [[start]];
  const seen = new Set<string>();
  for (const way of queue) {
    for (const next of graph.get(way.at(-1)!) ?? []) {
      if (next === start) return [...way, start];
      if (!knot.has(next) || seen.has(next)) continue;
      seen.add(next);
      queue.push([...way, next]);
    }
  }
  return [...knot];
}

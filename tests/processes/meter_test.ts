/**
 * What a running server tells OpenTelemetry, read by a collector of our own.
 *
 * @module
 */

import assert from "node:assert/strict";

/** Uses the meter as the boxes do, in a process with OpenTelemetry on. */
const PROGRAM = `
import { openMeter } from "${import.meta.resolve("../../runtime/adapters/otel.ts")}";
import { BoxMeters } from "${import.meta.resolve("../../runtime/boxes/meters.ts")}";
const meters = new BoxMeters(await openMeter((name) => Deno.env.get(name)));
meters.watch(() => [{ server: "http://bob.test", messages: 7, oldestMs: 2500 }]);
meters.delivered("delivered", 2, 1000, () => [400, 900]);
meters.arrived("hinted");
// Values that are read are exported in their time only, not at the end of a process.
await new Promise((resolve) => setTimeout(resolve, 400));
`;

interface Point {
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly sum?: number;
  readonly attributes: readonly { readonly value: { readonly stringValue: string } }[];
}

/** A metric as OTLP writes it in JSON. */
interface Metric {
  readonly name: string;
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly sum?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly dataPoints: readonly Point[] };
}

interface Export {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

/** Runs a program and collects the metrics it exports at its end. */
async function collect(program: string): Promise<Map<string, Point>> {
  const exports: Export[] = [];
  const collector = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const body = await request.json();
      if (new URL(request.url).pathname === "/v1/metrics") exports.push(body);
      return new Response("{}");
    },
  );
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(script, program);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
      script,
    ],
    env: {
      OTEL_DENO: "true",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    },
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  await collector.shutdown();
  await Deno.remove(script);
  const metrics = exports.flatMap(({ resourceMetrics }) => resourceMetrics).flatMap((
    { scopeMetrics },
  ) => scopeMetrics.flatMap(({ metrics }) => metrics));
  return new Map(metrics.map(({ name, gauge, sum, histogram }) => {
    return [name, (gauge ?? sum ?? histogram)!.dataPoints[0]!];
  }));
}

Deno.test("a collector learns what waits for each server, how long delivery takes and how it ends", async () => {
  const points = await collect(PROGRAM);
  const labels = (name: string) =>
    points.get(name)?.attributes.map(({ value }) => value.stringValue);
  assert.equal(points.get("peri.outbox.waiting")?.asDouble, 7);
  assert.deepEqual(labels("peri.outbox.waiting"), ["http://bob.test"]);
  assert.equal(points.get("peri.outbox.oldest")?.asDouble, 2.5);
  assert.equal(points.get("peri.delivery.duration")?.sum, 0.7);
  assert.deepEqual(labels("peri.delivery.messages"), ["delivered"]);
  assert.deepEqual(labels("peri.inbox.envelopes"), ["hinted"]);
});

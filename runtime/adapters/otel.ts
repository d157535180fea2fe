/**
 * The meter on Deno's built-in OpenTelemetry, which exports what it is told when `OTEL_DENO=true`.
 * The one owner of @opentelemetry/api.
 *
 * @module
 */

import type { Counter, Histogram } from "@opentelemetry/api";
import type { Meter } from "../ports/meter.ts";
import { NO_METER } from "../ports/meter.ts";

/** From a message to the next room to one that waited a day, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3_600, 86_400];

/** The meter of this process: {@link NO_METER} unless OpenTelemetry is on, then nothing is loaded. */
export async function openMeter(env: (name: string) => string | undefined): Promise<Meter> {
  if (env("OTEL_DENO") !== "true") return NO_METER;
  const { metrics } = await import("@opentelemetry/api");
  const meter = metrics.getMeter("peri");
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  return {
    isOn: true,
    count(name, value, labels) {
      const counter = counters.get(name) ?? meter.createCounter(name);
      counters.set(name, counter);
      counter.add(value, labels);
    },
    duration(name, ms, labels) {
      const histogram = histograms.get(name) ?? meter.createHistogram(name, {
        unit: "s",
        advice: { explicitBucketBoundaries: BOUNDS },
      });
      histograms.set(name, histogram);
      histogram.record(ms / 1000, labels);
    },
    observe(name, unit, about, read) {
      meter.createObservableGauge(name, { unit, description: about }).addCallback((result) => {
        for (const { value, labels } of read()) result.observe(value, labels);
      });
    },
  };
}

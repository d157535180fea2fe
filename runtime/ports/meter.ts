/**
 * Numbers about how a periphery works, for whoever watches it.
 *
 * @module
 */

/** What a number is about; few values each, because every combination is kept. */
export type MeterLabels = Readonly<Record<string, string>>;

/** A value that is read when somebody looks. */
export interface Reading {
  readonly value: number;
  readonly labels: MeterLabels;
}

/** Takes numbers. Units are those of UCUM, as OpenTelemetry wants them. */
export interface Meter {
  /** Whether anybody looks; numbers that cost something to make are left out otherwise. */
  readonly isOn: boolean;
  /** Adds to a counter. */
  count(name: string, value: number, labels: MeterLabels): void;
  /** Adds a duration to a histogram. */
  duration(name: string, ms: number, labels: MeterLabels): void;
  /** Has a value read whenever somebody looks. `read` must be quick and throw nothing. */
  observe(name: string, unit: string, about: string, read: () => readonly Reading[]): void;
}

/** A meter nobody looks at. */
export const NO_METER: Meter = { isOn: false, count() {}, duration() {}, observe() {} };

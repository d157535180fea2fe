// Joins `trial.js` to the world `peri:pod/pod`. Its text is put behind that of `trial.js`, so it
// imports nothing of it.
import * as host from "peri:pod/host@0.1.0";

const wit = (outcome) =>
  outcome.error === undefined ? { tag: "ok", val: outcome.ok } : { tag: "err", val: outcome.error };

const model = (outcome) => outcome.tag === "ok" ? { ok: outcome.val } : { error: outcome.val };

const react = openTrial((output) => {
  const { kind, invocation, effects } = output;
  if (kind === "log") host.log(output.level, output.line);
  if (kind === "request") host.request(invocation, output.step, output.operation, output.argument);
  if (kind === "commit") host.commit(invocation, effects);
  if (kind === "suspend") host.suspend(invocation, effects);
  if (kind === "finish") host.finish(invocation, effects, wit(output.outcome));
});

// QuickJS gives a u32 from 2^31 on as a negative number.
const u32 = (call) => ({ ...call, seed: call.seed >>> 0 });

function convert({ tag, val }) {
  if (tag === "call") return { kind: tag, ...u32(val) };
  if (tag === "cancel") return { kind: tag, invocation: val };
  if (tag === "settled") return { kind: tag, ...val, outcome: model(val.outcome) };
  return { kind: tag, ...val };
}

export const guest = {
  async dispatch(events) {
    for (const event of events) await react(convert(event));
  },
};

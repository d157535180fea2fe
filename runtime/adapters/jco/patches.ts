/**
 * Changes to the script that jco writes. Each names its reason; a text that is not found exactly
 * once is an error, so that a new version of jco cannot pass unseen (`patches_test.ts`).
 *
 * @module
 */

import { PeriError } from "../../model/errors.ts";
import { GUARD } from "./guard.ts";

/** What the patched script asks of the host, as the import `peri:guard`. */
export interface ScriptGuard {
  /** Counts what is copied out of the guest before it is copied. @throws when it is too much. */
  charge(bytes: number): void;
}

interface Patch {
  /** A text without which the patch is not needed: jco writes only what a component uses. */
  readonly when?: string;
  readonly find: string;
  readonly put: string;
}

/** Most handles (waitable sets, tasks, resources of the guest) in one table of an instance. */
const MAX_HANDLES = 10_000;

const PATCHES: readonly Patch[] = [
  {
    // The host meters what leaves the guest. Nothing a pod imports suspends, so exports are entered
    // plainly, without stack switching.
    find: "export function instantiate(getCoreModule, imports, " +
      "instantiateCore = WebAssembly.instantiate) {\n",
    put: `$&  const _guard = imports['${GUARD}'];
  const WebAssembly = Object.create(globalThis.WebAssembly, {
    promising: { value: (run) => run },
  });
  const _metered = (decoder) => ({
    decode(view) {
      _guard.charge(view.byteLength + 16);
      return decoder.decode(view);
    },
  });
  const _deferImport = (types) => {
    let call = (...params) => {
      call = _lowerImportBackwardsCompat.bind(null, types());
      return call(...params);
    };
    return (...params) => call(...params);
  };
`,
  },
  {
    // Read for every intrinsic it would ask for a permission that the host does not have.
    find: "if (!globalThis?.process?.env?.JCO_DEBUG) { return; }",
    put: "return;",
  },
  {
    // A finished task that is not on top of the stack stayed for ever (jco issue 937).
    find: `// throw new Error('current task does not match expected task ID');
          return;`,
    put: `const _at = tasks.findIndex((task) => task.id === taskID);
          if (_at < 0) { return; }
          const [_meta] = tasks.splice(_at, 1);
          const _current = ASYNC_CURRENT_TASK_IDS.lastIndexOf(taskID);
          if (_current >= 0) {
            ASYNC_CURRENT_TASK_IDS.splice(_current, 1);
            ASYNC_CURRENT_COMPONENT_IDXS.splice(_current, 1);
          }
          return _meta.task;`,
  },
  {
    when: "TEXT_DECODER_UTF8",
    find: "const TEXT_DECODER_UTF8 = new TextDecoder();",
    put: "const TEXT_DECODER_UTF8 = _metered(new TextDecoder());",
  },
  {
    when: "utf16Decoder",
    find: "const utf16Decoder = new TextDecoder('utf-16');",
    put: "const utf16Decoder = _metered(new TextDecoder('utf-16'));",
  },
  {
    // Lists of bytes are copied at once instead of element by element; others are counted first.
    when: "function _liftFlatList(",
    find: "      ctx.storagePtr = dataPtr;\n      const val = [];\n",
    put: `      _guard.charge(len * (elemSize32 + 16));
      if (elemLiftFn === _liftFlatU8 && typedArray === Uint8Array) {
        const bytes = new Uint8Array(ctx.memory.buffer, dataPtr, len).slice();
        if (originalPtr !== null) { ctx.storagePtr = originalPtr; }
        if (originalLen !== null) { ctx.storageLen = originalLen; }
        return [bytes, ctx];
      }
$&`,
  },
  {
    // Handles live in the host's memory, not in the guest's.
    when: "class RepTable",
    find: "    insert(val) {\n",
    put: `$&        if (this.#size >= ${MAX_HANDLES}) { throw new Error('too many handles'); }\n`,
  },
];

/**
 * The script with all patches.
 *
 * @throws {PeriError} `internal` when jco wrote something else than expected.
 */
export function patchScript(script: string): string {
  return PATCHES.reduce(applyPatch, deferImports(script));
}

/** How jco joins an import with what it says of its types, whatever that is. */
const IMPORT = /_lowerImportBackwardsCompat\.bind\(\s*null,\s*(\{.*?importFn: \w+,\s*\}),\s*\)/gs;

/**
 * What jco says of the types of an import is made when the import is first called: a QuickJS pod
 * has sixty and calls a few, and the types of the others took a quarter of a megabyte an instance.
 */
function deferImports(script: string): string {
  const count = script.split("_lowerImportBackwardsCompat.bind").length - 1;
  let found = 0;
  const deferred = script.replace(IMPORT, (_whole, types: string) => {
    found++;
    return `_deferImport(() => (${types}))`;
  });
  if (found === count) return deferred;
  const subject = `jco's output has changed: ${found} of ${count} imports are as they were`;
  throw new PeriError("internal", { op: "compile component", subject });
}

function applyPatch(script: string, { when, find, put }: Patch): string {
  if (when !== undefined && !script.includes(when)) return script;
  const pattern = new RegExp(find.split(/\s+/).map(RegExp.escape).join("\\s+"), "g");
  const count = script.match(pattern)?.length ?? 0;
  if (count === 1) return script.replace(pattern, () => put.replaceAll("$&", find));
  const subject = `jco's output has changed: ${count} times ${JSON.stringify(find.slice(0, 60))}`;
  throw new PeriError("internal", { op: "compile component", subject });
}

/** `peri serve`. @module */

import { command, text, toggle } from "../command.ts";

export default command({
  about: "Run your periphery",
  details: "Prints one line when it is ready. SIGTERM and Ctrl-C end it: what was taken is kept. " +
    "Flags stand over the environment (PERI_LISTEN, PERI_LOG_LEVEL …), that over config.toml in " +
    "your home; --check shows what counts.",
  json: true,
  flags: {
    listen: text("address", "Address and port for other servers; 127.0.0.1:7777 by default"),
    url: text("url", "How other servers reach this one"),
    ssh: text("address", "Address and port where people come in by SSH; off by default"),
    home: text("folder", "Another home than PERI_HOME"),
    allowPrivate: text("ranges", "Private address ranges it may call: 10.0.0.0/8,fd00::/8"),
    logLevel: text("level", "Least weight of what is logged: info, warn, error"),
    podHosts: text("number", "Processes that run pods"),
    podMemoryMib: text("MiB", "Memory of one pod"),
    podSliceMs: text("ms", "Time a pod may compute without coming back"),
    podStateMib: text("MiB", "State of one pod"),
    podsResting: text("number", "Pods without work that are not put to sleep yet"),
    check: toggle("Only explain the configuration: every value and where it comes from"),
  },
  run: (context, { home, check, json, ...settings }) =>
    context.serve({ home, check, json, settings }),
});

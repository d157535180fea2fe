/** `peri serve`. @module */

import { command, text, toggle } from "../command.ts";

export default command({
  about: "Run your periphery",
  details: "Prints one line when it is ready. SIGTERM and Ctrl-C end it: what was taken is kept. " +
    "Flags stand over the environment (PERI_LISTEN, PERI_URL), that over config.toml in your home.",
  json: true,
  flags: {
    listen: text("address", "Address and port for other servers; 127.0.0.1:7777 by default"),
    url: text("url", "How other servers reach this one"),
    home: text("folder", "Another home than PERI_HOME"),
    check: toggle("Only explain the configuration: every value and where it comes from"),
  },
  run: (context, { listen, url, home, check, json }) =>
    context.serve({ listen, url, home, check, json }),
});

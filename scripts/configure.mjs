/** `npm run configure`. */
import { runBuilt } from "./run-built.mjs";

await runBuilt("src", "configure", "main.js");

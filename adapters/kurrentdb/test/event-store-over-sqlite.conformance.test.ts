import { keepsPromisesOver } from "./keeps-promises-over.ts";

keepsPromisesOver("SQLite");

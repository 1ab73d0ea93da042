import { keepsPromisesOver } from "./keeps-promises-over.ts";

keepsPromisesOver("PostgreSQL");

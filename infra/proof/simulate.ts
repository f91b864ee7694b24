import { runSimulate } from '#infra/proof/simulate/run-simulate.ts';
import { SimulateError } from '#infra/proof/simulate/simulate-error.ts';

/** `npm run bench:dispatch`: what the planner's decisions come to over whole days. */
try {
  runSimulate(process.argv.slice(2), { out: (text) => console.log(text), err: (text) => console.error(text) });
} catch (error) {
  if (!(error instanceof SimulateError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

import { runBench } from '#infra/proof/bench/run-bench.ts';

await runBench(process.argv.slice(2));

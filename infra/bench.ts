import { runBench } from '#infra/bench/run-bench.ts';

await runBench(process.argv.slice(2));

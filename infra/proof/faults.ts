import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { judge } from './faults/check/judge.ts';
import { runMutants } from './faults/mutants.ts';
import { HELP, readOptions } from './faults/options.ts';
import { buildReport, printReport } from './faults/report.ts';
import { runBench } from './faults/run-bench.ts';

/** `npm run faults`: whatever dies, nothing is lost and nobody is booked twice. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (options.mutant !== null) return runMutants(options.mutant, options);
  const startedMs = Date.now();
  const say = (line: string) => console.log(line);
  const evidence = await runBench(options, projectRoot(), say);
  const verdict = judge(evidence, options);
  const report = buildReport(evidence, verdict, options);
  printReport(report, say);
  say(`${Math.round((Date.now() - startedMs) / 1000)} s`);
  if (options.json !== null) {
    const file = path.resolve(projectRoot(), options.json);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(report, null, 2));
  }
  return verdict.violations.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(2);
  },
);

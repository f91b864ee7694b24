import { DemoError, HELP, readOptions } from '#infra/workshop/demo/options.ts';
import { runDemo } from '#infra/workshop/demo/run-demo.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';

/** `npm run demo`: a simulated city against the running service. */
const interrupted = new AbortController();
process.on('SIGINT', () => {
  // Asked twice: at once.
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});
process.on('SIGTERM', () => interrupted.abort());

try {
  const options = readOptions(process.argv.slice(2), process.env, projectRoot());
  if (options === null) console.log(HELP);
  process.exit(options === null || (await runDemo(options, interrupted.signal, process.stdout)) ? 0 : 1);
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  console.error(error.message);
  process.exit(1);
}

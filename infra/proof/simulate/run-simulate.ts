import { renderCity, runCity } from './city/run-city.ts';
import { renderMdrp, runMdrp } from './mdrp/run-mdrp.ts';
import { HELP, readOptions } from './options.ts';

interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/**
 * The simulator as a program.
 * @throws SimulateError for what the person who started it can put right
 */
export function runSimulate(args: readonly string[], { out, err }: Terminal): void {
  const options = readOptions(args);
  if (options === null) {
    out(HELP);
    return;
  }
  const say = options.json ? err : out;
  const report = options.bench === 'mdrp' ? runMdrp(options, say) : runCity(options, say);
  if (options.json) out(JSON.stringify({ ...report, ...options.search }, null, 2));
  else out(`\n${report.bench === 'mdrp' ? renderMdrp(report) : renderCity(report)}`);
}

import type { Config } from '#shared/runtime/config.ts';
import type { OpenMeter } from '#shared/runtime/open-meter.ts';
import type { Tracing } from '#shared/runtime/tracing.ts';

/** What a process that lives on tells about itself; both absent unless configured. */
export interface Watch {
  meter?: OpenMeter;
  tracing?: Tracing;
}

/** Loads only what is configured: neither library is so much as parsed at the start of a process that is not watched. */
export async function openWatch(config: Config): Promise<Watch> {
  const watch: Watch = {};
  if (config.metrics !== null) watch.meter = (await import('#shared/runtime/open-meter.ts')).openMeter();
  if (config.tracing !== null) {
    const { openTracing } = await import('#shared/runtime/open-tracing.ts');
    watch.tracing = openTracing(config.tracing);
  }
  return watch;
}

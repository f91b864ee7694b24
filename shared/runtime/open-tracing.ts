import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { DependencyAway } from '../domain/away.ts';
import type { SpanAttributes, Tracing } from './tracing.ts';

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

/**
 * OpenTelemetry, set up by hand: no automatic instrumentation, which would patch modules at load time and record SQL
 * parameters. Only a server's entry loads this file, and only when an endpoint is configured.
 * @param options.endpoint of an OTLP/HTTP collector, e.g. http://localhost:4318
 */
export function openTracing(options: {
  endpoint: string;
  service: string;
  exporter?: SpanExporter;
  delayMs?: number;
}): Tracing {
  const { endpoint, service } = options;
  const exporter = options.exporter ?? new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: options.delayMs ?? 2_000 })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const propagator = new W3CTraceContextPropagator();
  propagation.setGlobalPropagator(propagator);
  const tracer = provider.getTracer('driver-dispatch');
  return {
    span: (what, work) => {
      const parent =
        what.parent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, { traceparent: what.parent });
      const span = tracer.startSpan(what.name, { kind: KINDS[what.kind], attributes: { ...what.attributes } }, parent);
      return context.with(trace.setSpan(parent, span), () => ended(span, work));
    },
    current: () => {
      const carrier: { traceparent?: string } = {};
      propagation.inject(context.active(), carrier);
      return carrier.traceparent;
    },
    close: () => provider.shutdown(),
  };
}

async function ended<T>(span: Span, work: (span: { set(attributes: SpanAttributes): void }) => Promise<T>): Promise<T> {
  try {
    return await work({ set: (attributes) => void span.setAttributes({ ...attributes }) });
  } catch (error) {
    // The name only: messages repeat values.
    const message =
      error instanceof DependencyAway ? `${error.dependency} away` : error instanceof Error ? error.name : 'error';
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    throw error;
  } finally {
    span.end();
  }
}

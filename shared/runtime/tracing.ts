/** Attributes of a span: short, and never a phone number, a position or a secret. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Spans around what takes time. Absent unless OTEL_EXPORTER_OTLP_ENDPOINT is set, and then nothing of it is loaded. */
export interface Tracing {
  /**
   * Runs `work` inside a span; what it opens itself becomes a child.
   * @param parent a `traceparent` header from elsewhere, if the span continues that trace
   */
  span<T>(
    what: {
      name: string;
      kind: 'server' | 'client' | 'internal';
      attributes?: SpanAttributes;
      parent?: string | undefined;
    },
    work: (span: { set(attributes: SpanAttributes): void }) => Promise<T>,
  ): Promise<T>;
  /** `traceparent` of the span we are in, for what goes out; undefined outside of any. */
  current(): string | undefined;
  close(): Promise<void>;
}

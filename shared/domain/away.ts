/**
 * A store or service this request needs did not answer in time, or refused. Whether the work was done is unknown;
 * the caller may repeat the same request. Rendered once, in http/problem.ts, as 503 with `Retry-After`.
 */
export class DependencyAway extends Error {
  readonly dependency: 'postgres' | 'redis' | 'objects';
  readonly retryAfterS: number;

  constructor(
    dependency: 'postgres' | 'redis' | 'objects',
    cause: unknown,
    retryAfterS = 1,
    message = `${dependency} is away`,
  ) {
    super(message, { cause });
    this.name = 'DependencyAway';
    this.dependency = dependency;
    this.retryAfterS = retryAfterS;
  }
}

/** Postgres answers, and has not the tables of this version: a person has to do something, and then it may be repeated. */
export class SchemaMissing extends DependencyAway {
  constructor(cause: unknown) {
    super('postgres', cause, 10, 'The database has not the tables of this version: npm run migrate');
    this.name = 'SchemaMissing';
  }
}

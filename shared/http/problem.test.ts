import { expect, test } from 'vitest';
import { DependencyAway } from '#shared/domain/away.ts';
import { invalid, PROBLEMS, Problem, renderProblem } from './problem.ts';

const rendered = (error: unknown) => {
  const { status, headers, body } = renderProblem(error, 'urn:request:r');
  return { status, headers, body: JSON.parse(body) };
};

test('renders the members of RFC 9457 and its own, which cannot replace them', () => {
  const answer = rendered(
    new Problem('conflict_state', 'no way back', {
      extra: { allowed: ['FAILED'], ...({ status: 7, type: 'x' } as object) },
    }),
  );
  expect(answer.status).toBe(409);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.body).toEqual({
    type: 'urn:problem:conflict_state',
    title: PROBLEMS.conflict_state.title,
    status: 409,
    detail: 'no way back',
    instance: 'urn:request:r',
    allowed: ['FAILED'],
  });
});

test('an unknown error is internal, and its message never leaves', () => {
  for (const error of [new Error('password=hunter2'), 'hunter2', null, undefined, { message: 'hunter2' }]) {
    const answer = rendered(error);
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  }
});

test('a dependency that is away is 503 with its Retry-After, and is not named', () => {
  const answer = rendered(new DependencyAway('postgres', new Error('ECONNREFUSED'), 5));
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
  expect(JSON.stringify(answer)).not.toMatch(/postgres|ECONNREFUSED/);
});

test('401 names the scheme, 503 always says when to come again', () => {
  expect(rendered(new Problem('unauthorized')).headers['www-authenticate']).toBe('Bearer');
  expect(rendered(new Problem('unavailable')).headers['retry-after']).toBe('1');
});

test('faults are listed, at most a hundred', () => {
  const faults = Array.from({ length: 200 }, (_, index) => ({ pointer: `/${index}`, detail: 'x' }));
  expect(rendered(invalid(faults)).body.errors).toHaveLength(100);
});

test('every status is an error status', () => {
  for (const { status } of Object.values(PROBLEMS)) expect(status).toBeGreaterThanOrEqual(400);
});

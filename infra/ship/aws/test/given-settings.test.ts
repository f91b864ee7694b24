import { beforeAll, describe, expect, test } from 'vitest';
import { of, readSettings } from '../lib/settings.ts';
import { lambdasOf, nameOf, ofType, type Synthesized, synthesize, variables } from './synthesize.ts';

describe('what is given', () => {
  const topic = 'arn:aws:sns:eu-central-1:123456789012:pager';
  const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:more-AbCdEf';
  let set: Synthesized;
  beforeAll(() => {
    set = synthesize({
      alarmTopicArn: topic,
      environment: '{"LOG_LEVEL":"warn","RETENTION_EVENTS_DAYS":90}',
      environmentSecretArn: secret,
      tokenSecretVersion: 'the-new-one',
      tokenSecretPreviousVersion: 'the-old-one',
    });
  });
  const withVariables = () => lambdasOf(set).map(([, each]) => [nameOf(each), variables(each)] as const);

  test('alarms go where they are told to', () => {
    for (const [, { Properties }] of ofType(set, 'AWS::CloudWatch::Alarm'))
      expect(Properties.AlarmActions).toEqual([topic]);
  });

  test('the service’s own variables reach every function and the relay, those of a secret by reference', () => {
    const functions = withVariables().filter(([name]) => name !== 'prepare-database');
    expect(functions.map(([name]) => name)).toEqual(expect.arrayContaining(['assign', 'relay']));
    for (const [, own] of functions) {
      expect(own).toMatchObject({ LOG_LEVEL: 'warn', RETENTION_EVENTS_DAYS: '90' });
      expect(own.SECRET_ENVIRONMENT).toBe(`\${secret:${secret}}`);
    }
    expect(set.text).toContain(`"${secret}"`);
  });

  test('TOKEN_SECRET and the one before it change in one deployment: they are versions, which every function is told', () => {
    for (const [name, own] of withVariables()) {
      expect(JSON.stringify(own.TOKEN_SECRET)).toContain('"@the-new-one}"');
      if (name !== 'prepare-database')
        expect(JSON.stringify(own.TOKEN_SECRET_PREVIOUS)).toMatch(/TokenSecret\w+"\},"@the-old-one\}"/);
    }
  });
});

const given = (context: Record<string, unknown>) => () =>
  readSettings({ tryGetContext: (name: string) => context[name] });

test('variables that are not known, that the stack says itself, or that are secret are refused by name; so are wrong values', () => {
  const environment = (variables: object) => given({ environment: JSON.stringify(variables) });
  expect(environment({ LOG_LEVEL: 'warn', LIMIT_KEY_PER_MINUTE: 600 })()).toMatchObject({
    environment: { LOG_LEVEL: 'warn', LIMIT_KEY_PER_MINUTE: '600' },
  });
  for (const name of ['LOG_LEVL', 'TOKEN_SECRET', 'DB_POOL', 'PROOF_BUCKET_URL', 'VAPID_PRIVATE_KEY', 'METRICS_PORT'])
    expect(environment({ LOG_LEVEL: 'warn', [name]: '1' })).toThrow(`environment cannot have ${name}; it may have`);
  expect(environment({ RETENTION_OUTBOX_DAYS: 1 })).toThrow('RETENTION_OUTBOX_DAYS must be');
  expect(given({ environment: 'LOG_LEVEL=warn' })).toThrow('environment must be a JSON object');
});

test('a parameter of the wrong kind is refused by name', () => {
  expect(given({ maxAcu: 'many' })).toThrow('maxAcu must be a number');
  expect(given({ concurrency: '{"locate":"x"}' })).toThrow('concurrency must be');
  expect(given({ keepData: 'false' })()).toMatchObject({ keepData: false });
  expect(of(given({ concurrency: '{"track":7}' })().concurrency, 'track')).toBe(7);
});

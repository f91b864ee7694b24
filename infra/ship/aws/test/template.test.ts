import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { gatewayPath, httpFunctions, readRoutes, SERVER_ONLY } from '../lib/assets.ts';
import { NETWORK_ACTIONS } from '../lib/functions.ts';
import { connectionLimit, DEFAULTS } from '../lib/settings.ts';
import { lambdasOf, nameOf, ofType, type Resource, type Synthesized, synthesize, variables } from './synthesize.ts';

let stack: Synthesized;
beforeAll(() => {
  stack = synthesize();
});

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}
const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
const lambdas = () => lambdasOf(stack);

describe('routes', () => {
  test('every endpoint of every function leads to that function', () => {
    const integrations = new Map(
      ofType(stack, 'AWS::ApiGatewayV2::Integration').map(([id, each]) => [
        id,
        JSON.stringify(each.Properties.IntegrationUri),
      ]),
    );
    const routed = ofType(stack, 'AWS::ApiGatewayV2::Route').map(([, { Properties: route }]) => {
      const integration = [...integrations.keys()].find((id) => JSON.stringify(route.Target).includes(`"${id}"`));
      const [lambda] = lambdas().find(([id]) => integrations.get(integration ?? '')?.includes(`"${id}"`)) ?? [];
      return `${route.RouteKey} → ${lambda === undefined ? 'nobody' : nameOf(stack.resources.get(lambda)!)}`;
    });
    const wanted = httpFunctions().flatMap((name) =>
      readRoutes()[name]!.map(({ method, path: at }) => `${method} ${gatewayPath(at)} → ${name}`),
    );
    expect(routed.sort()).toEqual(wanted.sort());
    expect(wanted).toContain('GET /v1/drivers/nearest → locate');
    expect(wanted).toContain('POST /v1/drivers/{id}/tokens → register');
  });

  test('every function folder is a Lambda, or says why not', () => {
    const folder = path.join(import.meta.dirname, '../../../../functions');
    const folders = fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'index.ts')));
    const made = lambdas().map(([, each]) => nameOf(each));
    expect(folders.filter((name) => !made.includes(name)).sort()).toEqual(Object.keys(SERVER_ONLY).sort());
  });

  test('the API speaks version 2.0, is throttled, and logs who was served without saying who', () => {
    for (const [, each] of ofType(stack, 'AWS::ApiGatewayV2::Integration'))
      expect(each.Properties.PayloadFormatVersion).toBe('2.0');
    const [[, stage]] = ofType(stack, 'AWS::ApiGatewayV2::Stage') as [[string, Resource]];
    expect(stage.Properties.DefaultRouteSettings).toMatchObject({
      ThrottlingBurstLimit: 1_000,
      ThrottlingRateLimit: 500,
    });
    const { Format } = stage.Properties.AccessLogSettings as { Format: string };
    expect(JSON.parse(Format)).toMatchObject({ status: '$context.status' });
    expect(Format).not.toMatch(/sourceIp|context\.path|authoriz/);
  });
});

describe('rights', () => {
  const statements = () =>
    [...ofType(stack, 'AWS::IAM::Policy'), ...ofType(stack, 'AWS::IAM::Role')].flatMap(([id, { Properties }]) => {
      const documents = [
        Properties.PolicyDocument,
        ...((Properties.Policies ?? []) as { PolicyDocument: unknown }[]).map((each) => each.PolicyDocument),
      ];
      return (documents.filter(Boolean) as { Statement: Statement[] }[]).flatMap(({ Statement }) =>
        Statement.map((each) => [id, each] as const),
      );
    });

  test('no action is a pattern', () => {
    expect(statements().length).toBeGreaterThan(30);
    for (const [id, { Action }] of statements())
      for (const action of list(Action)) expect([id, action]).toEqual([id, expect.not.stringContaining('*')]);
  });

  test('every resource is named, but for network interfaces, which the functions’ own code is denied', () => {
    const onAll = statements().filter(([, { Resource }]) => list(Resource).includes('*'));
    for (const [, { Action }] of onAll) expect([...list(Action)].sort()).toEqual([...NETWORK_ACTIONS]);
    const allowed = onAll.filter(([, { Effect }]) => Effect === 'Allow').map(([id]) => id);
    const denied = onAll
      .filter(
        ([, { Effect, Condition }]) => Effect === 'Deny' && JSON.stringify(Condition).includes('SourceFunctionArn'),
      )
      .map(([id]) => id);
    expect(allowed.sort()).toEqual(denied.sort());
    expect(allowed).toHaveLength(lambdas().length);
  });

  test('our Lambdas have no ready-made policies, and a role of their own each', () => {
    const roles = lambdas().map(([, each]) => (each.Properties.Role as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0]!);
    expect(new Set(roles).size).toBe(roles.length);
    for (const role of roles) expect(stack.resources.get(role)?.Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  test('a function reads the secrets it refers to, and no others; the owner’s is read by the migrations alone', () => {
    for (const [, lambda] of lambdas()) {
      const environment = JSON.stringify(lambda.Properties.Environment);
      const role = (lambda.Properties.Role as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0];
      const readable = statements()
        .filter(
          ([id, { Action }]) =>
            list(Action).includes('secretsmanager:GetSecretValue') &&
            JSON.stringify(stack.resources.get(id)?.Properties.Roles).includes(`"${role}"`),
        )
        .flatMap(([, { Resource }]) => list(Resource) as { Ref: string }[]);
      const secrets = ofType(stack, 'AWS::SecretsManager::Secret').map(([id]) => id);
      expect([nameOf(lambda), readable.map(({ Ref }) => Ref).sort()]).toEqual([
        nameOf(lambda),
        secrets.filter((id) => environment.includes(`"${id}"`)).sort(),
      ]);
      expect(environment.includes('OwnerSecret')).toBe(nameOf(lambda) === 'prepare-database');
    }
  });
});

test('only the functions that call shops have a way out, to the ports of webhooks', () => {
  const open = ofType(stack, 'AWS::EC2::SecurityGroup').filter(([, { Properties }]) =>
    JSON.stringify(Properties.SecurityGroupEgress ?? []).includes('0.0.0.0/0'),
  );
  for (const [, { Properties }] of open) {
    const rules = Properties.SecurityGroupEgress as { CidrIp: string; FromPort: number; ToPort: number }[];
    expect(rules.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([
      [443, 443],
      [80, 80],
    ]);
  }
  const goOut = lambdas().filter(([, { Properties }]) => {
    const { SecurityGroupIds } = Properties.VpcConfig as { SecurityGroupIds: unknown };
    return open.some(([id]) => JSON.stringify(SecurityGroupIds).includes(`"${id}"`));
  });
  expect(goOut.map(([, each]) => nameOf(each)).sort()).toEqual(['relay', 'webhook']);
  for (const [, each] of lambdas()) {
    const isOut = JSON.stringify(each.Properties.VpcConfig).includes('egressSubnet');
    expect([nameOf(each), isOut]).toEqual([nameOf(each), goOut.some(([, other]) => other === each)]);
  }
});

describe('secrets', () => {
  test('every one is by reference: a Lambda’s configuration and the template hold no value', () => {
    for (const [, lambda] of lambdas()) {
      for (const name of ['DATABASE_URL', 'TOKEN_SECRET']) {
        expect(JSON.stringify(variables(lambda)[name])).toMatch(/\$\{secret:",\{"Ref":"\w+"\},"(#password)?\}/);
      }
      expect(JSON.stringify(variables(lambda))).not.toContain('{{resolve:');
    }
    expect(ofType(stack, 'AWS::SecretsManager::Secret')).toHaveLength(5);
    for (const [, { Properties }] of ofType(stack, 'AWS::SecretsManager::Secret'))
      expect(Properties).not.toHaveProperty('SecretString');
    const [[, user]] = ofType(stack, 'AWS::ElastiCache::User') as [[string, Resource]];
    expect(JSON.stringify(user.Properties.Passwords)).toContain('{{resolve:secretsmanager:');
  });
});

describe('stores', () => {
  test('concurrency × pool fits into the connections there are, and a size at which it does not is refused', () => {
    const wanted = lambdas().reduce(
      (sum, [, each]) => sum + Number(each.Properties.ReservedConcurrentExecutions) * Number(variables(each).DB_POOL),
      0,
    );
    expect(wanted).toBeLessThanOrEqual(connectionLimit(DEFAULTS));
    expect(() => synthesize({ maxAcu: '1' })).toThrow(/connections/);
    expect(() => synthesize({ concurrency: '{"locate":900}' })).toThrow(/raise maxAcu/);
  });

  test('what the table of connections says', () => {
    expect(connectionLimit({ minAcu: 1, maxAcu: 16 })).toBe(3_024);
    expect(connectionLimit({ minAcu: 0.5, maxAcu: 64 })).toBe(1_800);
    expect(connectionLimit({ minAcu: 0.5, maxAcu: 6 })).toBe(740);
  });

  test('through the proxy nothing belongs to a session; TLS throughout; encrypted, kept', () => {
    for (const [, each] of lambdas().filter(([, lambda]) => nameOf(lambda) !== 'prepare-database')) {
      expect(variables(each)).toMatchObject({ DB_PREPARE: 'false', DB_SESSION_TIMEOUTS: 'false' });
      expect(JSON.stringify(variables(each).DATABASE_URL)).toMatch(/Proxy.*sslmode=verify-full/);
      expect(JSON.stringify(variables(each).REDIS_URL)).toContain('rediss://dispatch:');
    }
    const [[, cluster]] = ofType(stack, 'AWS::RDS::DBCluster') as [[string, Resource]];
    expect(cluster.Properties).toMatchObject({ StorageEncrypted: true, DeletionProtection: true });
    const [[, proxy]] = ofType(stack, 'AWS::RDS::DBProxy') as [[string, Resource]];
    expect(proxy.Properties.RequireTLS).toBe(true);
  });

  test('photos are kept on files that outlive a Lambda, by the functions that have to do with them', () => {
    const mounted = lambdas().filter(([, each]) => each.Properties.FileSystemConfigs !== undefined);
    expect(mounted.map(([, each]) => [nameOf(each), variables(each).PROOF_DIR])).toEqual([
      ['proofs', '/mnt/photos'],
      // Which takes the old ones away.
      ['relay', '/mnt/photos'],
    ]);
  });

  test('migrations end before any function changes', () => {
    const [[trigger]] = ofType(stack, 'Custom::Trigger') as [[string, Resource]];
    for (const [, each] of lambdas().filter(([, lambda]) => nameOf(lambda) !== 'prepare-database'))
      expect(each.DependsOn).toContain(trigger);
  });
});

describe('operations', () => {
  test('the relay is started each minute, and each shift outlasts the minute', () => {
    const rules = ofType(stack, 'AWS::Events::Rule').map(([, { Properties }]) => Properties);
    for (const rule of rules) expect(rule.ScheduleExpression).toBe('rate(1 minute)');
    const inputs = rules.map((rule) => (rule.Targets as { Input: string }[])[0]!.Input);
    expect(inputs.sort()).toEqual(['{"shiftMs":65000}', '{}']);
    const [, relay] = lambdas().find(([, each]) => nameOf(each) === 'relay')!;
    expect(relay.Properties).toMatchObject({ ReservedConcurrentExecutions: 2, Timeout: 90 });
  });

  test('there is an alarm for each thing that the guide explains', () => {
    const guide = fs.readFileSync(path.join(import.meta.dirname, '../../../product/guides/operations.md'), 'utf8');
    const alarms = ofType(stack, 'AWS::CloudWatch::Alarm').map(([id]) => id.replace(/^Alarms(\w+?)[0-9A-F]{8}$/, '$1'));
    expect(alarms).toEqual(
      expect.arrayContaining([
        'ServerErrors',
        'Latency',
        'OutboxLag',
        'ProjectionLag',
        'ProjectionDrift',
        'RelayStopped',
        'RelayCrashed',
      ]),
    );
    for (const alarm of alarms) expect(guide).toContain(`\`${alarm}\``);
  });

  test('cdk-nag finds nothing but what is accepted in writing', () => {
    expect(stack.findings).toEqual([]);
  });
});

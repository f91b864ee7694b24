import {
  CfnOutput,
  Duration,
  aws_events as events,
  Stack,
  type StackProps,
  aws_secretsmanager as secretsmanager,
  aws_events_targets as targets,
  triggers,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { addAlarms } from './alarms.ts';
import { Api } from './api.ts';
import { httpFunctions } from './assets.ts';
import { DispatchFunction, reference } from './functions.ts';
import { Network } from './network.ts';
import { assertConnections, readSettings, type Settings } from './settings.ts';
import { APP_USER, DATABASE, OWNER, Stores } from './stores.ts';

/** Answers are due within 3 s (the service itself says 503 then); the rest is for a cold start. */
const ANSWER_WITHIN = Duration.seconds(10);
/** What keeps and shows photos, and what takes away the old ones. */
const WITH_PHOTOS = ['proofs', 'relay'];
/** What calls a shop within the request: its `ping` is answered by its own endpoint. */
const CALLS_SHOPS = 'webhook';
/** Each shift is longer than the minute between two starts, so that there is always one on duty. */
const SHIFT_MS = 65_000;

/** The whole service: HTTP API → one Lambda per function → RDS Proxy → Aurora, and Valkey beside it. */
export class DispatchStack extends Stack {
  private readonly settings: Settings;
  private readonly network: Network;
  private readonly stores: Stores;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    this.settings = readSettings(this.node);
    const names = httpFunctions();
    assertConnections(this.settings, [...names, 'relay', 'measure', 'prepare-database']);
    this.network = new Network(this, 'Network', this.settings);
    this.stores = new Stores(this, 'Stores', this.network, this.settings);

    const prepare = this.ownersFunction();
    const http = new Map(
      names.map((name) => [name, this.function(name, ANSWER_WITHIN, name === CALLS_SHOPS ? 'hooks' : 'functions')]),
    );
    const relay = this.function('relay', Duration.seconds(90), 'relay');
    const measure = this.function('measure', Duration.seconds(10));
    this.eachMinute('RelayEachMinute', relay, { shiftMs: SHIFT_MS });
    this.eachMinute('MeasureEachMinute', measure, {});

    // Runs whenever its code (the migrations are part of it) has changed, and ends before a function is changed.
    const trigger = new triggers.Trigger(this, 'Prepare', {
      handler: prepare.lambda,
      timeout: Duration.minutes(10),
      executeAfter: [this.stores.cluster],
    });
    trigger.executeBefore(...[...http.values(), relay, measure]);

    const api = new Api(this, 'Api', http, this.settings);
    addAlarms(
      this,
      { stackName: this.stackName, api, stores: this.stores, http: [...http.values()], relay, measure },
      this.settings,
    );
    acknowledge(this);
    new CfnOutput(this, 'Url', { value: this.settings.publicUrl ?? api.http.apiEndpoint });
    new CfnOutput(this, 'OperatorKeySecret', { value: this.stores.secrets.operator.secretArn });
    new CfnOutput(this, 'TokenSecret', { value: this.stores.secrets.tokens.secretArn });
  }

  private function(
    name: string,
    timeout: Duration,
    group: 'functions' | 'hooks' | 'relay' = 'functions',
  ): DispatchFunction {
    const { secrets, proxy, cache } = this.stores;
    const { settings, network } = this;
    const previous = this.previousTokenSecret();
    const more = this.given('Environment', settings.environmentSecretArn);
    const given = [...(previous ? [previous.secret] : []), ...(more ? [more] : [])];
    return new DispatchFunction(this, {
      name,
      settings,
      vpc: network.vpc,
      subnets: group === 'functions' ? network.isolated : network.egress,
      group: network.groups[group],
      timeout,
      ...(WITH_PHOTOS.includes(name) && { photos: this.stores.photos }),
      secrets: [...new Set([secrets.app, secrets.cache, secrets.tokens, secrets.operator, ...given])],
      environment: {
        ...settings.environment,
        DATABASE_URL: `postgres://${APP_USER}:${reference(secrets.app, { field: 'password' })}@${proxy.endpoint}:5432/${DATABASE}?sslmode=verify-full`,
        // The proxy shares connections between instances: nothing may belong to a session. The role has the time limits.
        DB_PREPARE: 'false',
        DB_SESSION_TIMEOUTS: 'false',
        REDIS_URL: `rediss://dispatch:${reference(secrets.cache)}@${cache.attrEndpointAddress}:${cache.attrEndpointPort}`,
        TOKEN_SECRET: reference(secrets.tokens, { version: settings.tokenSecretVersion }),
        OPERATOR_KEY: reference(secrets.operator),
        STACK: this.stackName,
        ...(previous && { TOKEN_SECRET_PREVIOUS: reference(previous.secret, previous) }),
        ...(more && { SECRET_ENVIRONMENT: reference(more) }),
        ...(settings.publicUrl !== null && { PUBLIC_URL: settings.publicUrl }),
      },
    });
  }

  /** As the owner, and on the cluster itself: a migration is one long session, which a proxy is no use to. */
  private ownersFunction(): DispatchFunction {
    const { secrets, cluster } = this.stores;
    const { settings, network } = this;
    const shop = this.given('DefaultShop', settings.defaultShopSecretArn);
    const address = `${cluster.clusterEndpoint.hostname}:5432/${DATABASE}`;
    return new DispatchFunction(this, {
      name: 'prepare-database',
      settings,
      vpc: network.vpc,
      subnets: network.isolated,
      group: network.groups.owner,
      timeout: Duration.minutes(10),
      secrets: [secrets.owner, secrets.app, secrets.tokens, ...(shop ? [shop] : [])],
      environment: {
        DATABASE_URL: `postgres://${OWNER}:${reference(secrets.owner, { field: 'password' })}@${address}?sslmode=verify-full`,
        // The cluster's certificate is signed by Amazon's own authority for databases, which Lambda has but does not load.
        NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
        APP_USER,
        APP_PASSWORD: reference(secrets.app, { field: 'password' }),
        TOKEN_SECRET: reference(secrets.tokens, { version: settings.tokenSecretVersion }),
        ...(shop && { SECRET_ENVIRONMENT: reference(shop) }),
      },
    });
  }

  /** Another version of the secret that signs now, or a secret of its own. */
  private previousTokenSecret(): { secret: secretsmanager.ISecret; version: string | null } | null {
    const { tokenSecretPreviousVersion: version, tokenSecretPreviousArn: arn } = this.settings;
    if (version !== null) return { secret: this.stores.secrets.tokens, version };
    const secret = this.given('PreviousTokenSecret', arn);
    return secret && { secret, version: null };
  }

  /** A secret that exists already, by its complete ARN. */
  private given(id: string, arn: string | null): secretsmanager.ISecret | null {
    if (arn === null) return null;
    const known = this.node.tryFindChild(id) as secretsmanager.ISecret | undefined;
    return known ?? secretsmanager.Secret.fromSecretCompleteArn(this, id, arn);
  }

  private eachMinute(id: string, { lambda }: DispatchFunction, input: object): void {
    new events.Rule(this, id, {
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [
        new targets.LambdaFunction(lambda, {
          event: events.RuleTargetInput.fromObject(input),
          // Late is useless: the next minute brings the next one.
          maxEventAge: Duration.minutes(1),
          retryAttempts: 0,
        }),
      ],
    });
  }
}

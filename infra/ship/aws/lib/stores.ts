import {
  Duration,
  aws_efs as efs,
  aws_elasticache as elasticache,
  Names,
  RemovalPolicy,
  aws_rds as rds,
  aws_secretsmanager as secretsmanager,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Network } from './network.ts';
import { PROXY_SHARE_PERCENT, type Settings } from './settings.ts';

export const DATABASE = 'dispatch';
export const OWNER = 'dispatch_owner';
export const APP_USER = 'dispatch_app';

/**
 * What the functions' user of the cache may do: read, write and run scripts on this service's keys; INFO, by which the
 * client learns that the server is ready, and TIME, which the scripts ask. Nothing that administers, lists or empties.
 */
export const CACHE_ACCESS =
  'on ~drivers:* ~driver:* -@all +@read +@write +@connection +@scripting -@dangerous +info +time';

/** Aurora behind RDS Proxy, Valkey, and every secret of the service. */
export class Stores extends Construct {
  readonly cluster: rds.DatabaseCluster;
  readonly proxy: rds.DatabaseProxy;
  readonly cache: elasticache.CfnServerlessCache;
  readonly photos: efs.AccessPoint;
  readonly secrets: Readonly<Record<'owner' | 'app' | 'cache' | 'tokens' | 'operator', secretsmanager.Secret>>;

  constructor(scope: Construct, id: string, network: Network, settings: Settings) {
    super(scope, id);
    this.secrets = {
      owner: this.databaseSecret('OwnerSecret', OWNER),
      app: this.databaseSecret('AppSecret', APP_USER),
      cache: this.secret('CacheSecret', 'Password of the service in Valkey'),
      tokens: this.secret('TokenSecret', 'TOKEN_SECRET: signs the tokens of drivers'),
      operator: this.secret('OperatorKey', 'OPERATOR_KEY: makes shops and their keys'),
    };
    this.cluster = this.aurora(network, settings);
    this.proxy = this.cluster.addProxy('Proxy', {
      secrets: [this.secrets.app],
      vpc: network.vpc,
      vpcSubnets: network.isolated,
      securityGroups: [network.groups.proxy],
      requireTLS: true,
      maxConnectionsPercent: PROXY_SHARE_PERCENT,
      maxIdleConnectionsPercent: 50,
      // The service gives a statement a connection within 0.5 s or answers 503.
      borrowTimeout: Duration.seconds(2),
      clientPasswordAuthType: rds.ClientPasswordAuthType.POSTGRES_SCRAM_SHA_256,
    });
    this.cache = this.valkey(network, settings);
    this.photos = this.files(network, settings);
  }

  private secret(id: string, description: string, object?: { username: string }): secretsmanager.Secret {
    return new secretsmanager.Secret(this, id, {
      description,
      generateSecretString: {
        passwordLength: 48,
        // It goes into URLs as it is.
        excludePunctuation: true,
        ...(object && { secretStringTemplate: JSON.stringify(object), generateStringKey: 'password' }),
      },
    });
  }

  private databaseSecret(id: string, username: string): secretsmanager.Secret {
    return this.secret(id, `Database user ${username}`, { username });
  }

  private aurora(network: Network, settings: Settings): rds.DatabaseCluster {
    const engine = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_7 });
    return new rds.DatabaseCluster(this, 'Aurora', {
      engine,
      credentials: rds.Credentials.fromSecret(this.secrets.owner, OWNER),
      defaultDatabaseName: DATABASE,
      writer: rds.ClusterInstance.serverlessV2('Writer'),
      readers: Array.from({ length: settings.readers }, (_, n) =>
        rds.ClusterInstance.serverlessV2(`Reader${n + 1}`, { scaleWithWriter: true }),
      ),
      serverlessV2MinCapacity: settings.minAcu,
      serverlessV2MaxCapacity: settings.maxAcu,
      parameterGroup: new rds.ParameterGroup(this, 'Parameters', { engine, parameters: { 'rds.force_ssl': '1' } }),
      vpc: network.vpc,
      vpcSubnets: network.isolated,
      securityGroups: [network.groups.database],
      storageEncrypted: true,
      backup: { retention: Duration.days(14) },
      cloudwatchLogsExports: ['postgresql'],
      copyTagsToSnapshot: true,
      deletionProtection: settings.keepData,
      removalPolicy: settings.keepData ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
    });
  }

  private valkey(network: Network, settings: Settings): elasticache.CfnServerlessCache {
    const name = Names.uniqueResourceName(this, { maxLength: 30, separator: '-' }).toLowerCase();
    const user = new elasticache.CfnUser(this, 'CacheUser', {
      engine: 'valkey',
      userId: name,
      userName: 'dispatch',
      accessString: CACHE_ACCESS,
      // A reference that CloudFormation resolves; the template has no password.
      passwords: [this.secrets.cache.secretValue.unsafeUnwrap()],
    });
    const users = new elasticache.CfnUserGroup(this, 'CacheUsers', {
      engine: 'valkey',
      userGroupId: name,
      userIds: [user.ref],
    });
    return new elasticache.CfnServerlessCache(this, 'Valkey', {
      engine: 'valkey',
      majorEngineVersion: '8',
      serverlessCacheName: name,
      description: 'Availability of drivers; rebuilt from PostgreSQL',
      userGroupId: users.ref,
      subnetIds: network.vpc.selectSubnets(network.isolated).subnetIds,
      securityGroupIds: [network.groups.cache.securityGroupId],
      cacheUsageLimits: {
        dataStorage: { unit: 'GB', maximum: settings.cacheMaxGb },
        ecpuPerSecond: { maximum: settings.cacheMaxEcpuPerSecond },
      },
    });
  }

  /** The photos that drivers take at the door: files, as everywhere else. */
  private files(network: Network, settings: Settings): efs.AccessPoint {
    const files = new efs.FileSystem(this, 'Photos', {
      vpc: network.vpc,
      vpcSubnets: network.isolated,
      securityGroup: network.groups.files,
      encrypted: true,
      enableAutomaticBackups: true,
      lifecyclePolicy: efs.LifecyclePolicy.AFTER_30_DAYS,
      removalPolicy: settings.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const posix = { uid: '1000', gid: '1000' };
    return files.addAccessPoint('Access', {
      path: '/photos',
      posixUser: posix,
      createAcl: { ownerUid: posix.uid, ownerGid: posix.gid, permissions: '750' },
    });
  }
}

import type { aws_efs as efs, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import {
  type Duration,
  type aws_ec2 as ec2,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { codeOf } from './assets.ts';
import { of, type Settings } from './settings.ts';

export interface FunctionOptions {
  name: string;
  settings: Settings;
  vpc: ec2.IVpc;
  subnets: ec2.SubnetSelection;
  group: ec2.ISecurityGroup;
  /** May hold references made by `reference`. */
  environment: Readonly<Record<string, string>>;
  /** The secrets that its environment refers to; it may read these and no others. */
  secrets: readonly secretsmanager.ISecret[];
  timeout: Duration;
  /** Where the photos are, for a function that has to do with them. */
  photos?: efs.AccessPoint;
}

/** Where a Lambda sees the photos. */
const PHOTOS = '/mnt/photos';

/**
 * What a Lambda's environment holds instead of a secret; lambda/entry.ts fetches the value as the Lambda starts.
 * @param which a field, where the secret is a JSON object; a version: without one a Lambda has what was the present one
 *   as it started, and the next Lambda perhaps another
 */
export function reference(
  secret: secretsmanager.ISecret,
  { field = null, version = null }: { field?: string | null; version?: string | null } = {},
): string {
  return `\${secret:${secret.secretArn}${version === null ? '' : `@${version}`}${field === null ? '' : `#${field}`}}`;
}

/** One bundle as a Lambda: its own role, its own log, its own share of the database's connections. */
export class DispatchFunction extends Construct {
  readonly lambda: lambda.Function;
  readonly log: logs.LogGroup;

  constructor(scope: Construct, options: FunctionOptions) {
    super(scope, options.name);
    const { name, settings } = options;
    this.log = new logs.LogGroup(this, 'Log', { retention: settings.logDays, removalPolicy: RemovalPolicy.DESTROY });
    this.lambda = new lambda.Function(this, 'Lambda', {
      description: `Driver dispatch: ${name}`,
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(codeOf(name)),
      handler: 'index.handler',
      memorySize: settings.memoryMb,
      timeout: options.timeout,
      reservedConcurrentExecutions: of(settings.concurrency, name),
      // What asks it again asks for itself: clients, or the next minute.
      retryAttempts: 0,
      vpc: options.vpc,
      vpcSubnets: options.subnets,
      securityGroups: [options.group],
      logGroup: this.log,
      role: this.role(options),
      environment: { ...options.environment, DB_POOL: String(of(settings.pool, name)) },
    });
    if (options.photos) this.mount(options.photos);
  }

  /** By hand: the library's way would let the role mount every file system, under a condition. */
  private mount(photos: efs.AccessPoint): void {
    const raw = this.lambda.node.defaultChild as lambda.CfnFunction;
    raw.fileSystemConfigs = [{ arn: photos.accessPointArn, localMountPath: PHOTOS }];
    this.lambda.node.addDependency(photos.fileSystem.mountTargetsAvailable);
    this.lambda.addEnvironment('PROOF_DIR', PHOTOS);
    this.lambda.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
        resources: [photos.fileSystem.fileSystemArn],
        conditions: { StringEquals: { 'elasticfilesystem:AccessPointArn': photos.accessPointArn } },
      }),
    );
  }

  private role({ secrets }: FunctionOptions): iam.Role {
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.log.logGroupArn],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: secrets.map((secret) => secret.secretArn),
      }),
    );
    for (const statement of networkInterfaces(Stack.of(this))) role.addToPolicy(statement);
    return role;
  }
}

/** What the Lambda service needs to put a function into a VPC, by name; none of it can be limited to a resource. */
export const NETWORK_ACTIONS: readonly string[] = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** The service may, the function's own code may not: the condition holds for calls made from within a function only. */
function networkInterfaces({ partition, region, account }: Stack): iam.PolicyStatement[] {
  const actions = [...NETWORK_ACTIONS];
  const fromCode = {
    ArnLike: { 'lambda:SourceFunctionArn': `arn:${partition}:lambda:${region}:${account}:function:*` },
  };
  return [
    new iam.PolicyStatement({ actions, resources: ['*'] }),
    new iam.PolicyStatement({ effect: iam.Effect.DENY, actions, resources: ['*'], conditions: fromCode }),
  ];
}

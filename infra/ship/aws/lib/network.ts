import { aws_ec2 as ec2, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * Two zones. `isolated` has no way out: databases, and the functions, which only ask them and Secrets Manager (by an
 * endpoint of its own). `egress` leads out through NAT: the relay, which sends webhooks, and the function that takes a
 * shop's own, which calls it back when it asks whether it is reached.
 */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  readonly isolated: ec2.SubnetSelection = { subnetGroupName: 'isolated' };
  readonly egress: ec2.SubnetSelection = { subnetGroupName: 'egress' };
  /** By who they belong to; who may reach whom is said here and nowhere else. */
  readonly groups: Readonly<
    Record<'functions' | 'hooks' | 'relay' | 'owner' | 'proxy' | 'database' | 'cache' | 'files', ec2.SecurityGroup>
  >;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: settings.natGateways,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
        { name: 'egress', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 },
        { name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 22 },
      ],
    });
    const flow = new logs.LogGroup(this, 'FlowLog', {
      retention: settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog('Flow', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(flow),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    });
    const group = (name: string, description: string) =>
      new ec2.SecurityGroup(this, name, { vpc: this.vpc, description, allowAllOutbound: false });
    const groups = {
      functions: group('Functions', 'Functions that answer requests'),
      hooks: group('Hooks', 'Takes webhooks, and calls a shop back'),
      relay: group('Relay', 'Relay: sends webhooks'),
      owner: group('Owner', 'Migrations, as the owner of the schema'),
      proxy: group('Proxy', 'RDS Proxy'),
      database: group('Database', 'Aurora'),
      cache: group('Cache', 'Valkey'),
      files: group('Files', 'Photos of deliveries'),
    };
    this.groups = groups;
    this.connect();
  }

  private connect(): void {
    const { functions, hooks, relay, owner, proxy, database, cache, files } = this.groups;
    const endpoint = new ec2.SecurityGroup(this, 'SecretsEndpoint', {
      vpc: this.vpc,
      description: 'Secrets Manager endpoint',
      allowAllOutbound: false,
    });
    this.vpc.addInterfaceEndpoint('Secrets', {
      service: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      subnets: this.isolated,
      securityGroups: [endpoint],
      open: false,
    });
    const allow = (from: ec2.SecurityGroup, to: ec2.SecurityGroup, port: number, what: string) => {
      to.addIngressRule(from, ec2.Port.tcp(port), what);
      from.addEgressRule(to, ec2.Port.tcp(port), what);
    };
    for (const from of [functions, hooks, relay]) {
      allow(from, proxy, 5432, 'PostgreSQL through the proxy');
      allow(from, cache, 6379, 'Valkey');
    }
    for (const from of [functions, hooks, relay, owner]) allow(from, endpoint, 443, 'Secrets');
    for (const from of [functions, relay]) allow(from, files, 2049, 'Photos');
    allow(proxy, database, 5432, 'PostgreSQL');
    allow(owner, database, 5432, 'PostgreSQL');
    for (const from of [hooks, relay]) {
      from.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'Webhooks');
      from.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(80), 'Webhooks');
    }
  }
}

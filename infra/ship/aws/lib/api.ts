import {
  aws_apigateway as apigateway,
  aws_apigatewayv2 as apigatewayv2,
  Duration,
  aws_logs as logs,
  RemovalPolicy,
} from 'aws-cdk-lib';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { gatewayPath, readRoutes } from './assets.ts';
import type { DispatchFunction } from './functions.ts';
import type { Settings } from './settings.ts';

/** What an access log says: nothing of who asks or where somebody is. The route, not the path: paths hold tokens. */
const ACCESS_LOG = JSON.stringify({
  time: '$context.requestTime',
  requestId: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  ms: '$context.responseLatency',
  functionMs: '$context.integrationLatency',
  bytes: '$context.responseLength',
  error: '$context.error.message',
  functionError: '$context.integrationErrorMessage',
});

/** The HTTP API: every endpoint of every function, as the endpoints themselves say. */
export class Api extends Construct {
  readonly http: apigatewayv2.HttpApi;
  readonly stage: apigatewayv2.HttpStage;

  constructor(scope: Construct, id: string, functions: ReadonlyMap<string, DispatchFunction>, settings: Settings) {
    super(scope, id);
    this.http = new apigatewayv2.HttpApi(this, 'Http', { createDefaultStage: false });
    const routes = readRoutes();
    for (const [name, { lambda }] of functions) {
      const integration = new HttpLambdaIntegration(name, lambda, {
        payloadFormatVersion: apigatewayv2.PayloadFormatVersion.VERSION_2_0,
        // One permission for all routes of a function; one each would outgrow its policy.
        scopePermissionToRoute: false,
        timeout: Duration.seconds(10),
      });
      for (const { method, path } of routes[name] ?? []) {
        this.http.addRoutes({ path: gatewayPath(path), methods: [method as apigatewayv2.HttpMethod], integration });
      }
    }
    const log = new logs.LogGroup(this, 'AccessLog', {
      retention: settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new apigatewayv2.HttpStage(this, 'Stage', {
      httpApi: this.http,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.throttleRate, burstLimit: settings.throttleBurst },
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new apigatewayv2.LogGroupLogDestination(log),
        format: apigateway.AccessLogFormat.custom(ACCESS_LOG),
      },
    });
  }
}

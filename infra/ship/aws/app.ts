import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DispatchStack } from './lib/dispatch-stack.ts';

const app = new App();
// `-c stack=NAME`: several installations in one account.
new DispatchStack(app, (app.node.tryGetContext('stack') as string | undefined) ?? 'Dispatch', {
  description: 'Driver management and delivery orchestration for Vendure shops',
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DispatchStack } from '../lib/dispatch-stack.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
}
export interface Synthesized {
  resources: ReadonlyMap<string, Resource>;
  text: string;
  /** What cdk-nag has to say. */
  findings: readonly string[];
}

/** The template with `context` as `-c` would give it. */
export function synthesize(context: Record<string, unknown> = {}): Synthesized {
  const outdir = fs.mkdtempSync(path.join(tmpdir(), 'dispatch-cdk-'));
  try {
    const file = JSON.parse(fs.readFileSync(new URL('../cdk.json', import.meta.url), 'utf8')) as { context: object };
    const app = new App({ outdir, analyticsReporting: false, context: { ...file.context, ...context } });
    new DispatchStack(app, 'Dispatch');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    app.synth();
    const text = fs.readFileSync(path.join(outdir, 'Dispatch.template.json'), 'utf8');
    const report = JSON.parse(fs.readFileSync(path.join(outdir, 'validation-report.json'), 'utf8')) as {
      pluginReports: { violations?: { ruleName: string; violatingConstructs?: { constructPath: string }[] }[] }[];
    };
    const { Resources } = JSON.parse(text) as { Resources: Record<string, Resource> };
    const violations = report.pluginReports.flatMap(({ violations = [] }) => violations);
    return {
      resources: new Map(Object.entries(Resources)),
      text,
      findings: violations.map(
        ({ ruleName, violatingConstructs = [] }) =>
          `${ruleName} ${violatingConstructs.map((each) => each.constructPath)}`,
      ),
    };
  } finally {
    fs.rmSync(outdir, { recursive: true, force: true });
    process.exitCode = 0;
  }
}

export function ofType({ resources }: Synthesized, type: string): [string, Resource][] {
  return [...resources].filter(([, resource]) => resource.Type === type);
}

/** The service's functions, relay and migrations; not those that the CDK adds for itself. */
export function lambdasOf(synthesized: Synthesized): [string, Resource][] {
  return ofType(synthesized, 'AWS::Lambda::Function').filter(
    ([, { Properties }]) =>
      Properties.Runtime === 'nodejs22.x' && /^Driver dispatch/.test(String(Properties.Description)),
  );
}

export function nameOf(lambda: Resource): string {
  return String(lambda.Properties.Description).replace('Driver dispatch: ', '');
}

export function variables(lambda: Resource): Record<string, unknown> {
  return (lambda.Properties.Environment as { Variables: Record<string, unknown> }).Variables;
}

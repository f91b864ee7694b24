import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Rules of cdk-nag that do not hold here, and why. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'AwsSolutions-APIG4':
    'The service proves who asks itself (API keys, driver tokens, signatures over raw bytes), the same on every host; health probes and tracking pages are open on purpose.',
  'AwsSolutions-IAM5[Resource::*]':
    'Resource * only for the network interfaces of Lambdas in a VPC, which cannot be limited to a resource and which a Deny keeps from the functions’ own code; and the log streams of one log group each. Held to it by test/template.test.ts.',
  'AwsSolutions-SMG4':
    'Rotating is two-sided here: TOKEN_SECRET goes on beside TOKEN_SECRET_PREVIOUS, the operator has to be told. Done by hand, as infra/product/guides/operations.md says.',
  'AwsSolutions-RDS6':
    'A token of IAM lives 15 minutes, a connection of an idle Lambda longer; the password is in Secrets Manager and the database is reached by two security groups only, the proxy’s and that of the migrations.',
  'AwsSolutions-L1': 'nodejs22.x is the version the bundles are tested on; it is in support.',
};

export function acknowledge(scope: Construct): void {
  for (const [id, reason] of Object.entries(ACCEPTED)) Validations.of(scope).acknowledge({ id, reason });
}

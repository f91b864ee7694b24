import type { ReactNode } from 'react';
import type { Json } from './json';

/*
 * The few things our block takes from `@vendure/dashboard`, which as a package is half a gigabyte. The block is
 * type-checked against the same few signatures (dashboard-stand-in is what tsconfig.dashboard.json maps it to).
 */

type Context = { entity?: Json };
type Severity = 'info' | 'warning' | 'error';
export interface Extension {
  alerts?: {
    id: string;
    title: string | ((data: Json) => string);
    description?: string | ((data: Json) => string);
    severity: Severity | ((data: Json) => Severity);
    check: () => Promise<Json>;
    shouldShow: (data: Json) => boolean;
    recheckInterval?: number;
  }[];
  pageBlocks: {
    id: string;
    title?: ReactNode;
    location: {
      pageId: string;
      column: 'main' | 'side' | 'full';
      position: { blockId: string; order: 'before' | 'after' | 'replace' };
    };
    requiresPermission?: string | string[];
    shouldRender?: (context: Context) => boolean;
    component?: (props: { context: Context }) => ReactNode;
  }[];
}

export const defined: Extension[] = [];
export function defineDashboardExtension(extension: Extension): void {
  defined.push(extension);
}

export const asked: { document: string; variables: unknown }[] = [];
let answer: (document: string) => unknown = () => ({});
export function answerWith(next: typeof answer): void {
  answer = next;
}
async function ask<Body>(document: string, variables?: object): Promise<Body> {
  asked.push({ document, variables });
  return answer(document) as Body;
}
export const api = { query: ask, mutate: ask };

export function Badge({
  children,
  variant,
}: {
  children: ReactNode;
  variant?: 'default' | 'secondary' | 'destructive' | 'outline';
}) {
  return <span data-variant={variant}>{children}</span>;
}
export function Button(props: {
  children: ReactNode;
  type: 'button';
  size?: 'sm';
  variant?: 'outline';
  disabled?: boolean;
  onClick?: () => void;
}) {
  const { children, type, disabled, onClick } = props;
  return (
    <button type={type} disabled={disabled} onClick={onClick}>
      {children}
    </button>
  );
}
export function PermissionGuard({ children }: { requires: string | string[]; children: ReactNode }) {
  return <>{children}</>;
}

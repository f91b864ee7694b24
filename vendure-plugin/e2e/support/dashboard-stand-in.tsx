import type { ComponentProps, ReactNode } from 'react';
import type { Json } from './json';

/*
 * The few things our block and pages take from `@vendure/dashboard`, which as a package is half a gigabyte. They are
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
  routes: {
    path: string;
    navMenuItem?: {
      sectionId: string;
      id?: string;
      title?: string;
      url?: string;
      order?: number;
      requiresPermission?: string | string[];
    };
    component: () => ReactNode;
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
export function DetailPageButton({ href, label }: { href: string; label: string }) {
  return <a href={href}>{label}</a>;
}
export function Input(props: ComponentProps<'input'>) {
  return <input {...props} />;
}
export function PermissionGuard({ children }: { requires: string | string[]; children: ReactNode }) {
  return <>{children}</>;
}

type Holder = { children: ReactNode };
export function Page({ pageId, children }: Holder & { pageId: string }) {
  return <main data-page={pageId}>{children}</main>;
}
export function PageTitle({ children }: Holder) {
  return <h1>{children}</h1>;
}
export function PageLayout({ children }: Holder) {
  return <>{children}</>;
}
export function PageBlock({
  title,
  children,
}: Holder & { column: 'main' | 'side' | 'full'; blockId: string; title?: ReactNode }) {
  return (
    <section>
      {title}
      {children}
    </section>
  );
}
export function Table({ children }: Holder) {
  return <table>{children}</table>;
}
export function TableHeader({ children }: Holder) {
  return <thead>{children}</thead>;
}
export function TableBody({ children }: Holder) {
  return <tbody>{children}</tbody>;
}
export function TableRow({ children }: Holder) {
  return <tr>{children}</tr>;
}
export function TableHead({ children }: Holder) {
  return <th>{children}</th>;
}
export function TableCell({ children }: Holder) {
  return <td>{children}</td>;
}

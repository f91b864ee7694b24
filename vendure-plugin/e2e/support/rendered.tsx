import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { defined } from '@vendure/dashboard';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { expect } from 'vitest';
import { eventually } from './eventually';

function render(content: ReactNode): HTMLElement {
  const root = document.createElement('div');
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  createRoot(root).render(<QueryClientProvider client={client}>{content}</QueryClientProvider>);
  return root;
}
/** Renders the block as the order page does. */
export function show(): HTMLElement {
  const Component = defined[0]!.pageBlocks[0]!.component!;
  return render(<Component context={{ entity: { id: '1' } }} />);
}
/** Renders a page of ours as its route does. */
export function open(url: string): HTMLElement {
  const Component = defined[0]!.routes.find((route) => route.path === url)!.component;
  return render(<Component />);
}
/** Waits for it. */
export const text = (root: HTMLElement, expected: string) =>
  eventually(async () => expect(root.textContent).toContain(expected), 3_000);

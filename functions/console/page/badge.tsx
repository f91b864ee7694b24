import { statusText } from './language.ts';

export function Badge({ status }: { status: string }) {
  return <span class={`badge ${status.toLowerCase()}`}>{statusText(status)}</span>;
}

import { Badge } from '@vendure/dashboard';
import { useWords } from './texts';

const VARIANT: Record<string, 'default' | 'secondary' | 'destructive'> = {
  DELIVERED: 'default',
  AVAILABLE: 'default',
  FAILED: 'destructive',
  RETURNED: 'destructive',
};

/** A status of a delivery or a driver. */
export function StatusBadge({ status }: { status: string }) {
  const { code } = useWords();
  return <Badge variant={VARIANT[status] ?? 'secondary'}>{code(status)}</Badge>;
}

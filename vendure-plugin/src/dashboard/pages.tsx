import { useQuery } from '@tanstack/react-query';
import {
  api,
  DetailPageButton,
  Page,
  PageBlock,
  PageLayout,
  PageTitle,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from '@vendure/dashboard';
import type { ReactNode } from 'react';
import { StatusBadge } from './status-badge';
import { type TextName, useWords } from './texts';

interface Deliveries {
  driverDispatchDeliveries: {
    id: string;
    reference: string | null;
    orderId: string | null;
    status: string;
    waitsFor: string | null;
    driverName: string | null;
    address: string | null;
    plannedAt: string | null;
    createdAt: string;
    endedAt: string | null;
    failureCode: string | null;
  }[];
}
interface Drivers {
  driverDispatchDrivers: {
    id: string;
    name: string;
    phone: string | null;
    status: string;
    load: number;
    capacity: number;
    delivered: number;
    failed: number;
    underWay: number;
  }[];
}

const DELIVERIES = `query DriverDispatchDeliveries {
  driverDispatchDeliveries { id reference orderId status waitsFor driverName address plannedAt createdAt endedAt failureCode }
}`;
const DRIVERS = `query DriverDispatchDrivers {
  driverDispatchDrivers { id name phone status load capacity delivered failed underWay }
}`;
const REFRESH_MS = 15_000;

/** The day's list, newest first. */
export function DeliveriesPage() {
  const { t, code, time } = useWords();
  const { data, error } = useQuery({
    queryKey: ['driver-dispatch-day'],
    queryFn: () => api.query<Deliveries>(DELIVERIES),
    refetchInterval: REFRESH_MS,
  });
  const rows = data?.driverDispatchDeliveries.map((each) => {
    const why = each.failureCode ?? each.waitsFor;
    const at = each.endedAt ?? each.plannedAt;
    return {
      id: each.id,
      cells: [
        <OrderLink key="order" name={each.reference ?? each.id} orderId={each.orderId} />,
        <span key="status">
          <StatusBadge status={each.status} /> {why !== null && why !== 'searching' && code(why)}
        </span>,
        each.driverName,
        each.address,
        time(at ?? each.createdAt),
      ],
    };
  });
  const heads: TextName[] = ['order', 'status', 'driver', 'address', 'time'];
  return <ListPage id="deliveries" heads={heads} rows={rows} none={t('noDeliveries')} error={error} />;
}

function OrderLink({ name, orderId }: { name: string; orderId: string | null }) {
  return orderId === null ? name : <DetailPageButton href={`/orders/${orderId}`} label={name} />;
}

/** Who is on duty, and what each has done today. */
export function DriversPage() {
  const { t } = useWords();
  const { data, error } = useQuery({
    queryKey: ['driver-dispatch-drivers'],
    queryFn: () => api.query<Drivers>(DRIVERS),
    refetchInterval: REFRESH_MS,
  });
  const rows = data?.driverDispatchDrivers.map((each) => ({
    id: each.id,
    cells: [
      each.name,
      <StatusBadge key="status" status={each.status} />,
      `${each.underWay} (${each.load}/${each.capacity})`,
      String(each.delivered),
      String(each.failed),
    ],
  }));
  const heads: TextName[] = ['driver', 'onDuty', 'underWay', 'today', 'failedToday'];
  return <ListPage id="drivers" heads={heads} rows={rows} none={t('noDrivers')} error={error} />;
}

function ListPage(props: {
  id: 'deliveries' | 'drivers';
  heads: TextName[];
  rows: { id: string; cells: ReactNode[] }[] | undefined;
  none: string;
  error: Error | null;
}) {
  const { id, heads, rows, none, error } = props;
  const { t } = useWords();
  return (
    <Page pageId={`driver-dispatch-${id}`}>
      <PageTitle>{t(id)}</PageTitle>
      <PageLayout>
        <PageBlock column="full" blockId={`driver-dispatch-${id}`}>
          {error && <p className="text-destructive">{error.message}</p>}
          {rows?.length === 0 && <p className="text-sm text-muted-foreground">{none}</p>}
          {rows !== undefined && rows.length > 0 && (
            <Table>
              <TableHeader>
                <TableRow>
                  {heads.map((head) => (
                    <TableHead key={head}>{t(head)}</TableHead>
                  ))}
                </TableRow>
              </TableHeader>
              <TableBody>
                {rows.map((row) => (
                  <TableRow key={row.id}>
                    {row.cells.map((cell, index) => (
                      <TableCell key={heads[index]}>{cell}</TableCell>
                    ))}
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          )}
        </PageBlock>
      </PageLayout>
    </Page>
  );
}

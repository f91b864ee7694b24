import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, Badge, Button, PermissionGuard } from '@vendure/dashboard';

interface Delivery {
  status: string;
  driverName: string | null;
  driverPhone: string | null;
  eta: string | null;
  trackingUrl: string | null;
  reference: string | null;
  error: string | null;
  failureCode: string | null;
  failureNote: string | null;
  photoUrl: string | null;
  canReturn: boolean;
  canReassign: boolean;
  canRetry: boolean;
}
interface Answer {
  order: { id: string; fulfillments: { id: string; delivery: Delivery | null }[] } | null;
}

// Plain texts: an installed package cannot see the shop's generated types.
const DELIVERIES = `query DriverDeliveries($id: ID!) {
  order(id: $id) {
    id
    fulfillments {
      id
      delivery { status driverName driverPhone eta trackingUrl reference error failureCode failureNote photoUrl canReassign canRetry canReturn }
    }
  }
}`;
const REASSIGN = `mutation ReassignDriverDelivery($id: ID!) { reassignDriverDelivery(fulfillmentId: $id) { id } }`;
const RETURN = `mutation ReturnDriverDelivery($id: ID!) { returnDriverDelivery(fulfillmentId: $id) { id } }`;
const RETRY = `mutation RetryDriverDelivery($id: ID!) { retryDriverDelivery(fulfillmentId: $id) { id } }`;

/** While a driver is under way the block follows them. */
const REFRESH_MS = 10_000;
const UNDER_WAY = ['REQUESTED', 'PENDING', 'ASSIGNED', 'PICKED_UP', 'IN_TRANSIT'];
const VARIANT: Record<string, 'default' | 'secondary' | 'destructive'> = {
  DELIVERED: 'default',
  FAILED: 'destructive',
  RETURNED: 'destructive',
};

export function DriverDeliveryBlock({ orderId }: { orderId: string | undefined }) {
  const { data } = useQuery({
    queryKey: ['driver-deliveries', orderId],
    queryFn: () => api.query<Answer>(DELIVERIES, { id: orderId }),
    enabled: orderId !== undefined,
    refetchInterval: ({ state }) =>
      deliveriesIn(state.data).some(({ delivery }) => UNDER_WAY.includes(delivery.status)) ? REFRESH_MS : false,
  });
  const deliveries = deliveriesIn(data);
  if (deliveries.length === 0) return <p className="text-sm text-muted-foreground">No driver delivery</p>;
  return (
    <div className="space-y-4">
      {deliveries.map(({ id, delivery }) => (
        <DeliveryCard key={id} fulfillmentId={id} delivery={delivery} orderId={orderId} />
      ))}
    </div>
  );
}

function DeliveryCard(props: { fulfillmentId: string; delivery: Delivery; orderId: string | undefined }) {
  const { fulfillmentId, delivery, orderId } = props;
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: (mutation: string) => api.mutate(mutation, { id: fulfillmentId }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['driver-deliveries', orderId] }),
  });
  const { status, driverName, driverPhone, eta, trackingUrl, reference, error, canReassign, canRetry, canReturn } =
    delivery;
  const { failureCode, failureNote, photoUrl } = delivery;
  return (
    <div className="space-y-2 text-sm">
      <div className="flex items-center justify-between">
        <span className="font-medium">{reference}</span>
        <Badge variant={VARIANT[status] ?? 'secondary'}>{status.replace('_', ' ').toLowerCase()}</Badge>
      </div>
      {driverName && (
        <p>
          {driverName}
          {driverPhone && (
            <>
              {' '}
              <a className="underline" href={`tel:${driverPhone.replace(/[^+\d]/g, '')}`}>
                {driverPhone}
              </a>
            </>
          )}
        </p>
      )}
      {eta && <p>Expected at {new Date(eta).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}</p>}
      {failureCode && (
        <p className="text-destructive">
          {failureCode.replaceAll('_', ' ').toLowerCase()}
          {failureNote && `: ${failureNote}`}
        </p>
      )}
      {photoUrl && (
        <a href={photoUrl} target="_blank" rel="noopener noreferrer">
          <img className="max-h-40 rounded" src={photoUrl} alt="What the driver photographed" />
        </a>
      )}
      {error && <p className="text-destructive">{error}</p>}
      {act.error && <p className="text-destructive">{act.error.message}</p>}
      <div className="flex flex-wrap gap-2">
        {trackingUrl && (
          <a className="underline" href={trackingUrl} target="_blank" rel="noopener noreferrer">
            Tracking page
          </a>
        )}
        <PermissionGuard requires={['UpdateOrder', 'ManageDeliveries']}>
          {canReassign && (
            <Button
              type="button"
              size="sm"
              variant="outline"
              disabled={act.isPending}
              onClick={() => act.mutate(REASSIGN)}
            >
              Reassign
            </Button>
          )}
          {canRetry && (
            <Button
              type="button"
              size="sm"
              variant="outline"
              disabled={act.isPending}
              onClick={() => act.mutate(RETRY)}
            >
              Retry
            </Button>
          )}
          {canReturn && (
            <Button
              type="button"
              size="sm"
              variant="outline"
              disabled={act.isPending}
              onClick={() => act.mutate(RETURN)}
            >
              Returned
            </Button>
          )}
        </PermissionGuard>
      </div>
    </div>
  );
}

function deliveriesIn(answer: Answer | undefined): { id: string; delivery: Delivery }[] {
  return (answer?.order?.fulfillments ?? []).flatMap(({ id, delivery }) =>
    delivery === null ? [] : [{ id, delivery }],
  );
}

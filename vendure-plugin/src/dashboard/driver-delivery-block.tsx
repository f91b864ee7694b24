import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, Button, PermissionGuard } from '@vendure/dashboard';
import { ProofPhoto, usePhotos } from './proof-photo';
import { StatusBadge } from './status-badge';
import { type TextName, useWords } from './texts';

interface Delivery {
  status: string;
  driverName: string | null;
  driverPhone: string | null;
  eta: string | null;
  why: string | null;
  trackingUrl: string | null;
  reference: string | null;
  error: string | null;
  failureCode: string | null;
  failureNote: string | null;
  proof: string | null;
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
      delivery { status driverName driverPhone eta why trackingUrl reference error failureCode failureNote proof canReassign canRetry canReturn }
    }
  }
}`;
const REASSIGN = `mutation ReassignDriverDelivery($id: ID!) { reassignDriverDelivery(fulfillmentId: $id) { id } }`;
const RETURN = `mutation ReturnDriverDelivery($id: ID!) { returnDriverDelivery(fulfillmentId: $id) { id } }`;
const RETRY = `mutation RetryDriverDelivery($id: ID!) { retryDriverDelivery(fulfillmentId: $id) { id } }`;

/** While a driver is under way the block follows them. */
const REFRESH_MS = 10_000;
const UNDER_WAY = ['REQUESTED', 'PENDING', 'ASSIGNED', 'PICKED_UP', 'IN_TRANSIT'];
/** In the language that the dashboard is shown in. */
export function BlockTitle() {
  return <>{useWords().t('title')}</>;
}

export function DriverDeliveryBlock({ orderId }: { orderId: string | undefined }) {
  const { t } = useWords();
  const { data } = useQuery({
    queryKey: ['driver-deliveries', orderId],
    queryFn: () => api.query<Answer>(DELIVERIES, { id: orderId }),
    enabled: orderId !== undefined,
    refetchInterval: ({ state }) =>
      deliveriesIn(state.data).some(({ delivery }) => UNDER_WAY.includes(delivery.status)) ? REFRESH_MS : false,
  });
  const deliveries = deliveriesIn(data);
  const photos = usePhotos(
    orderId,
    deliveries.map(({ delivery }) => delivery.proof),
  );
  if (deliveries.length === 0) return <p className="text-sm text-muted-foreground">{t('none')}</p>;
  return (
    <div className="space-y-4">
      {deliveries.map(({ id, delivery }) => (
        <DeliveryCard key={id} fulfillmentId={id} delivery={delivery} photo={photos.get(id)} orderId={orderId} />
      ))}
    </div>
  );
}

function DeliveryCard(props: {
  fulfillmentId: string;
  delivery: Delivery;
  photo: string | undefined;
  orderId: string | undefined;
}) {
  const { fulfillmentId, delivery, photo, orderId } = props;
  const { t } = useWords();
  const { status, reference, error, trackingUrl } = delivery;
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: (mutation: string) => api.mutate(mutation, { id: fulfillmentId }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['driver-deliveries', orderId] }),
  });
  const actions: [shown: boolean, name: TextName, mutation: string][] = [
    [delivery.canReassign, 'reassign', REASSIGN],
    [delivery.canRetry, 'retry', RETRY],
    [delivery.canReturn, 'returned', RETURN],
  ];
  return (
    <div className="space-y-2 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="font-medium">{reference}</span>
        <StatusBadge status={status} />
      </div>
      <Carrier delivery={delivery} />
      <Outcome delivery={delivery} photo={photo} />
      {error && <p className="text-destructive">{error}</p>}
      {act.error && <p className="text-destructive">{act.error.message}</p>}
      <div className="flex flex-wrap items-center gap-2">
        {trackingUrl && (
          <a className="underline" href={trackingUrl} target="_blank" rel="noopener noreferrer">
            {t('trackingPage')}
          </a>
        )}
        <PermissionGuard requires={['UpdateOrder', 'ManageDeliveries']}>
          {actions.map(
            ([shown, name, mutation]) =>
              shown && (
                <Button
                  key={name}
                  type="button"
                  size="sm"
                  variant="outline"
                  disabled={act.isPending}
                  onClick={() => act.mutate(mutation)}
                >
                  {t(name)}
                </Button>
              ),
          )}
        </PermissionGuard>
      </div>
    </div>
  );
}

/** Who brings it, why they, and when. */
function Carrier({ delivery: { status, driverName, driverPhone, eta, why } }: { delivery: Delivery }) {
  const { t, time } = useWords();
  return (
    <>
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
      {eta && UNDER_WAY.includes(status) && <p>{t('expectedAt', { time: time(eta) })}</p>}
      {why && <p className="text-muted-foreground">{why}</p>}
    </>
  );
}

/** How it ended: what went wrong, who took it, and the photograph. */
function Outcome({ delivery, photo }: { delivery: Delivery; photo: string | undefined }) {
  const { failureCode, failureNote, proof } = delivery;
  const { t, code } = useWords();
  const { receivedBy } = JSON.parse(proof ?? '{}') as { receivedBy?: unknown };
  return (
    <>
      {failureCode && (
        <p className="text-destructive">
          {code(failureCode)}
          {failureNote && `: ${failureNote}`}
        </p>
      )}
      {typeof receivedBy === 'string' && <p>{t('receivedBy', { name: receivedBy })}</p>}
      {photo && <ProofPhoto src={photo} />}
    </>
  );
}

function deliveriesIn(answer: Answer | undefined): { id: string; delivery: Delivery }[] {
  return (answer?.order?.fulfillments ?? []).flatMap(({ id, delivery }) =>
    delivery === null ? [] : [{ id, delivery }],
  );
}

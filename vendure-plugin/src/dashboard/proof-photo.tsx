import { useQuery } from '@tanstack/react-query';
import { api } from '@vendure/dashboard';
import { useWords } from './texts';

interface Answer {
  order: { fulfillments: { id: string; delivery: { photo: string | null } | null }[] } | null;
}

const PHOTOS = `query DriverDeliveryPhotos($id: ID!) {
  order(id: $id) { id fulfillments { id delivery { photo } } }
}`;

/**
 * Asked for on its own, and once for each proof: a photograph may have 2 MiB, and the rest of the block is asked for every
 * few seconds.
 * @param proofs of the order's deliveries, as JSON
 * @returns by the ids of the fulfillments
 */
export function usePhotos(orderId: string | undefined, proofs: (string | null)[]): ReadonlyMap<string, string> {
  const photographed = proofs.filter((proof) => proof?.includes('"photoUrl"'));
  const { data } = useQuery({
    queryKey: ['driver-delivery-photos', orderId, ...photographed],
    queryFn: () => api.query<Answer>(PHOTOS, { id: orderId }),
    enabled: orderId !== undefined && photographed.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return new Map(
    (data?.order?.fulfillments ?? []).flatMap(({ id, delivery }) => (delivery?.photo ? [[id, delivery.photo]] : [])),
  );
}

/** Small; in full size by a click. */
export function ProofPhoto({ src }: { src: string }) {
  const { t } = useWords();
  // A browser opens no page from a `data:` address; it saves it.
  const opens = src.startsWith('data:') ? { download: 'proof' } : { target: '_blank', rel: 'noopener noreferrer' };
  return (
    <a href={src} {...opens}>
      <img className="max-h-40 rounded" src={src} alt={t('photo')} />
    </a>
  );
}

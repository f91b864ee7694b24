import type { ResolvedOptions } from '../options';

/** What the service keeps: pictures of up to 2 MiB. */
const PICTURE = /^image\/(jpeg|png|webp)$/;

/**
 * Where a browser finds the photograph of a proof. What lies elsewhere has an address. What the drivers' page sent is kept
 * by the service, which shows it to the holder of the key alone: a browser has none, so the shop fetches it and gives it
 * as a `data:` address.
 * @param proof JSON, as the service said it
 * @returns null where there is none (any more), and while the service is away
 */
export async function proofPhoto(
  options: Pick<ResolvedOptions, 'serviceUrl' | 'apiKey' | 'timeoutMs'>,
  deliveryId: string,
  proof: string | null,
): Promise<string | null> {
  const { photoUrl } = JSON.parse(proof ?? '{}') as { photoUrl?: unknown };
  if (typeof photoUrl !== 'string') return null;
  const kept = `/v1/deliveries/${deliveryId}/proof`;
  // It becomes a link: of a web address, and of nothing else.
  if (!photoUrl.endsWith(kept)) return /^https?:\/\//.test(photoUrl) ? photoUrl : null;
  // From `serviceUrl`, and not from where the proof says: the key goes nowhere else.
  const answer = await fetch(options.serviceUrl + kept, {
    headers: { authorization: `Bearer ${options.apiKey}` },
    redirect: 'error',
    signal: AbortSignal.timeout(options.timeoutMs),
  }).catch(() => null);
  const type = answer?.headers.get('content-type') ?? '';
  if (!answer?.ok || !PICTURE.test(type)) return null;
  return `data:${type};base64,${Buffer.from(await answer.arrayBuffer()).toString('base64')}`;
}

import { useState } from 'preact/hooks';
import type { TrackingView } from '#shared/contract/tracking.ts';
import { inkOn } from '#shared/domain/contrast.ts';
import { phoneLink } from '#shared/pages/words.ts';
import { texts } from './language.ts';

type ShopPage = TrackingView['page'];

/** The shop's colour and what is written on it, as custom properties of the page. */
export function brandOf({ color }: ShopPage): Record<string, string> {
  return color === null ? {} : { '--brand': color, '--on-brand': inkOn(color) };
}

/** Whose page this is. A picture that does not come is left out. */
export function Shop({ name, page: { logoUrl } }: { name: string; page: ShopPage }) {
  const [missing, setMissing] = useState<string | null>(null);
  return (
    <p class="shop">
      {logoUrl !== null && logoUrl !== missing && (
        <img src={logoUrl} alt="" referrerpolicy="no-referrer" onError={() => setMissing(logoUrl)} />
      )}
      <b>{name}</b>
    </p>
  );
}

/** Whom the customer may call. */
export function Calls({ tracking: { page, driver } }: { tracking: TrackingView }) {
  const said = texts;
  if (page.phone === null && !driver?.phone) return null;
  return (
    <p class="buttons calls">
      {driver?.phone && (
        <a class="button" href={phoneLink(driver.phone)}>
          {said.callDriver(driver.firstName)}
        </a>
      )}
      {page.phone !== null && (
        <a class="button" href={phoneLink(page.phone)}>
          {said.callShop}
        </a>
      )}
    </p>
  );
}

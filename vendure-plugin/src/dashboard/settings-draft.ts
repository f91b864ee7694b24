/** As the Admin API has them. */
export interface Settings {
  service: {
    policy: string;
    mode: string;
    offerS: number;
    offerTo: number;
    maxRadiusM: number;
    bundle: string;
    promiseS: number;
  } | null;
  serviceChangeable: boolean;
  serviceProblem: string | null;
  shop: {
    deliveryRadiusM: number | null;
    preparationMinutes: number | null;
    hours: string[] | null;
    windows: string | null;
    windowDays: number | null;
    windowCapacity: number | null;
    tellCustomer: string[] | null;
  };
  pickupPoints: {
    stockLocationId: string;
    name: string;
    latitude: number | null;
    longitude: number | null;
    address: string | null;
    phone: string | null;
  }[];
  mapTileUrl: string | null;
  mapAttribution: string | null;
}
export const MOMENTS = ['ASSIGNED', 'PICKED_UP', 'DELIVERED', 'FAILED'] as const;

type Texts<Holder> = { [Name in keyof Holder]: string };
/** As it is typed. */
export interface Draft {
  service: Texts<NonNullable<Settings['service']>> | null;
  shop: Texts<Omit<Settings['shop'], 'hours' | 'tellCustomer'>> & { hours: string[]; tellCustomer: string[] };
  points: Texts<Settings['pickupPoints'][number]>[];
}

export function draftOf({ service, shop, pickupPoints }: Settings): Draft {
  return {
    service: service === null ? null : textsOf(service),
    shop: {
      ...textsOf(shop),
      hours: shop.hours ?? Array.from({ length: 7 }, () => ''),
      tellCustomer: shop.tellCustomer ?? [...MOMENTS],
    },
    points: pickupPoints.map(textsOf),
  };
}

/** What is to be sent: of the service only what was changed, since it may refuse a change. */
export function changeOf(draft: Draft, settings: Settings) {
  const { hours, tellCustomer, windows, ...numbers } = draft.shop;
  const before = draftOf(settings);
  return {
    service: serviceChange(draft.service, before.service),
    shop: {
      deliveryRadiusM: sent(numbers.deliveryRadiusM),
      preparationMinutes: sent(numbers.preparationMinutes),
      windowDays: sent(numbers.windowDays),
      windowCapacity: sent(numbers.windowCapacity),
      windows: windows.trim() === '' ? null : windows,
      hours: hours.every((day) => day.trim() === '') ? null : hours,
      tellCustomer: MOMENTS.every((moment) => tellCustomer.includes(moment)) ? null : tellCustomer,
    },
    pickupPoints: draft.points
      .filter((point, index) => JSON.stringify(point) !== JSON.stringify(before.points[index]))
      .map(({ stockLocationId, latitude, longitude, address, phone }) => ({
        stockLocationId,
        latitude: sent(latitude),
        longitude: sent(longitude),
        address: address.trim() === '' ? null : address,
        phone: phone.trim() === '' ? null : phone,
      })),
  };
}

const WORDS: readonly string[] = ['policy', 'mode', 'bundle'];
function serviceChange(draft: Draft['service'], before: Draft['service']): Record<string, string | number | null> {
  const changed = Object.entries(draft ?? {}).filter(([name, text]) => text !== before?.[name as keyof typeof before]);
  return Object.fromEntries(changed.map(([name, text]) => [name, WORDS.includes(name) ? text : sent(text)]));
}

/** What is no number goes as it is: the API refuses it, and says which field it was. */
function sent(text: string): number | string | null {
  const number = numberOf(text);
  return Number.isNaN(number) ? text : number;
}

/** Null where nothing is typed; NaN where it is no number. */
export function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text.replace(',', '.'));
}

function textsOf<Holder extends object>(holder: Holder): Texts<Holder> {
  return Object.fromEntries(
    Object.entries(holder).map(([name, value]) => [name, String(value ?? '')]),
  ) as Texts<Holder>;
}

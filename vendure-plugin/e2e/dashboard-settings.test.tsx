// @vitest-environment happy-dom

import { answerWith, asked } from '@vendure/dashboard';
import { beforeEach, expect, it } from 'vitest';
import { eventually } from './support/eventually';
import { speak } from './support/lingui-stand-in';
import { open, text } from './support/rendered';
import '../src/dashboard';

beforeEach(() => {
  asked.length = 0;
  speak('en', {});
});

const SETTINGS = {
  service: {
    policy: 'planned',
    mode: 'assign',
    offerS: 60,
    offerTo: 3,
    maxRadiusM: 10_000,
    bundle: 'same_pickup',
    promiseS: 3_600,
  },
  serviceChangeable: true,
  serviceProblem: null,
  shop: {
    deliveryRadiusM: 3_000,
    preparationMinutes: null,
    hours: null,
    windows: null,
    windowDays: null,
    windowCapacity: null,
    tellCustomer: null,
  },
  pickupPoints: [
    { stockLocationId: '1', name: 'Bakery', latitude: 52.52, longitude: 13.405, address: null, phone: null },
    { stockLocationId: '2', name: 'Cellar', latitude: null, longitude: null, address: null, phone: null },
  ],
  mapTileUrl: null,
  mapAttribution: null,
};
/** As a person types: React listens to the setter of the element, not to that of the instance. */
function type(input: HTMLInputElement | HTMLSelectElement, value: string): void {
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), 'value')!.set!;
  setter.call(input, value);
  input.dispatchEvent(new Event(input instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
}
const labelled = <Control extends HTMLInputElement | HTMLSelectElement>(root: HTMLElement, label: string): Control =>
  [...root.querySelectorAll('label')]
    .find((each) => each.textContent!.startsWith(label))!
    .querySelector<Control>('input, select')!;
const saved = () => asked.find(({ document }) => document.includes('mutation'))?.variables;

it('has a page with the settings, which sends what was changed, and what is left empty as nothing', async () => {
  answerWith((document) =>
    document.includes('mutation')
      ? { updateDriverDispatchSettings: { ...SETTINGS, shop: { ...SETTINGS.shop, preparationMinutes: 20 } } }
      : { driverDispatchSettings: SETTINGS },
  );
  const root = open('/driver-delivery-settings');
  await text(root, 'Delivery radius');
  type(labelled(root, 'Orders are'), 'offer');
  type(labelled(root, 'Delivery radius'), '');
  type(labelled(root, 'Preparation'), '20');
  type(labelled(root, 'Monday'), '10-14');
  type(labelled(root, 'Latitude'), '52,5');
  labelled<HTMLInputElement>(root, 'failed').click();
  [...root.querySelectorAll('button')].find(({ textContent }) => textContent === 'Save')!.click();
  await eventually(async () =>
    expect(saved()).toEqual({
      input: {
        service: { mode: 'offer' },
        shop: {
          deliveryRadiusM: null,
          preparationMinutes: 20,
          hours: ['10-14', '', '', '', '', '', ''],
          windows: null,
          windowDays: null,
          windowCapacity: null,
          tellCustomer: ['ASSIGNED', 'PICKED_UP', 'DELIVERED'],
        },
        pickupPoints: [{ stockLocationId: '1', latitude: 52.5, longitude: 13.405, address: null, phone: null }],
      },
    }),
  );
});

it('says why the service’s settings cannot be changed, and lets nobody try', async () => {
  const problem = 'apiKey lacks the scope admin';
  answerWith(() => ({
    driverDispatchSettings: { ...SETTINGS, serviceChangeable: false, serviceProblem: problem },
  }));
  const root = open('/driver-delivery-settings');
  await text(root, problem);
  expect(labelled(root, 'Orders are').disabled).toBe(true);
  expect(labelled(root, 'Delivery radius').disabled).toBe(false);
});

it('a click on the map is where the chosen stock location is', async () => {
  answerWith(() => ({ driverDispatchSettings: SETTINGS }));
  const root = open('/driver-delivery-settings');
  await text(root, 'Bakery');
  const map = root.querySelector<HTMLElement>('[role=application]')!;
  // A hundred pixels east of the centre, which is at the bakery; happy-dom gives every box no size.
  for (const name of ['pointerdown', 'pointerup'])
    map.dispatchEvent(new PointerEvent(name, { bubbles: true, clientX: 100, clientY: 0 }));
  await eventually(async () => expect(Number(labelled(root, 'Longitude').value)).toBeCloseTo(13.42217, 4));
  expect(Number(labelled(root, 'Latitude').value)).toBeCloseTo(52.52, 5);
});

import { deviceEndpoints } from './devices.ts';
import { driverEndpoints } from './drivers.ts';
import { keyEndpoints } from './keys.ts';
import { limitEndpoints } from './limits.ts';
import { getMe } from './me.ts';
import { pushEndpoints } from './push.ts';
import { shopEndpoints } from './shops.ts';

export const endpoints = [
  ...driverEndpoints,
  ...shopEndpoints,
  ...keyEndpoints,
  ...deviceEndpoints,
  ...pushEndpoints,
  ...limitEndpoints,
  getMe,
];

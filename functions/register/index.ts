import { driverEndpoints } from './drivers.ts';
import { shopEndpoints } from './shops.ts';

export const endpoints = [...driverEndpoints, ...shopEndpoints];

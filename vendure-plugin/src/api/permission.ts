import { PermissionDefinition } from '@vendure/core';

/** For dispatchers who need not change orders; whoever may change orders may do this too. */
export const manageDeliveries = new PermissionDefinition({
  name: 'ManageDeliveries',
  description: 'Reassign, retry and return driver deliveries',
});

/** For owners; whoever may change the shop's settings may change these too. */
export const manageDeliverySettings = new PermissionDefinition({
  name: 'ManageDeliverySettings',
  description: 'Change how, where and when drivers deliver',
});

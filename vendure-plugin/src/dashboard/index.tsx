import { defineDashboardExtension } from '@vendure/dashboard';
import { DriverDeliveryBlock } from './driver-delivery-block';
import { healthAlert } from './health-alert';

defineDashboardExtension({
  alerts: [healthAlert],
  pageBlocks: [
    {
      id: 'driver-delivery',
      title: 'Driver delivery',
      location: {
        pageId: 'order-detail',
        column: 'side',
        position: { blockId: 'fulfillment-details', order: 'after' },
      },
      requiresPermission: ['ReadOrder'],
      shouldRender: ({ entity }) => Boolean(entity?.fulfillments?.length),
      component: ({ context }) => <DriverDeliveryBlock orderId={context.entity?.id} />,
    },
  ],
});

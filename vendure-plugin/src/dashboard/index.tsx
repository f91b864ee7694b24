import { defineDashboardExtension } from '@vendure/dashboard';
import { BlockTitle, DriverDeliveryBlock } from './driver-delivery-block';
import { healthAlert } from './health-alert';
import { DeliveriesPage, DriversPage } from './pages';
import { SettingsPage } from './settings-page';

const readers = ['ReadOrder', 'ManageDeliveries'];

defineDashboardExtension({
  alerts: [healthAlert],
  routes: [
    {
      path: '/driver-deliveries',
      // The menu looks its titles up in the catalogue itself.
      navMenuItem: {
        sectionId: 'sales',
        id: 'driver-deliveries',
        title: 'Deliveries',
        url: '/driver-deliveries',
        order: 200,
        requiresPermission: readers,
      },
      component: () => <DeliveriesPage />,
    },
    {
      path: '/drivers',
      navMenuItem: {
        sectionId: 'sales',
        id: 'drivers',
        title: 'Drivers',
        url: '/drivers',
        order: 300,
        requiresPermission: readers,
      },
      component: () => <DriversPage />,
    },
    {
      path: '/driver-delivery-settings',
      navMenuItem: {
        sectionId: 'settings',
        id: 'driver-delivery-settings',
        title: 'Delivery settings',
        url: '/driver-delivery-settings',
        order: 350,
        requiresPermission: ['ReadSettings', 'ManageDeliverySettings'],
      },
      component: () => <SettingsPage />,
    },
  ],
  pageBlocks: [
    {
      id: 'driver-delivery',
      title: <BlockTitle />,
      location: {
        pageId: 'order-detail',
        column: 'side',
        position: { blockId: 'fulfillment-details', order: 'after' },
      },
      requiresPermission: readers,
      shouldRender: ({ entity }) => Boolean(entity?.fulfillments?.length),
      component: ({ context }) => <DriverDeliveryBlock orderId={context.entity?.id} />,
    },
  ],
});

/* What the examples have in common. */

export const DRIVER_ID = '0199f0a0-0000-7000-8000-000000000001';
export const DELIVERY_ID = '0199f0a0-0000-7000-8000-000000000002';
export const PAIRING_CODE = '7K3M9Q2XWD';
/** Version of the route in the examples. */
export const ROUTE_VERSION = 3;
export const BERLIN = { lat: 52.5291, lon: 13.4013 };
export const ORDER = {
  sellerOrderId: 'T7QX2M9P',
  pickup: { ...BERLIN, address: 'Rosenthaler Str. 1, 10119 Berlin', name: 'Bakery' },
  dropoff: { lat: 52.5208, lon: 13.4095, address: 'Alexanderplatz 5, 10178 Berlin', name: 'R. Meier' },
};

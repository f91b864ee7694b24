/* What the examples have in common. */

export const DRIVER_ID = '0199f0a0-0000-7000-8000-000000000001';
export const DELIVERY_ID = '0199f0a0-0000-7000-8000-000000000002';
export const PAIRING_CODE = '7K3M9Q2XWD';
export const SUBSCRIPTION = {
  endpoint: 'https://push.example.com/send/AbC123',
  keys: {
    p256dh: 'BIPUL12DLfytvTajnryr2PRdAgXS3HGKiLqndGcJGabyhHheJYlNGCeXl1dn18gSJ1WAkAPIxr4gK0_dQds4yiI',
    auth: 'FPssNDTKnInHVndSTdbKFw',
  },
};
/** Version of the route in the examples. */
export const ROUTE_VERSION = 3;
export const BERLIN = { lat: 52.5291, lon: 13.4013 };
export const ORDER = {
  sellerOrderId: 'T7QX2M9P',
  pickup: { ...BERLIN, address: 'Rosenthaler Str. 1, 10119 Berlin', name: 'Bakery' },
  dropoff: { lat: 52.5208, lon: 13.4095, address: 'Alexanderplatz 5, 10178 Berlin', name: 'R. Meier' },
};

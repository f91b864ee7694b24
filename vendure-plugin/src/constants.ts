/** Under this symbol the plugin's providers find its options. */
export const DRIVER_DISPATCH_OPTIONS = Symbol('DRIVER_DISPATCH_OPTIONS');
export const HANDLER_CODE = 'driver-delivery';
export const CALLBACK_PATH = 'driver-dispatch/callback';
export const loggerCtx = 'DriverDispatchPlugin';

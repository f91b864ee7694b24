import { MOST_TOKEN_DAYS } from '#shared/contract/drivers.ts';
import { listDevices, makePairing, withdrawDevice } from '#shared/flows/devices.ts';
import { deviceView } from '#shared/mappers/views.ts';
import { openPairingCodes } from '#shared/secrets/pairing-code.ts';
import { assertId, type Command, numberOf, RefusedError, shopOf, UsageError } from './command.ts';

const OPERANDS = ['<shop>', '<driverId>'];

export const deviceCommands: Readonly<Record<string, Command>> = {
  'devices list': {
    operands: OPERANDS,
    help: 'The phones of a driver',
    run: async (context, [shop = '', driver = '']) => {
      const which = { shopId: (await shopOf(context, shop)).id, driverId: assertId(driver, 'driver') };
      const devices = await listDevices(context.deps, which);
      if (devices === null) throw new RefusedError(`The shop has no driver ${driver}`);
      const rows = devices.map(deviceView);
      return {
        rows: rows.map(({ id, name, createdAt, expiresAt, withdrawnAt }) => ({
          id,
          name,
          since: createdAt,
          until: withdrawnAt ?? expiresAt,
        })),
        value: rows,
      };
    },
  },
  'devices pair': {
    operands: OPERANDS,
    help: 'A code that makes one phone the driver’s, within ten minutes: typed at /drive, or as the link shows it',
    options: { days: { type: 'string' } },
    optionHelp: { days: 'how long the phone is theirs, 90 at most (30)' },
    run: async (context, [shop = '', driver = ''], values) => {
      const days = numberOf(values, 'days', 30);
      if (days < 1 || days > MOST_TOKEN_DAYS) throw new UsageError(`--days must be from 1 to ${MOST_TOKEN_DAYS}`);
      const which = { shopId: (await shopOf(context, shop)).id, driverId: assertId(driver, 'driver') };
      const codes = openPairingCodes(context.config.driverTokens);
      const made = await makePairing(context.deps, codes, which, days * 86_400);
      if (made === null) throw new RefusedError(`The shop has no driver ${driver} in service`);
      return { rows: [{ ...made, path: `/drive#pair=${made.code}` }], value: made };
    },
  },
  'devices withdraw': {
    operands: [...OPERANDS, '<deviceId>'],
    help: 'Take a phone away from a driver, within 10 s everywhere',
    run: async (context, [shop = '', driver = '', device = '']) => {
      const which = { shopId: (await shopOf(context, shop)).id, driverId: assertId(driver, 'driver') };
      const isThere = await withdrawDevice(context.deps, which, assertId(device, 'device'));
      if (!isThere) throw new RefusedError(`The driver has no device ${device}`);
      return { value: { withdrawn: device }, note: `The phone ${device} is withdrawn` };
    },
  },
};

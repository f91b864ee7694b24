import {
  createPairing,
  type DeviceRow,
  deleteDevice,
  type PairedDevice,
  selectDevices,
  usePairing,
} from '../db/statements/devices.ts';
import type { PairingCodes } from '../secrets/pairing-code.ts';
import type { FlowDeps } from './deps.ts';
import { readDriver } from './drivers.ts';

/*
 * How a phone becomes a driver's. A code is shown to it once and is good for minutes; what it gets for the code is a token
 * bound to a device, which is withdrawn by itself.
 */

type Which = { shopId: string; driverId: string };
type Deps = Pick<FlowDeps, 'db'>;

const CODE_LIFE_S = 600;
/** The first part of a code is one of a million: it is taken by chance only where thousands are alive. */
const DRAWS = 5;

/** @param tokenTtlS how long the phone is the driver's. @returns null: the shop has no such driver in service */
export async function makePairing(
  { db }: Deps,
  codes: PairingCodes,
  { shopId, driverId }: Which,
  tokenTtlS: number,
): Promise<{ code: string; expiresAt: string } | null> {
  for (let draw = 1; draw <= DRAWS; draw += 1) {
    const code = codes.make();
    const { finder, proofs } = codes.read(code)!;
    const made = await createPairing(db, {
      finder,
      proof: proofs[0]!,
      shop_id: shopId,
      driver_id: driverId,
      token_ttl_s: tokenTtlS,
      life_s: CODE_LIFE_S,
    });
    if (made.outcome === 'created') return { code, expiresAt: new Date(made.expires_at).toISOString() };
    if (made.outcome === 'not_found') return null;
  }
  throw new Error('no pairing code was free');
}

/** @returns null for whatever is not a code that is alive; which of the reasons it is, is told to nobody */
export async function pairDevice(
  { db }: Deps,
  codes: PairingCodes,
  typed: string,
  deviceName: string,
): Promise<PairedDevice | null> {
  const code = codes.read(typed);
  return code === null ? null : usePairing(db, code, deviceName);
}

/** Newest first, withdrawn ones too; null: the shop has no such driver. */
export async function listDevices(deps: Deps, { shopId, driverId }: Which): Promise<readonly DeviceRow[] | null> {
  if ((await readDriver(deps, shopId, driverId)) === null) return null;
  return selectDevices(deps.db, shopId, driverId);
}

/** Good for 10 s more at most, where it was just used. @returns false: the driver has no such device */
export function withdrawDevice({ db }: Deps, { shopId, driverId }: Which, deviceId: string): Promise<boolean> {
  return deleteDevice(db, { shop_id: shopId, driver_id: driverId, device_id: deviceId });
}

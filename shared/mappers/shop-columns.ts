import type { DispatchChange } from '../contract/shops.ts';

/** Two of the settings have columns of their own. Null stands for what is not named. */
export function dispatchColumns({ policy, maxRadiusM, ...named }: DispatchChange) {
  const dispatch = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return { policy: policy ?? null, max_radius_m: maxRadiusM ?? null, dispatch };
}

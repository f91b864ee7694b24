import { randomUUID } from 'node:crypto';
import { type Position, snapToGrid } from '#shared/domain/geo.ts';
import type { Availability, Fix, FixReply, Projection, ProjectReply } from './availability.ts';

export interface Subject {
  availability: Availability;
  /** As if these drivers had been silent for too long. */
  silence(shopId: string, driverIds: readonly string[]): Promise<void>;
  /** As if Redis had been emptied. */
  flush(shopId: string): Promise<void>;
}

export const CENTER = at(0);

/** A place `metres` north of the centre. */
export function at(metres: number): Position {
  return snapToGrid({ lat: 52.5 + metres / 111_226, lon: 13.4 });
}

/** A driver as Postgres tells it: AVAILABLE at the centre, heard from a second ago, unless said otherwise. */
export function projection(driverId: string, more: Partial<Projection> = {}): Projection {
  return { driverId, version: 1, status: 'AVAILABLE', position: CENTER, idleSinceMs: 7, seenAgeMs: 1_000, ...more };
}

export function fix(driverId: string, recordedAtMs: number | null, position = CENTER): Fix {
  return { driverId, recordedAtMs, position };
}

export function outcomes(replies: readonly FixReply[]): readonly FixReply['outcome'][] {
  return replies.map(({ outcome }) => outcome);
}

/** What one test of the contract works with: the subject, and a warm shop of its own. */
export interface Trial {
  subject: Subject;
  /** The subject's. */
  store: Availability;
  shop: string;
  /** @see projection */
  project(driverId: string, more?: Partial<Projection>): Promise<ProjectReply | undefined>;
  /** Who is found within 5 km of the centre. */
  found(limit?: number, exclude?: string[]): Promise<'COLD' | readonly string[]>;
}

export async function openTrial(subject: Subject): Promise<Trial> {
  const shop = randomUUID();
  const store = subject.availability;
  await store.markWarm(shop);
  return {
    subject,
    store,
    shop,
    project: async (id, more) => (await store.project(shop, [projection(id, more)]))[0],
    async found(limit = 10, exclude = []) {
      const answer = await store.search(shop, { center: CENTER, radiusM: 5_000, limit, exclude });
      return answer === 'COLD' ? answer : answer.map(({ driverId }) => driverId);
    },
  };
}

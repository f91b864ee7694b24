import type { DriverOnDuty, PlanQuestion } from './question.ts';

/** The question contradicts itself: the asker's mistake, which no plan answers. */
export class QuestionError extends TypeError {
  override readonly name = 'QuestionError';
}

/** Throws a QuestionError for a question that contradicts itself. */
export function checkQuestion(question: PlanQuestion): void {
  const { nowMs, deliveries, drivers } = question;
  if (!Number.isFinite(nowMs)) throw new QuestionError(`nowMs is ${nowMs}`);
  const known = new Set<string>();
  for (const { id, placedAtMs, size } of deliveries) {
    if (known.has(id)) throw new QuestionError(`two deliveries have the id ${id}`);
    if (!Number.isFinite(placedAtMs)) throw new QuestionError(`delivery ${id} was placed at ${placedAtMs}`);
    if (size !== undefined && !(size >= 0)) throw new QuestionError(`delivery ${id} has the size ${size}`);
    known.add(id);
  }
  const onDuty = new Set<string>();
  const taken = new Map<string, string>();
  for (const driver of drivers) {
    if (onDuty.has(driver.id)) throw new QuestionError(`two drivers have the id ${driver.id}`);
    onDuty.add(driver.id);
    for (const id of checkRoute(driver, known)) {
      const other = taken.get(id);
      if (other !== undefined) throw new QuestionError(`two drivers have delivery ${id}: ${other} and ${driver.id}`);
      taken.set(id, driver.id);
    }
  }
}

/** The deliveries in a driver's route, each of which is handed over once, after its pickup if that is to come. */
function checkRoute({ id, route = [] }: DriverOnDuty, known: ReadonlySet<string>): Iterable<string> {
  const picked = new Set<string>();
  const ended = new Set<string>();
  for (const { deliveryId, kind } of route) {
    if (!known.has(deliveryId)) {
      throw new QuestionError(`driver ${id} has delivery ${deliveryId}, which is not among the deliveries`);
    }
    const done = kind === 'pickup' ? picked : ended;
    if (done.has(deliveryId))
      throw new QuestionError(`driver ${id} has two stops of one kind for delivery ${deliveryId}`);
    if (kind === 'pickup' && ended.has(deliveryId)) {
      throw new QuestionError(`driver ${id} drops delivery ${deliveryId} off before its pickup`);
    }
    if (kind === 'return' && picked.has(deliveryId)) {
      throw new QuestionError(`driver ${id} picks delivery ${deliveryId} up and brings it back`);
    }
    done.add(deliveryId);
  }
  for (const deliveryId of picked) {
    if (!ended.has(deliveryId)) {
      throw new QuestionError(`driver ${id} picks delivery ${deliveryId} up and never drops it off`);
    }
  }
  return ended;
}

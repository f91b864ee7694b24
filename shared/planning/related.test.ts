import { expect, test } from 'vitest';
import { buildModel } from './model.ts';
import { crowdQuestion } from './questions.testing.ts';
import { openRelated, relatedTo } from './related.ts';

test('a delivery is the first of those related to it, however many are just like it', () => {
  const model = buildModel(crowdQuestion({ busy: 60, idle: 0, waiting: 40 }));
  const related = openRelated(model);
  const firsts = model.deliveries.map((_, i) => relatedTo(related, i)[0]);
  expect(firsts).toEqual(model.deliveries.map((_, i) => i));
});

import { expect, test } from 'vitest';
import { boardPage } from '#shared/flows/changes.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { api } from '../api.ts';
import { endpoints } from './index.ts';

const given = givenAskingShop([...api, ...endpoints]);

async function pages(limit: number) {
  const answers = [];
  for (let query = `limit=${limit}`; ; ) {
    const { status, body } = await given.ask('GET', `/v1/changes?${query}`);
    expect(status).toBe(200);
    answers.push(body);
    if (body.more === null) return answers;
    query = `limit=${limit}&more=${body.more}`;
  }
}

test('the board comes in pages: each delivery once, the drivers with the first, and the cursor goes on from there', async () => {
  await given.driverAt();
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push((await given.ask('POST', '/v1/deliveries', { body: order })).body.id);
  const answers = await pages(2);
  expect(answers.map(({ deliveries }) => deliveries.length)).toEqual([2, 2, 1]);
  expect(answers.map(({ full }) => full)).toEqual([true, false, false]);
  expect(answers.map(({ drivers }) => drivers.length)).toEqual([1, 0, 0]);
  const shown = answers.flatMap(({ deliveries }) => deliveries.map(({ id }: { id: string }) => id));
  expect(shown).toEqual(ids.sort().reverse());
  const { body: later } = await given.ask('POST', '/v1/deliveries', { body: order });
  const { body: since } = await given.ask('GET', `/v1/changes?after=${answers[0].cursor}`);
  expect(since.deliveries.map(({ id }: { id: string }) => id)).toContain(later.id);
});

test('without a limit everything comes at once, as ever', async () => {
  for (let n = 0; n < 3; n += 1) await given.ask('POST', '/v1/deliveries', { body: order });
  const { body } = await given.ask('GET', '/v1/changes');
  expect(body).toMatchObject({ full: true });
  expect(body.deliveries).toHaveLength(3);
});

test('24 who ask for the board at once cost two readings', async () => {
  const { run } = given.deps.db;
  const texts: string[] = [];
  const db = {
    ...given.deps.db,
    run: (<Row>(text: string, parameters?: readonly unknown[]) => {
      texts.push(text);
      return run<Row>(text, parameters);
    }) as typeof run,
  };
  await Promise.all(Array.from({ length: 24 }, () => boardPage({ db }, given.shop.shopId, null, 10)));
  expect(texts).toHaveLength(2);
});

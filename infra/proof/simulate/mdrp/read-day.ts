import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SimulateError } from '../simulate-error.ts';
import type { Courier, MealDay, MealOrder, Restaurant } from './day.ts';

/** The four files of an instance. */
const ORDERS = 'orders.txt';
const RESTAURANTS = 'restaurants.txt';
const COURIERS = 'couriers.txt';
const PARAMETERS = 'instance_parameters.txt';

/**
 * Names of the instances in a folder, in order: its subfolders that hold an order file.
 * @param chosen only these; null: all
 * @throws SimulateError where there is no such folder, no instance in it, or none of a chosen name
 */
export function findDays(folder: string, chosen: readonly string[] | null): string[] {
  if (!existsSync(folder)) throw new SimulateError(`--mdrp: there is no folder ${folder}`);
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isFile() && existsSync(path.join(folder, entry.name, ORDERS)))
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) throw new SimulateError(`--mdrp: no folder in ${folder} has a file ${ORDERS}`);
  const unknown = chosen?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new SimulateError(`--instances: there is no ${unknown} in ${folder}; there are: ${names.join(' ')}`);
  return chosen ? [...new Set(chosen)] : names;
}

/** @throws SimulateError naming file and line of what cannot be read */
export function readDay(folder: string, name: string): MealDay {
  const rows = (file: string) => readRows(path.join(folder, name, file));
  const restaurants: Restaurant[] = rows(RESTAURANTS).map((row) => ({ id: row.text('restaurant'), ...row.point() }));
  const restaurantOf = new Map(restaurants.map((restaurant) => [restaurant.id, restaurant]));
  const orders: MealOrder[] = rows(ORDERS).map((row) => {
    const restaurant = restaurantOf.get(row.text('restaurant'));
    if (!restaurant) throw row.wrong(`no restaurant ${row.text('restaurant')} in ${RESTAURANTS}`);
    const times = { placedAt: row.number('placement_time'), readyAt: row.number('ready_time') };
    return { id: row.text('order'), ...row.point(), restaurant, ...times };
  });
  const couriers: Courier[] = rows(COURIERS).map((row) => ({
    id: row.text('courier'),
    ...row.point(),
    onAt: row.number('on_time'),
    offAt: row.number('off_time'),
  }));
  const [parameters] = rows(PARAMETERS);
  if (!parameters) throw new SimulateError(`${path.join(folder, name, PARAMETERS)} has no line of values`);
  return {
    name,
    metresPerMinute: parameters.number('meters_per_minute'),
    pickupService: parameters.number('pickup service minutes'),
    dropoffService: parameters.number('dropoff service minutes'),
    targetClickToDoor: parameters.number('target click-to-door'),
    payPerOrder: parameters.number('pay per order'),
    guaranteedPayPerHour: parameters.number('guaranteed pay per hour'),
    orders,
    restaurants,
    couriers,
  };
}

interface Row {
  text(column: string): string;
  number(column: string): number;
  point(): { x: number; y: number };
  wrong(what: string): SimulateError;
}

/** Lines of tab-separated values under a line of their names. */
function readRows(file: string): Row[] {
  if (!existsSync(file)) throw new SimulateError(`there is no file ${file}`);
  const [head = '', ...lines] = readFileSync(file, 'utf8').split(/\r?\n/);
  const columns = new Map(head.split('\t').map((name, column) => [name.trim(), column]));
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [rowOf(file, columns, line, index + 2)]));
}

function rowOf(file: string, columns: ReadonlyMap<string, number>, line: string, lineNumber: number): Row {
  const values = line.split('\t');
  const wrong = (what: string) => new SimulateError(`${file}, line ${lineNumber}: ${what}`);
  const text = (column: string) => {
    const value = values[columns.get(column) ?? -1]?.trim();
    if (!value) throw wrong(`no ${column}`);
    return value;
  };
  const number = (column: string) => {
    const value = Number(text(column));
    if (!Number.isFinite(value)) throw wrong(`${column} is not a number: ${text(column)}`);
    return value;
  };
  return { text, number, wrong, point: () => ({ x: number('x'), y: number('y') }) };
}

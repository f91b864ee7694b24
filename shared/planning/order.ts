/** By code unit, as Postgres orders uuids: never by the locale of the machine. */
export function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function byId(a: { id: string }, b: { id: string }): number {
  return compareIds(a.id, b.id);
}

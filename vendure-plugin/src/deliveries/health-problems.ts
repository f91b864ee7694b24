/** What an owner has to mend. */
export interface HealthProblem {
  /** For whoever says it in another language. */
  code: keyof typeof PROBLEMS;
  /** What the words name: how many, or what was met. */
  value: string | null;
  /** In English. */
  text: string;
}

export const PROBLEMS = {
  unreachable: (met: string) => `The dispatch service does not answer at serviceUrl (${met}).`,
  key: () => 'The dispatch service does not know apiKey: is it its DEFAULT_SHOP_KEY?',
  key_scope: () =>
    'apiKey may only read: steps done by hand reach no driver, and nothing is reassigned or retried. Give the plugin a key with the scope `dispatch`.',
  key_shop: (both: string) =>
    `apiKey is a key of another shop than \`shop\` says: ${both}. What is seen, changed and reassigned here is the other shop's.`,
  unlocated: (count: string) =>
    `${count === '1' ? '1 delivery waits' : `${count} deliveries wait`} for coordinates: no driver is looked for.`,
  unsent: (count: string) =>
    `${count === '1' ? '1 order waits' : `${count} orders wait`} in the shop, mostly for stock (see the notes): no driver is sent.`,
  window: (count: string) =>
    `${count === '1' ? '1 order is' : `${count} orders are`} delivered at another time than the customer chose (see the notes): call them.`,
  secret: () => 'The dispatch service refuses what signingSecret signs: is it its DEFAULT_SHOP_SECRET?',
  callback_no_url: () => 'The dispatch service has no address to call back: set its DEFAULT_SHOP_WEBHOOK_URL.',
  callback_disabled: () =>
    'The dispatch service calls this shop no more, since it was answered 410: set its webhook again.',
  callback_secret: () =>
    'This shop refuses what the dispatch service signs: is callbackSecret its DEFAULT_SHOP_WEBHOOK_SECRET?',
  callback: (met: string) =>
    `The dispatch service cannot call this shop back (${met}): is its DEFAULT_SHOP_WEBHOOK_URL right?`,
};

export function problem(code: HealthProblem['code'], value: string | null = null): HealthProblem {
  return { code, value, text: PROBLEMS[code](value ?? '') };
}

/** @param detail what the service met when it called this shop: a status, or a short code */
export function callbackProblem(detail: string): HealthProblem {
  switch (detail) {
    case 'no_url':
      return problem('callback_no_url');
    case 'disabled':
      return problem('callback_disabled');
    case 'status 401':
      return problem('callback_secret');
    default:
      return problem('callback', detail);
  }
}

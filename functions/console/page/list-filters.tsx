import { say } from './language.ts';

/** What narrows and sorts a list: choices with how many each holds, a search, an order. */
export function ListFilters<Filter extends string, Order extends string>(given: {
  /** Of the search: what it searches. */
  search: string;
  placeholder: string;
  filters: readonly { name: Filter; label: string; count: number }[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
  words: string;
  onWords: (words: string) => void;
  orders: readonly { name: Order; label: string }[];
  order: Order;
  onOrder: (order: Order) => void;
}) {
  return (
    <div class="filters">
      <fieldset class="choices">
        <legend class="unseen">{say().lists.show}</legend>
        {given.filters.map(({ name, label, count }) => (
          <label key={name}>
            <input type="radio" name="filter" checked={given.filter === name} onChange={() => given.onFilter(name)} />
            <span>
              {label} <b>{count}</b>
            </span>
          </label>
        ))}
      </fieldset>
      <input
        type="search"
        aria-label={given.search}
        placeholder={given.placeholder}
        value={given.words}
        onInput={(event) => given.onWords(event.currentTarget.value)}
      />
      <select
        aria-label={say().lists.order}
        value={given.order}
        onChange={(event) => given.onOrder(event.currentTarget.value as Order)}
      >
        {given.orders.map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The names in a table of filters or orders, in its order. */
export function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(table) as Name[];
}

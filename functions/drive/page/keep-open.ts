/** What a connection that is gone answers: to a call, to a question that was on its way, and Safari to either. */
const GONE: ReadonlySet<string> = new Set(['InvalidStateError', 'AbortError', 'UnknownError']);

/** Does `work`, which may be done twice, on a connection. @throws what opening it, or the work, throws */
export type OnConnection<Connection> = <Result>(work: (connection: Connection) => Promise<Result>) => Promise<Result>;

/**
 * One connection for all, opened at the first need; one that is gone, or did not open, is opened anew, and the work done
 * once more. iOS takes a page's away while it is in the background: a page that held on to it would keep nothing more.
 * @param open is given what to call when its connection is gone
 */
export function keepOpen<Connection>(open: (onGone: () => void) => Promise<Connection>): OnConnection<Connection> {
  let opened: Promise<Connection> | undefined;
  const forget = (one: Promise<Connection>) => {
    if (opened === one) opened = undefined;
  };
  const connect = () => {
    if (opened !== undefined) return opened;
    const opening: Promise<Connection> = open(() => forget(opening));
    opened = opening;
    opening.catch(() => forget(opening));
    return opening;
  };
  return async (work) => {
    const connected = connect();
    try {
      return await work(await connected);
    } catch (error) {
      if (!(error instanceof DOMException && GONE.has(error.name))) throw error;
      forget(connected);
      return work(await connect());
    }
  };
}

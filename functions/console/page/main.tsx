import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '#shared/pages/base.css';
import { ask, Refusal } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { Board } from './board.tsx';
import { Login } from './login.tsx';
import type { Session } from './store.ts';
import './main.css';
import { say, speakAsChosen } from './language.ts';

type State = { kind: 'asking' } | { kind: 'out'; why: string | null } | { kind: 'in'; session: Session };

/** The one-time login of `#login=<ticket>`; it leaves the address bar at once. */
async function redeemFragment(): Promise<string | null> {
  const ticket = /^#login=(.+)$/.exec(location.hash)?.[1];
  if (ticket === undefined) return null;
  history.replaceState(null, '', location.pathname);
  try {
    await ask('POST', '/console/session', { body: { ticket } });
    return null;
  } catch (error) {
    return refusalText(error, say().faults);
  }
}

function Console() {
  const [state, setState] = useState<State>({ kind: 'asking' });
  const enter = async (why: string | null) => {
    try {
      setState({ kind: 'in', session: await ask<Session>('GET', '/console/session') });
    } catch (error) {
      const away = error instanceof Refusal && error.status !== 401 ? refusalText(error, say().faults) : null;
      setState({ kind: 'out', why: why ?? away });
    }
  };
  useEffect(() => void redeemFragment().then(enter), []);
  const leave = async () => {
    await ask('DELETE', '/console/session').catch(() => {});
    setState({ kind: 'out', why: null });
  };
  switch (state.kind) {
    case 'asking':
      return <p class="asking">{say().oneMoment}</p>;
    case 'out':
      return <Login why={state.why} onDone={() => void enter(null)} />;
    case 'in':
      return (
        <Board
          session={state.session}
          onLeave={() => void leave()}
          onSignedOut={() => setState({ kind: 'out', why: say().sessionEnded })}
        />
      );
  }
}

speakAsChosen();
render(<Console />, document.getElementById('app')!);

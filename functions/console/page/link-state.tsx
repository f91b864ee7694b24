import type { Link } from '#shared/pages/follow.ts';

const WORDS: Readonly<Record<Link, { text: string; title: string }>> = {
  connecting: { text: 'Connecting', title: 'Asking for the present state' },
  streaming: { text: 'Live', title: 'Changes arrive as they happen' },
  polling: { text: 'Every 3 s', title: 'This host cannot stream: the page asks for changes every three seconds' },
  away: { text: 'No connection', title: 'What you see may be old; trying again' },
  signed_out: { text: 'Logged out', title: 'The session has ended' },
};

export function LinkState({ link }: { link: Link }) {
  const { text, title } = WORDS[link];
  return (
    <span class={`link ${link}`} role="status" title={title}>
      {text}
    </span>
  );
}

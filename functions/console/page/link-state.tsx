import type { Link } from '#shared/pages/follow.ts';
import { say } from './language.ts';

export function LinkState({ link }: { link: Link }) {
  const { text, title } = say().link[link];
  return (
    <span class={`link ${link}`} role="status" title={title}>
      {text}
    </span>
  );
}

import { render } from 'preact';
import '#shared/pages/base.css';
import { Drive } from './drive.tsx';
import { readIdentity } from './identity.ts';
import './main.css';

if ('serviceWorker' in navigator)
  void navigator.serviceWorker.register('/drive/worker.js', { scope: '/drive', type: 'module' }).catch(() => {});
const identity = readIdentity();

render(
  identity === null ? (
    <main class="alone">
      <h1>Drive</h1>
      <p>Ask your dispatcher for your link, or scan the QR code in the console.</p>
    </main>
  ) : (
    <Drive identity={identity} />
  ),
  document.getElementById('app')!,
);
